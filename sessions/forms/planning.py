"""Forms to schedule, reschedule, call off and log sessions."""

from datetime import date, datetime, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formatting import day, when
from core.merging_forms import MergingForm
from core.widgets import DateInput, TimeInput
from mentoring.models import Cadence, Pair
from sessions.agendas import Kind
from sessions.models import Session
from sessions.planning import planned_near, series_slots
from sessions.time_slot import TimeSlot
from sessions.time_warnings import warnings_about

FAR = timedelta(days=3 * 365)


class TimeForm(forms.Form):
    """Date, time, time zone and length of a session. A time with warnings needs a second submit (`sure`)."""

    on = forms.DateField(label=gettext_lazy("Day"), widget=DateInput())
    at = forms.TimeField(label=gettext_lazy("Time"), widget=TimeInput())
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), validators=[MinValueValidator(15), MaxValueValidator(240)]
    )
    sure = forms.CharField(required=False, widget=forms.HiddenInput)

    moving: Session | None = None
    is_stale = False  # the other person changed the same fields meanwhile: see MergingForm

    def __init__(self, *args, pair: Pair, user, zone: str = "", **kwargs):
        self.pair, self.user = pair, user
        self.warnings: list[str] = []
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = zone_choices(pair, user, zone)
        if len(self.fields["zone"].choices) == 1:
            self.fields["zone"].widget = forms.HiddenInput()
        self.fields["minutes"].widget.attrs |= {"min": 15, "max": 240, "step": 5, "inputmode": "numeric"}

    @property
    def slot(self) -> TimeSlot:
        """Return the requested time, to the minute."""
        data = self.cleaned_data
        start = datetime.combine(data["on"], data["at"].replace(second=0, microsecond=0))
        return TimeSlot(start, data["zone"], data["minutes"], data.get("place", ""))

    @property
    def slots(self) -> list[TimeSlot]:
        """Return every requested time: one, or all of a series."""
        return [self.slot]

    @property
    def requested(self) -> str:
        """Return the value that `sure` must have: a second submit confirms only the time it was warned about."""
        slot = self.slot
        return f"{slot.local_start:%Y-%m-%dT%H:%M} {slot.zone} {slot.minutes}"

    @property
    def times(self) -> tuple[datetime, datetime] | None:
        """Return start and end as instants, or None until day, time and length are known."""
        data = self.cleaned_data if self.is_bound else self.initial
        if not {"on", "at", "zone", "minutes"} <= data.keys():
            return None
        slot = TimeSlot(datetime.combine(data["on"], data["at"]), data["zone"], data["minutes"])
        return slot.starts_at, slot.ends_at

    def clean_on(self) -> date:
        on = self.cleaned_data["on"]
        if abs(on - self.user.today()) > FAR:
            raise forms.ValidationError(_("This is more than three years away. Check the year."))
        return on

    def clean(self):
        data = super().clean()
        if not self.errors and not self.is_unchanged():
            self.warnings = self.find_warnings()
            if self.warnings and data.get("sure") != self.requested:
                self.data = self.data.copy()
                self.data["sure"] = self.requested
                raise forms.ValidationError(self.warnings)
        return data

    def find_warnings(self) -> list[str]:
        return warnings_about(self.pair, self.slots, [self.moving] if self.moving else [])

    def is_unchanged(self) -> bool:
        return False


