"""When and where a session takes place, and why it does not."""

from datetime import date, datetime, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formatting import day, when
from core.merging_forms import MergingForm
from goals.forms import DateInput
from mentoring.models import Cadence, Pair
from sessions.agendas import Kind
from sessions.cadence import at_wall_clock
from sessions.models import Session
from sessions.planning import planned_near, series_starts
from sessions.time_warnings import warnings_about

FAR = timedelta(days=3 * 365)


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **attrs):
        super().__init__(attrs=attrs, format="%H:%M")


class TimeForm(forms.Form):
    """A date, a time on somebody's clock, a length. What is doubtful is stored on a second press (`sure`)."""

    on = forms.DateField(label=gettext_lazy("Day"), widget=DateInput())
    at = forms.TimeField(label=gettext_lazy("Time"), widget=TimeInput())
    zone = forms.ChoiceField(label=gettext_lazy("On whose clock?"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), validators=[MinValueValidator(15), MaxValueValidator(240)]
    )
    sure = forms.CharField(required=False, widget=forms.HiddenInput)

    moving: Session | None = None
    is_stale = False  # the other person changed the same meanwhile: see MergingForm

    def __init__(self, *args, pair: Pair, user, zone: str = "", **kwargs):
        self.pair, self.user = pair, user
        self.doubts: list[str] = []
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = zone_choices(pair, user, zone)
        if len(self.fields["zone"].choices) == 1:
            self.fields["zone"].widget = forms.HiddenInput()
        self.fields["minutes"].widget.attrs |= {"min": 15, "max": 240, "step": 5, "inputmode": "numeric"}

    @property
    def local_start(self) -> datetime:
        return datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"].replace(second=0, microsecond=0))

    @property
    def starts(self) -> list[datetime]:
        """Every naive local time that is asked for."""
        return [self.local_start]

    @property
    def asked(self) -> str:
        """What `sure` must say: a second press counts for the time it was warned about, and for no other."""
        said = self.cleaned_data
        return f"{self.local_start:%Y-%m-%dT%H:%M} {said['zone']} {said['minutes']}"

    @property
    def times(self) -> tuple[datetime, datetime] | None:
        """Start and end as instants, once day, time and length are known."""
        said = self.cleaned_data if self.is_bound else self.initial
        if not {"on", "at", "zone", "minutes"} <= said.keys():
            return None
        starts_at = at_wall_clock(datetime.combine(said["on"], said["at"]), said["zone"])
        return starts_at, starts_at + timedelta(minutes=said["minutes"])

    def clean_on(self) -> date:
        on = self.cleaned_data["on"]
        if abs(on - self.user.today()) > FAR:
            raise forms.ValidationError(_("That is more than three years away. Please check the year."))
        return on

    def clean(self):
        said = super().clean()
        if not self.errors and not self.is_unchanged():
            self.doubts = self.find_doubts()
            if self.doubts and said.get("sure") != self.asked:
                self.data = self.data.copy()
                self.data["sure"] = self.asked
                raise forms.ValidationError(self.doubts)
        return said

    def find_doubts(self) -> list[str]:
        said, moving = self.cleaned_data, [self.moving] if self.moving else []
        return warnings_about(self.pair, self.starts, said["zone"], said["minutes"], moving)

    def is_unchanged(self) -> bool:
        return False


