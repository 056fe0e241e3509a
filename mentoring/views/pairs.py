from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.submit_once import submit_once
from core.formatting import full_date
from core.http import form_page
from core.optimistic_locking import Conflict
from mentoring import pair_end_hooks
from mentoring.forms import PairEndForm, PairForm
from mentoring.models import Enrollment, Pair, Program
from mentoring.views.ending import offer_undo

NAMED = 20  # people who have to accept first


def pair_create(request, pk):
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    chosen = {role: request.GET.get(role, "") for role in ("mentor", "mentee")}
    form = PairForm(request.POST or None, program=program, initial=chosen)
    if request.method == "POST" and form.is_valid() and pair_once(request, program, form):
        return redirect("program_detail", pk)
    people = program.enrollments.current()
    lacking = {role for role in Enrollment.SIDES if not people.filter(role=role).exists()}
    must_accept = list(program.enrollments.must_accept().prefetch_related("user").order_by("name", "pk")[: NAMED + 1])
    context = {
        "form": form,
        "program": program,
        "lacking": lacking,
        "must_accept": must_accept[:NAMED],
        "more_must_accept": must_accept[NAMED:],
    }
    return form_page(request, "mentoring/pair_create.html", context)


def pair_once(request, program: Program, form: PairForm) -> bool:
    """Start the pair; if the model refuses, add its error to the form."""
    mentor, mentee = form.cleaned_data["mentor"].user, form.cleaned_data["mentee"].user
    try:
        submit_once(
            request,
            lambda: Pair.start(request.user, program, mentor, mentee).pk,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, _("%(mentor)s and %(mentee)s are now a pair.") % {"mentor": mentor, "mentee": mentee})
    return True


def pair_end_date(request, pk):
    """Change the end date of a running pair."""
    while True:
        pair = get_object_or_404(Pair.objects.managed_by(request.user).active(), pk=pk)
        form = PairEndForm(request.POST or None, instance=pair)
        if request.method != "POST" or not form.is_valid():
            context = {"form": form, "pair": pair}
            return render(request, "mentoring/pair_end_date.html", context, status=form.error_status)
        try:
            form.store(request.user)
        except Conflict:  # another admin saved at the same moment: load the pair again
            continue
        text = _("%(mentor)s and %(mentee)s now end on %(day)s.")
        day = full_date(form.cleaned_data["ends_on"])
        messages.success(request, text % {"mentor": pair.mentor, "mentee": pair.mentee, "day": day})
        return redirect("program_detail", pair.program_id)


def pair_end(request, pk):
    """End a pair as an admin, after a confirmation page; both people keep what they wrote."""
    pair = get_object_or_404(Pair.objects.managed_by(request.user).active(), pk=pk)
    if request.method != "POST":
        context = {"pair": pair, "planned": pair_end_hooks.planned_sessions.ask(pair)}
        return render(request, "mentoring/pair_end.html", context)
    pair.end(request.user)
    names = {"mentor": pair.mentor, "mentee": pair.mentee}
    offer_undo(request, pair, _("%(mentor)s and %(mentee)s are no longer a pair.") % names)
    return redirect("program_detail", pair.program_id)
