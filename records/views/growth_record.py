"""The mentee's growth record, and the certificate."""

import json

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AuditEvent
from core.http import form_page
from core.pdf import NoPdf
from mentoring.models import Pair
from records import growth
from records.growth import DEFAULT_SECTIONS, SECTIONS
from records.views.trace import pair_or_404
from sessions.models import Session

FEEDBACK = 40  # rows to choose from one by one; "all feedback" also includes older ones
TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}


class RecordForm(forms.Form):
    """The choice of what the growth record contains."""

    sections = forms.MultipleChoiceField(
        choices=[
            (name, words) for name, words in SECTIONS.items() if name != "feedback"
        ],  # feedback is chosen row by row
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    feedback = forms.TypedMultipleChoiceField(coerce=int, required=False, widget=forms.CheckboxSelectMultiple)
    all_feedback = forms.BooleanField(required=False)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in TYPES])

    def __init__(self, *args, pair: Pair, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = growth.feedback(pair)
        self.fields["sections"].label = _("What to include")
        self.fields["feedback"].label = _("Feedback to include")
        self.fields["all_feedback"].label = _("All feedback")
        self.fields["feedback"].choices = [
            (row["id"], Truncator(row["gist"]).chars(160)) for row in self.rows[:FEEDBACK]
        ]
        self.fields["sections"].initial = DEFAULT_SECTIONS
        if not self.rows:
            del self.fields["feedback"], self.fields["all_feedback"]

    def clean(self):
        chosen = super().clean()
        if not self.errors and not any(chosen.get(name) for name in ("sections", "feedback", "all_feedback")):
            raise forms.ValidationError(_("Choose at least one thing to include."))
        return chosen

    @property
    def chosen_feedback(self) -> list[int] | None:
        values = self.cleaned_data
        return None if values.get("all_feedback") else values.get("feedback", [])


def mine_or_404(request, pk: int) -> Pair:
    """Return the pair if this person is its mentee, who alone may create the record, even after the pair has ended."""
    mine = Pair.objects.visible_to(request.user).filter(mentee=request.user)
    return get_object_or_404(mine, pk=pk).for_reader(request.user)


@require_safe
def growth_record(request, pk):
    pair = mine_or_404(request, pk)
    return record_page(request, pair, RecordForm(pair=pair))


def record_page(request, pair: Pair, form: RecordForm) -> HttpResponse:
    return form_page(request, "records/growth_record.html", {"pair": pair, "form": form, "finished": is_finished(pair)})


@require_safe
def growth_record_download(request, pk):
    """Download the growth record."""
    pair = mine_or_404(request, pk)
    form = RecordForm(request.GET or {"sections": DEFAULT_SECTIONS, "kind": "html"}, pair=pair)
    if not form.is_valid():
        return record_page(request, pair, form)
    kind = form.cleaned_data["kind"]
    kept, sections = form.chosen_feedback, set(form.cleaned_data["sections"])
    if kept is None or kept:
        sections.add("feedback")
    record = growth.build_record(pair, sections, kept)
    try:
        body = BODIES[kind](record)
    except NoPdf as error:
        form.add_error(None, str(error))
        return record_page(request, pair, form)
    AuditEvent.record(request.user, AuditEvent.Action.GROWTH_RECORD_EXPORTED, pair)
    response = HttpResponse(body, content_type=TYPES[kind])
    name = f"growth-record-{record['made_on']:%Y-%m-%d}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


BODIES = {
    "html": growth.as_html,
    "pdf": growth.as_pdf,
    "json": lambda record: json.dumps(
        growth.as_json_data(record), default=growth.json_default, ensure_ascii=False, indent=1
    ),
}


@require_safe
def certificate(request, pk):
    """Show both people who met, in which program, from when to when and in how many sessions, once it is finished."""
    pair = pair_or_404(request, pk)
    held = Session.objects.filter(pair=pair).held()
    context = {"pair": pair, "finished": is_finished(pair)}
    if context["finished"]:
        last = held.order_by("-starts_at").first()
        # Once the content is deleted, the number of sessions is unknown; the certificate then omits it.
        context |= {"held": None if pair.content_deleted_at else held.count(), "until": pair.ended_at or last.starts_at}
    return render(request, "records/certificate.html", context)


def is_finished(pair: Pair) -> bool:
    """Return True if the pair has ended or its closing session was held."""
    return pair.ended_at is not None or Session.objects.filter(pair=pair, kind=Session.Kind.CLOSING).held().exists()
