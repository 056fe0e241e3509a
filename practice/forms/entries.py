"""Forms of practice entries."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.formatting import full_date
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
        rows = {prompt.name: prompt.rows for prompt in entry.about.prompts}
        texts = list(entry.texts.select_related("entry__author"))
        super().__init__(data, pieces={text.key: piece_of(text, "text", title=text.label) for text in texts})
        for text in texts:
            self.fields[text.key].widget.attrs["rows"] = rows.get(text.key, 3)


class LinksForm(OffersRows, forms.ModelForm):
    """What an entry is about. Only the author sees these links until the entry is shared."""

    class Meta:
        model = Entry
        fields = ["competency", "goal", "session", "work_event"]

    def __init__(self, *args, only: tuple[str, ...] = (), **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(only or self.fields):
            del self.fields[name]
        for name in list(self.fields):
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
        """Store the links that were offered, and nothing else."""
        Entry.objects.filter(pk=self.instance.pk).update(**self.cleaned_data)
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