class ScheduleForm(TimeForm):
    """One session, or one and its repetitions."""

    place = forms.CharField(
        label=gettext_lazy("Place"), max_length=500, required=False, help_text=gettext_lazy("A link or a room.")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Agenda"), choices=Kind.choices)
    repeat = forms.ChoiceField(label=gettext_lazy("Repeat"), required=False)
    until = forms.DateField(label=gettext_lazy("until"), required=False, widget=DateInput())

    field_order = ["on", "at", "zone", "minutes", "repeat", "until", "place", "kind"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["repeat"].choices = [("", _("just this once")), *Cadence.choices]

    @property
    def starts(self) -> list[datetime]:
        said = self.cleaned_data
        if not said.get("repeat"):
            return [self.local_start]
        return series_starts(self.pair, self.local_start, said["repeat"], said.get("until")) or [self.local_start]

    def clean(self):
        said = super().clean()
        if said.get("repeat") and said.get("on"):
            if said.get("until") and said["until"] < said["on"]:
                self.add_error("until", _("That is before the first session. Pick a later day, or repeat nothing."))
            elif said["on"] > self.pair.ends_on:
                ends = {"day": day(self.pair.ends_on)}
                self.add_error("repeat", _("Your time together ends %(day)s: plan this one alone.") % ends)
        return said


class MoveForm(MergingForm, TimeForm):
    """Another time, length or place for a planned session; only what the person changed is stored."""

    place = forms.CharField(label=gettext_lazy("Place"), max_length=500, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=300, required=False, help_text=gettext_lazy("You both see it.")
    )

    and_later = forms.BooleanField(
        label=gettext_lazy("This and all later ones of the series"),
        required=False,
        help_text=gettext_lazy("Each moves by as many days, to the same hour, length and place."),
    )

    together = ("on", "at", "zone", "minutes")
    merged = (*together, "place")

    def __init__(self, *args, session: Session, **kwargs):
        self.moving = session
        kwargs["initial"] = {
            "on": session.planned_date,
            "at": session.planned_for.time(),
            "zone": session.zone,
            "minutes": session.minutes,
            "place": session.place,
        }
        super().__init__(*args, pair=session.pair, zone=session.zone, **kwargs)
        later = session.series.sessions.planned_from(session).exclude(pk=session.pk) if session.series_id else []
        self.later = list(later)
        if not self.later:
            del self.fields["and_later"]
        self.carry_what_is_shown()

    @property
    def moved_along(self) -> list[Session]:
        """The later sessions of the series that move, too."""
        return self.later if self.cleaned_data.get("and_later") else []

    @property
    def starts(self) -> list[datetime]:
        days = self.local_start.date() - self.moving.planned_for.date()
        later = [session.planned_for.date() + days for session in self.moved_along]
        return [self.local_start, *(datetime.combine(on, self.local_start.time()) for on in later)]

    @property
    def asked(self) -> str:
        return super().asked + (" +" if self.moved_along else "")

    def find_doubts(self) -> list[str]:
        said, moving = self.cleaned_data, [self.moving, *self.moved_along]
        return warnings_about(self.pair, self.starts, said["zone"], said["minutes"], moving)

    @property
    def lost_the_time(self) -> bool:
        """Whether the other person moved it while this form, with another time, was open."""
        return self.is_stale and bool(self.errors.keys() & set(self.together))

    def is_unchanged(self) -> bool:
        return not set(self.changed_data) & set(self.together)

    def save(self, by) -> None:
        """Raises NotLive or Conflict where the other person was faster by a moment."""
        said, session = self.cleaned_data, self.moving
        with transaction.atomic():
            time = (self.local_start, said["zone"], said["minutes"])
            if not self.is_unchanged() and self.moved_along:
                session.series.move_from(by, session, *time, said["reason"])
            elif not self.is_unchanged():
                session.move(by, *time, said["reason"], expected=session.version)
            if said["place"] != session.place:
                session.meet_at(by, said["place"], expected=session.version)
                for later in self.moved_along:
                    later.meet_at(by, said["place"])


class CallOffForm(forms.Form):
    """Why it does not take place."""

    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=300)
    and_later = forms.BooleanField(label=gettext_lazy("And all later ones of this series"), required=False)

    def __init__(self, *args, session: Session, with_later: bool, **kwargs):
        super().__init__(*args, **kwargs)
        for_whom = {"mentor": session.pair.mentor.first_name, "mentee": session.pair.mentee.first_name}
        self.fields["reason"].help_text = _("A few words are enough; %(mentee)s and %(mentor)s both see it.") % for_whom
        if not with_later:
            del self.fields["and_later"]


class LogForm(TimeForm):
    """A meeting that took place elsewhere: when, how long, one line; and whether it was a session that was planned."""

    ANOTHER = "another"

    line = forms.CharField(
        label=gettext_lazy("What was it about?"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("One line is enough, or none."),
    )
    was = forms.CharField(label=gettext_lazy("Which meeting was it?"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.planned: Session | None = None  # the session that it was

    @property
    def asks_which(self) -> bool:
        return bool(self.fields["was"].widget.choices)

    def clean(self):
        said = super().clean()
        if not self.errors and self.times[0] > timezone.now():
            self.add_error("on", _("That is still to come. Plan it as a session instead."))
        if not self.errors:
            self.find_planned()
        return said

    def find_planned(self) -> None:
        """The session planned for that very moment is meant; of another one nearby the form asks."""
        near = planned_near(self.pair, self.times[0])
        if near is None:
            return
        if near.starts_at == self.times[0]:
            self.planned = near
            return
        session = _("the session planned for %(when)s") % {"when": when(near.starts_at)}
        self.fields["was"].widget.choices = [(str(near.pk), session), (self.ANOTHER, _("another meeting"))]
        answer = self.cleaned_data["was"]
        if answer == str(near.pk):
            self.planned = near
        elif answer != self.ANOTHER:
            self.add_error("was", _("A session is planned close to that time. Choose which meeting this was."))

    def find_doubts(self) -> list[str]:
        said = self.cleaned_data
        planned = planned_near(self.pair, self.times[0])
        moving = [planned] if planned and said.get("was") != self.ANOTHER else []
        return warnings_about(self.pair, self.starts, said["zone"], said["minutes"], moving, held=True)


def zone_choices(pair: Pair, user, zone: str = "") -> list[tuple[str, str]]:
    """Mine, the other person's and the one it was planned in, each once."""
    other = pair.other(user)
    choices = {user.zone: _("yours (%(zone)s)") % {"zone": user.zone}}
    if other.zone_is_known:
        choices.setdefault(other.zone, _("%(name)s’s (%(zone)s)") % {"name": other.first_name, "zone": other.zone})
    if zone:
        choices.setdefault(zone, zone)
    return list(choices.items())
