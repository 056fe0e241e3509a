"""The mentee's own record and, at the end, the certificate."""

import json

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AuditEvent
from mentoring.models import Pair
from records import growth
from records.growth import AT_FIRST, SECTIONS, NoPdf
from records.views.trace import pair_or_404
from sessions.models import Session

FEEDBACK = 40  # rows to choose from one by one; older ones come along with "all of it"
TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}


class RecordForm(forms.Form):
    """What goes into the record."""

    sections = forms.MultipleChoiceField(
        choices=[(name, words) for name, words in SECTIONS.items() if name != "feedback"],  # that is chosen row by row
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    feedback = forms.TypedMultipleChoiceField(coerce=int, required=False, widget=forms.CheckboxSelectMultiple)
    all_feedback = forms.BooleanField(required=False)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in TYPES])

    def __init__(self, *args, pair: Pair, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = growth.feedback(pair)
        self.fields["sections"].label = _("What goes in?")
        self.fields["feedback"].label = _("Which feedback do you keep?")
        self.fields["all_feedback"].label = _("All of the feedback")
        self.fields["feedback"].choices = [
            (row["id"], Truncator(row["differently"] or row["happened"] or row["intended"]).chars(160))
            for row in self.rows[:FEEDBACK]
        ]
        self.fields["sections"].initial = AT_FIRST
        if not self.rows:
            del self.fields["feedback"], self.fields["all_feedback"]

    def clean(self):
        chosen = super().clean()
        if not self.errors and not any(chosen.get(name) for name in ("sections", "feedback", "all_feedback")):
            raise forms.ValidationError(_("Choose at least one thing to put into your record."))
        return chosen

    @property
    def chosen_feedback(self) -> list[int] | None:
        said = self.cleaned_data
        return None if said.get("all_feedback") else said.get("feedback", [])


def mine_or_404(request, pk: int) -> Pair:
    """The record is the mentee's: nobody else makes it, also not the mentor. It outlives the pair."""
    return get_object_or_404(Pair.objects.visible_to(request.user).filter(mentee=request.user).with_people(), pk=pk)


@require_safe
def growth_record(request, pk):
    pair = mine_or_404(request, pk)
    context = {"pair": pair, "form": RecordForm(pair=pair), "finished": is_finished(pair)}
    return render(request, "records/growth_record.html", context)


@require_safe
def growth_file(request, pk):
    """The record as a file to keep."""
    pair = mine_or_404(request, pk)
    form = RecordForm(request.GET or {"sections": AT_FIRST, "kind": "html"}, pair=pair)
    if not form.is_valid():
        context = {"pair": pair, "form": form, "finished": is_finished(pair)}
        return render(request, "records/growth_record.html", context, status=422)
    kind = form.cleaned_data["kind"]
    kept, sections = form.chosen_feedback, set(form.cleaned_data["sections"])
    if kept is None or kept:
        sections.add("feedback")
    made = growth.record(pair, sections, kept)
    try:
        body = BODIES[kind](made)
    except NoPdf as error:
        form.add_error(None, str(error))
        context = {"pair": pair, "form": form, "finished": is_finished(pair)}
        return render(request, "records/growth_record.html", context, status=422)
    AuditEvent.record(request.user, "growth record exported", pair)
    response = HttpResponse(body, content_type=TYPES[kind])
    name = f"growth-record-{made['made_on']:%Y-%m-%d}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


BODIES = {
    "html": growth.as_html,
    "pdf": growth.as_pdf,
    "json": lambda made: json.dumps(growth.as_data(made), default=growth.plain, ensure_ascii=False, indent=1),
}


@require_safe
def certificate(request, pk):
    """Facts alone: who, in which program, from when to when, how many sessions. For both, once it is finished."""
    pair = pair_or_404(request, pk)
    held = Session.objects.filter(pair=pair).held()
    context = {"pair": pair, "finished": is_finished(pair)}
    if context["finished"]:
        last = held.order_by("-starts_at").first()
        # Sessions went with what was written; a certificate does not say "none" instead.
        context |= {"held": None if pair.content_deleted_at else held.count(), "until": pair.ended_at or last.starts_at}
    return render(request, "records/certificate.html", context)


def is_finished(pair: Pair) -> bool:
    """The pair ended, or its closing session was held."""
    return pair.ended_at is not None or Session.objects.filter(pair=pair, kind=Session.Kind.CLOSING).held().exists()
