"""Forms of practice entries."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.formatting import full_date
from core.widgets import DateInput
from goals.forms.fields import OffersRows
from goals.models import Competency, Goal, WorkEvent
from mentoring.models import Enrollment, Pair
from practice.models import Entry
from sessions.forms.pieces import PiecesForm
from sessions.models import Session
from sessions.texts import piece_of

SESSIONS = 12  # the newest ones that an entry can name


class EntryForm(PiecesForm):
    """The texts of an entry, one field for each prompt."""

    def __init__(self, data=None, *, entry: Entry):
        texts = [text for text in entry.texts.select_related("entry__author") if text.key not in entry.asked_later]
        super().__init__(data, pieces={text.key: piece_of(text, "text", title=text.label) for text in texts})
        for text in texts:
            prompt, _number = entry.about.prompt_of(text.key)
            field = self.fields[text.key]
            field.widget.attrs["rows"] = prompt.rows if prompt else 3
            field.spoken = text if prompt and prompt.is_spoken else None


class LinksForm(OffersRows, forms.ModelForm):
    """What an entry is about. Only the author sees these links until the entry is shared."""

    class Meta:
        model = Entry
        fields = ["happens_on", "competency", "goal", "session", "work_event"]
        widgets = {"happens_on": DateInput()}

    def __init__(self, *args, only: tuple[str, ...] | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        about = self.instance.about
        if only is None:
            only = [*about.asks, *(self.fields if about.about_pair else ())]
        asked = set(only) - ({"happens_on"} - set(about.asks))
        for name in set(self.fields) - asked:
            del self.fields[name]
        for name in set(self.fields) - {"happens_on"}:
            getattr(self, f"offer_{name}")(self.instance)

    def offer_competency(self, entry: Entry) -> None:
        programs = [entry.pair.program_id] if entry.pair else programs_of(entry.author)
        rows = Competency.objects.filter(program__in=programs)
        self.offer("competency", rows.current() | rows.filter(pk=entry.competency_id))

    def offer_goal(self, entry: Entry) -> None:
        rows = Goal.objects.filter(pair=entry.pair_id)
        self.offer("goal", rows.active() | rows.filter(pk=entry.goal_id))

    def offer_work_event(self, entry: Entry) -> None:
        rows = WorkEvent.objects.filter(pair=entry.pair_id)
        self.offer("work_event", rows.current() | rows.filter(pk=entry.work_event_id))

    def offer_session(self, entry: Entry) -> None:
        rows = Session.objects.filter(pair=entry.pair_id, canceled_at=None, skipped_at=None).order_by("-starts_at")
        newest = rows[:SESSIONS].values_list("pk", flat=True)
        self.fields["session"].label_from_instance = lambda session: full_date(session.starts_at)
        self.offer("session", rows.filter(pk__in=[*newest, entry.session_id]))

    def save(self) -> None:
        """Store the facts that were offered and submitted, and nothing else. Without a date, the event has one."""
        submitted = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        if "happens_on" in submitted and submitted.get("work_event") and not submitted["happens_on"]:
            submitted["happens_on"] = submitted["work_event"].happens_on
        if not submitted:
            return
        Entry.objects.filter(pk=self.instance.pk).update(touched_at=timezone.now(), **submitted)
        self.instance.touch_readers()


class PairForm(forms.Form):
    """A choice among the running pairs of a person, for an entry or for what comes of it."""

    pair = forms.ModelChoiceField(queryset=Pair.objects.none(), label=_("About your work with"), required=False)

    def __init__(self, *args, pairs: list[Pair], user, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["pair"]
        field.queryset = Pair.objects.filter(pk__in=[pair.pk for pair in pairs])
        field.choices = [("", _("nobody in particular")), *((pair.pk, str(pair.other(user))) for pair in pairs)]


def programs_of(user) -> list[int]:
    """Return the programs in which this person is a mentor or mentee now."""
    rows = Enrollment.objects.current().filter(user=user, role__in=Enrollment.SIDES)
    return list(rows.values_list("program", flat=True))
