"""The form that starts the debrief of a project."""

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import WorkEvent
from practice.forms.entries import PairForm
from practice.kinds import PROJECT_DEBRIEFS

EVENTS = 30  # the newest ones that are offered


class DebriefForm(PairForm):
    """How it went, and which work event it was; the event decides about which pair it is."""

    kind = forms.ChoiceField(label=_("How did it go?"), widget=forms.RadioSelect())
    work_event = forms.ModelChoiceField(queryset=WorkEvent.objects.none(), label=_("Which one?"), required=False)
    field_order = ["kind", "work_event", "pair"]

    def __init__(self, *args, pairs, user, **kwargs):
        super().__init__(*args, pairs=pairs, user=user, **kwargs)
        words = {"success": _("It went well"), "setback": _("It did not go as hoped")}
        self.fields["kind"].choices = [(str(name), words[name]) for name in PROJECT_DEBRIEFS]
        field, last_day = self.fields["work_event"], user.today()
        rows = WorkEvent.objects.filter(pair__in=pairs, dropped_at=None, happens_on__lte=last_day)
        newest = list(rows.order_by("-happens_on", "-pk")[:EVENTS])
        field.queryset = rows
        field.choices = [("", _("something else")), *((event.pk, event.title) for event in newest)]
        if not newest:
            del self.fields["work_event"]
        if len(pairs) < 2:
            del self.fields["pair"]