class ScheduleForm(TimeForm):
    """One session, or a series of them."""

    place = forms.CharField(
        label=gettext_lazy("Place"), max_length=500, required=False, help_text=gettext_lazy("A link or a room.")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Agenda"), choices=Kind.choices)
    repeat = forms.ChoiceField(label=gettext_lazy("Repeat"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=DateInput())

    field_order = ["on", "at", "zone", "minutes", "repeat", "until", "place", "kind"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["repeat"].choices = [("", _("does not repeat")), *Cadence.choices]

    @property
    def slots(self) -> list[TimeSlot]:
        data = self.cleaned_data
        if not data.get("repeat"):
            return [self.slot]
        return series_slots(self.pair, self.slot, data["repeat"], data.get("until")) or [self.slot]

    def clean(self):
        data = super().clean()
        if data.get("repeat") and data.get("on"):
            if data.get("until") and data["until"] < data["on"]:
                self.add_error("until", _("Choose a day after the first session, or do not repeat it."))
            elif data["on"] > self.pair.ends_on:
                ends = {"day": day(self.pair.ends_on)}
                self.add_error("repeat", _("Your time together ends %(day)s. Schedule this session alone.") % ends)
        return data


class MoveForm(MergingForm, TimeForm):
    """Reschedule a session, or change its place; only the fields the person changed are stored."""

    place = forms.CharField(label=gettext_lazy("Place"), max_length=500, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, required=False, help_text=gettext_lazy("You both see it.")
    )

    and_later = forms.BooleanField(
        label=gettext_lazy("Also move all later sessions of this series"),
        required=False,
        help_text=gettext_lazy("Each moves by the same number of days and gets the same time, length and place."),
    )

    together = ("on", "at", "zone", "minutes")
    merged = (*together, "place")

    def __init__(self, *args, session: Session, **kwargs):
        self.moving = session
        kwargs["initial"] = session.slot.initial
        super().__init__(*args, pair=session.pair, zone=session.zone, **kwargs)
        later = session.series.sessions.planned_from(session).exclude(pk=session.pk) if session.series_id else []
        self.later = list(later)
        if not self.later:
            del self.fields["and_later"]
        self.add_hidden_initials()

    @property
    def later_moved(self) -> list[Session]:
        """Return the later sessions of the series that move with this one."""
        return self.later if self.cleaned_data.get("and_later") else []

    @property
    def slots(self) -> list[TimeSlot]:
        slot = self.slot
        days, at = slot.date - self.moving.planned_date, slot.local_start.time()
        later = [session.planned_date + days for session in self.later_moved]
        return [slot, *(slot.starting(datetime.combine(on, at)) for on in later)]

    @property
    def requested(self) -> str:
        return super().requested + (" +" if self.later_moved else "")

    def find_warnings(self) -> list[str]:
        return warnings_about(self.pair, self.slots, [self.moving, *self.later_moved])

    @property
    def is_time_stale(self) -> bool:
        """Return True if the other person rescheduled the session while this form was open with another time."""
        return self.is_stale and bool(self.errors.keys() & set(self.together))

    def is_unchanged(self) -> bool:
        return not set(self.changed_data) & set(self.together)

    def save(self, by) -> None:
        """Store the changes. Raises NotLive or Conflict if the other person changed the session a moment before."""
        data, session = self.cleaned_data, self.moving
        with transaction.atomic():
            if not self.is_unchanged() and self.later_moved:
                session.series.move_from(by, session, self.slot, data["reason"])
            elif not self.is_unchanged():
                session.move(by, self.slot, data["reason"], expected=session.version)
            if data["place"] != session.place:
                session.change_place(data["place"], expected=session.version)
                for later in self.later_moved:
                    later.change_place(data["place"])


class CallOffForm(forms.Form):
    """The reason why a session is canceled or skipped, and whether later ones are canceled, too."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    and_later = forms.BooleanField(label=gettext_lazy("Also cancel all later sessions of this series"), required=False)

    def __init__(self, *args, session: Session, with_later: bool, **kwargs):
        super().__init__(*args, **kwargs)
        names = {"mentor": session.pair.mentor.first_name, "mentee": session.pair.mentee.first_name}
        self.fields["reason"].help_text = _("A few words are enough. %(mentee)s and %(mentor)s both see it.") % names
        if not with_later:
            del self.fields["and_later"]


class LogForm(TimeForm):
    """A past meeting: when, how long, an optional note; and whether it was a scheduled session."""

    ANOTHER = "another"

    line = forms.CharField(
        label=gettext_lazy("What was it about?"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Optional, one line."),
    )
    was = forms.CharField(label=gettext_lazy("Which meeting was it?"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.planned: Session | None = None  # the scheduled session that it was

    @property
    def asks_which(self) -> bool:
        return bool(self.fields["was"].widget.choices)

    def clean(self):
        data = super().clean()
        if not self.errors and self.times[0] > timezone.now():
            self.add_error("on", _("This time is in the future. Schedule a session instead."))
        if not self.errors:
            self.find_planned()
        return data

    def find_planned(self) -> None:
        """Find the session scheduled for that very time; for another one close by, ask which meeting it was."""
        near = planned_near(self.pair, self.times[0])
        if near is None:
            return
        if near.starts_at == self.times[0]:
            self.planned = near
            return
        session = _("the session scheduled for %(when)s") % {"when": when(near.starts_at)}
        self.fields["was"].widget.choices = [(str(near.pk), session), (self.ANOTHER, _("another meeting"))]
        answer = self.cleaned_data["was"]
        if answer == str(near.pk):
            self.planned = near
        elif answer != self.ANOTHER:
            self.add_error("was", _("A session is scheduled close to that time. Choose which meeting this was."))

    def find_warnings(self) -> list[str]:
        planned = planned_near(self.pair, self.times[0])
        moving = [planned] if planned and self.cleaned_data.get("was") != self.ANOTHER else []
        return warnings_about(self.pair, self.slots, moving, held=True)


def zone_choices(pair: Pair, user, zone: str = "") -> list[tuple[str, str]]:
    """Return the time zones of the user, of the other person and of the session, each once."""
    other = pair.other(user)
    choices = {user.zone: _("yours (%(zone)s)") % {"zone": user.zone}}
    if other.zone_is_known:
        choices.setdefault(other.zone, _("%(name)s’s (%(zone)s)") % {"name": other.first_name, "zone": other.zone})
    if zone:
        choices.setdefault(zone, zone)
    return list(choices.items())
