from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.submit_once import submit_once
from core.http import form_page
from core.optimistic_locking import Conflict
from mentoring import agreement_defaults
from mentoring.forms import AgreementForm
from mentoring.models import Agreement, Pair


@require_safe
def agreement_detail(request, pk):
    """Show the newest version, or an older one by ?version=N; also after the pair has ended."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    versions = pair.attach_people(pair.agreements.prefetch_related("signatures"))
    shown = next((each for each in versions if str(each.version) == request.GET.get("version")), None)
    shown = shown or (versions[0] if versions else None)
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "agreement": shown,
        "versions": versions,
        "is_newest": bool(versions) and shown == versions[0],
        "state": pair.agreement_state(request.user),
        "signed": {signature.user_id: signature.signed_at for signature in shown.signatures.all()} if shown else {},
    }
    return render(request, "mentoring/agreement_detail.html", context)


def agreement_edit(request, pk):
    """Propose a version; if the other person has proposed one since, show both (409)."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    form = AgreementForm(request.POST or None, initial=agreement_defaults.proposal(pair))
    context = {"pair": pair, "other": pair.other(request.user), "form": form}
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "mentoring/agreement_edit.html", context)
    try:
        propose_once(request, pair, form)
    except Conflict as conflict:
        form.data = form.data.copy()
        form.data["based_on"] = conflict.current.version
        return render(request, "mentoring/agreement_edit.html", context | {"newer": conflict.current}, status=409)
    messages.success(
        request, _("Proposed, and you agree. Now %(name)s needs to agree.") % {"name": context["other"].first_name}
    )
    return redirect("agreement_detail", pk)


def propose_once(request, pair: Pair, form: AgreementForm) -> None:
    submit_once(
        request,
        lambda: Agreement.propose(pair, request.user, form.cleaned_data["based_on"], **form.terms()).pk,
    )


@require_POST
def agreement_sign(request, pk):
    """Record "I agree", but only to the newest version."""
    agreement = get_object_or_404(Agreement.objects.editable_by(request.user).select_related("pair"), pk=pk)
    if agreement == Agreement.newest(agreement.pair):
        agreement.sign(request.user)
        messages.success(request, _("You agree."))
    else:
        messages.warning(request, _("There is a newer version now. Please read it first."))
    return redirect("agreement_detail", agreement.pair_id)
