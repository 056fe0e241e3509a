"""Resources of a pair: recommend one of the library, add one, note how it goes.

They end in what the mentee does with them: a commitment to work with one, and a lesson once it is finished.
"""

from collections import defaultdict

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.http import form_page
from goals.views.editing import Action, create, edit, editable_or_404, get_or_post, return_to, return_with_undo
from mentoring.models import Pair
from practice.forms.resources import PairResourceForm, StatusForm, WhyForm
from practice.models import PairResource, Resource
from practice.models.resource import MOST


@require_safe
def pair_resource_list(request, pk):
    pairs = Pair.objects.visible_to(request.user).select_related("program")
    pair = get_object_or_404(pairs, pk=pk).for_reader(request.user)
    return resources_page(request, pair)


def resources_page(request, pair: Pair, wrong: PairResource | None = None, form: StatusForm | None = None):
    """Show the resources of a pair and, while it runs, the library.

    `form` is the one that was submitted with errors for `wrong`.
    """
    rows = pair.attach_people(pair.resources.current().with_facts())
    for row in rows:
        row.pair = pair
        initial = {"status": row.status, "usefulness": row.usefulness}
        row.status_form = form if wrong == row else StatusForm(initial=initial, auto_id=f"id_%s_{row.pk}")
    used, is_open = {row.resource_id for row in rows}, pair.ended_at is None
    library, listed = defaultdict(list), Resource.objects.filter(program=pair.program_id).current()
    for one in listed.by_competency()[:MOST] if is_open else ():
        if one.pk not in used:
            library[one.competency].append(one)
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "open": is_open,
        "is_mentee": pair.is_mentee(request.user),
        "resources": rows,
        "library": list(library.items()),
        "form": form,
    }
    return form_page(request, "practice/pair_resource_list.html", context)


@get_or_post
def pair_resource_create(request, pk):
    return create(request, pk, PairResourceForm, list_url_name="pair_resource_list")


@get_or_post
def pair_resource_recommend(request, pk, resource_pk):
    """Recommend a resource of the library to the mentee with one line why, or as the mentee plan it."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    resource = get_object_or_404(Resource.objects.filter(program=pair.program_id).current(), pk=resource_pk)
    form = WhyForm(request.POST if request.method == "POST" else None, pair=pair, user=request.user)
    if request.method != "POST" or not form.is_valid():
        context = {"pair": pair, "other": pair.other(request.user), "resource": resource, "form": form}
        return form_page(request, "practice/pair_resource_recommend.html", context)
    return redirect(PairResource.recommend(pair, request.user, resource, form.cleaned_data["why"]).get_absolute_url())


@get_or_post
def pair_resource_edit(request, pk):
    row = editable_or_404(request, PairResource, pk)
    action = Action(reverse("pair_resource_drop", args=[pk]), _("Remove"))
    if row.dropped_at:
        action = Action(reverse("pair_resource_reopen", args=[pk]), _("Restore"))
    return edit(request, row, PairResourceForm, [action])


@require_POST
def pair_resource_drop(request, pk):
    row = editable_or_404(request, PairResource, pk)
    row.drop(request.user)
    title = (_("Removed: %(title)s") % {"title": row}).replace("%", "%%")
    return return_with_undo(request, row, title, "pair_resource_reopen")


@require_POST
def pair_resource_reopen(request, pk):
    """Restore a resource, unless the pair has the same one again."""
    row = editable_or_404(request, PairResource, pk)
    again = PairResource.objects.filter(pair=row.pair, resource=row.resource_id).current()
    with row.pair.locked():
        if row.resource_id is None or not again.exists():
            row.reopen(request.user)
    return return_to(request, row)


@require_POST
def pair_resource_rate(request, pk):
    """Store the status and the usefulness that the mentee gives."""
    rows = PairResource.objects.editable_by(request.user).current().filter(pair__mentee=request.user)
    row = get_object_or_404(rows.select_related("pair"), pk=pk)
    form = StatusForm(request.POST, auto_id=f"id_%s_{row.pk}")
    if not form.is_valid():
        return resources_page(request, row.pair.for_reader(request.user), row, form)
    row.rate(form.cleaned_data["status"], form.cleaned_data["usefulness"])
    messages.success(request, _("Saved."))
    return redirect(row.get_absolute_url())
