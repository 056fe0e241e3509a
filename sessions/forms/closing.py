"""The forms of the wrap-up page and the recap."""

from datetime import date, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import fingerprint
from core.widgets import DateInput
from goals.models import Commitment
from sessions import cadence, closing
from sessions.forms.planning import FAR
from sessions.models import Session, SessionRating
from sessions.planning import Suggestion, default_due_on, propose_next, suggest_times
from sessions.time_warnings import warnings_about

MOST_SUGGESTED = 2  # times beside the one of the rhythm


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class WallClockField(forms.DateTimeField):
    """A date and time as typed, without a time zone, so that daylight saving in the reader's zone does not matter."""

    widget = DateTimeInput
    input_formats = ("%Y-%m-%dT%H:%M",)

    def to_python(self, value):
        if value in self.empty_values:
            return None
        return value if isinstance(value, datetime) else super(forms.DateTimeField, self).to_python(value)


class WrapUpForm(forms.Form):
    """The end of one session: the mentee's takeaway and need, and the next date.

    If a next session is booked, the choices are to keep it (`PROPOSED`, also without a choice) or to move it (`OTHER`).
    """

    PROPOSED, OTHER, OPEN = "proposed", "other", "open"

    takeaway = forms.CharField(
        label=_("My takeaway"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    started_from = forms.CharField(required=False, widget=forms.HiddenInput)
    need = forms.CharField(label=_("What do you need from me?"), max_length=300, required=False)
    next = forms.ChoiceField(label=_("When do you meet next?"), required=False, widget=forms.RadioSelect)
    other_start = WallClockField(label=_("Another time"), required=False)
    sure = forms.CharField(required=False, widget=forms.HiddenInput)  # the other time that was warned about
    booked = forms.CharField(required=False, widget=forms.HiddenInput)  # the next session as the page showed it

    def __init__(self, data=None, *, session: Session, user):
        self.session, self.user = session, user
        self.planned = closing.next_session_after(session)
        self.proposal = None if self.planned else propose_next(session.pair, user)
        self.slot = self.planned.slot if self.planned else self.proposal
        self.suggested = self.suggestions(data.get("next") if data else "")
        super().__init__(data, initial={"takeaway": session.takeaway, "started_from": fingerprint(session.takeaway)})
        pair = session.pair
        asked = {"name": pair.mentee.first_name, "mentor": pair.mentor.first_name}
        self.fields["takeaway"].help_text = _("In %(name)s’s own words. Optional.") % asked
        self.fields["need"].help_text = _("This becomes a commitment of %(mentor)s, marked “For %(name)s”.") % asked
        self.initial["booked"] = self.booked_now
        self.fields["other_start"].help_text = self.slot.zone
        if self.planned:
            if data is not None and data.get("next") != self.OTHER:  # also what was chosen before it was booked
                self.data = data.copy()
                self.data["next"] = self.PROPOSED
            self.fields["next"].choices = [(self.PROPOSED, _("Keep")), (self.OTHER, _("Move it to another time"))]
            self.initial |= {"next": self.PROPOSED, "other_start": self.slot.local_start}
        else:
            proposed = [] if self.is_closing else [(self.PROPOSED, _("The proposed date"))]
            proposed += [(one.pick, one.pick) for one in self.suggested]
            others = [(self.OTHER, _("Another time")), (self.OPEN, self.no_next_date)]
            self.fields["next"].choices = [*proposed, *others]
            if self.is_closing:
                self.initial["next"] = self.OPEN
            elif self.proposal.local_start.date() <= pair.ends_on:
                self.initial["next"] = self.PROPOSED
            self.initial["other_start"] = None if self.is_closing else self.proposal.local_start

    @property
    def is_closing(self) -> bool:
        return self.session.kind == Session.Kind.CLOSING

    def suggestions(self, chosen: str | None) -> list[Suggestion]:
        """Return other times that suit both; a chosen one stays although it is not suggested anymore."""
        if self.planned or self.is_closing:
            return []
        times, suit = suggest_times(self.session.pair, self.user, proposal=self.proposal)
        found = [one for one in times if suit and one.local.replace(tzinfo=None) != self.proposal.local_start]
        found = found[:MOST_SUGGESTED]
        if chosen not in [one.pick for one in found] and (start := self.picked(chosen)):
            found.append(Suggestion(self.proposal.starting(start).starts_at, self.proposal.zone))
        return found

    def picked(self, chosen: str | None) -> datetime | None:
        """Return the local time of a chosen suggestion, None for the other choices."""
        typed, _space, zone = (chosen or "").partition(" ")
        if not self.proposal or zone != self.proposal.zone:
            return None
        try:
            start = datetime.strptime(typed, DateTimeInput().format)
        except ValueError:
            return None
        is_near = abs(start.date() - self.user.today()) <= FAR
        return start if is_near and self.proposal.starting(start).starts_at > self.session.starts_at else None

    @property
    def booked_now(self) -> str:
        return f"{self.planned.pk} {self.planned.version}" if self.planned else ""

    @property
    def no_next_date(self) -> str:
        """The label of the choice to plan no next session now."""
        if self.is_closing:
            return _("No next date: this was the closing session")
        return _("Not yet: we will find a date later")

    def clean(self):
        cleaned_data = super().clean()
        chose_other = cleaned_data.get("next") == self.OTHER
        if not cleaned_data.get("next") and "next" not in self.errors:
            self.add_error("next", _("Choose a date, or “Not yet”."))
        if chose_other and not cleaned_data.get("other_start") and "other_start" not in self.errors:
            self.add_error("other_start", _("Enter a date and time."))
        if chose_other and cleaned_data.get("booked") != self.booked_now:
            self.data = self.data.copy()
            self.data["booked"] = self.booked_now
            self.add_error("next", _("The next session was changed meanwhile. Send it again to use your time."))
        if not self.session.no_commitments_at and not closing.commitments_of(self.session).exists():
            self.add_error(None, _("Add one commitment, or press “None this time”."))
        return cleaned_data

    def clean_next(self):
        chosen = self.cleaned_data["next"]
        if start := self.picked(chosen):
            self.warn_about(start)
        return chosen

    def clean_other_start(self):
        """The local time as typed, in the time zone of the session that is booked or proposed."""
        start = self.cleaned_data["other_start"]
        if start is None or self.data.get("next") != self.OTHER:
            return None
        if abs(start.date() - self.user.today()) > FAR:
            raise forms.ValidationError(_("That is more than three years away. Check the year."))
        if self.slot.starting(start).starts_at <= self.session.starts_at:
            raise forms.ValidationError(_("That is before this session. Pick a later time."))
        if not self.planned or start != self.slot.local_start:
            self.warn_about(start)
        return start

    def warn_about(self, start: datetime) -> None:
        """Refuse a time with warnings once, as on the planning page; a second press accepts it."""
        warnings, asked = self.warnings_about(start), f"{start:%Y-%m-%dT%H:%M}"
        if warnings and self.data.get("sure") != asked:
            self.data = self.data.copy()
            self.data["sure"] = asked
            raise forms.ValidationError([*warnings, _("Send it again to meet then anyway.")])

    def warnings_about(self, start: datetime) -> list[str]:
        moving = [self.planned] if self.planned else []
        return warnings_about(self.session.pair, [self.slot.starting(start)], moving)

    @property
    def next_on(self) -> date:
        """The date of the next session, planned or proposed."""
        return self.slot.date

    def warnings(self) -> list[str]:
        """Return the warnings about the proposed date."""
        if self.proposal is None or self.is_closing:
            return []
        return self.warnings_about(self.proposal.local_start)

    def texts(self) -> dict:
        """Return what was typed, even if the rest of the form is not valid."""
        return {
            "takeaway": self.cleaned_data.get("takeaway", ""),
            "started_from": self.cleaned_data.get("started_from", ""),
            "need": self.cleaned_data.get("need", ""),
        }

    @property
    def shows_last_questions(self) -> bool:
        """True if the last two questions have an answer or an error, so that they are unfolded."""
        fields = (self["takeaway"], self["need"])
        return any(field.value() or field.errors for field in fields)

    @property
    def has_texts(self) -> bool:
        """True if something was typed that the session does not have yet."""
        texts = self.texts()
        return bool(texts["need"] or fingerprint(texts["takeaway"]) != texts["started_from"])

    def close(self, by) -> bool:
        """True if this closed the session, False if it was closed already."""
        values = self.cleaned_data
        if self.planned:
            move = values.get("other_start")
            slot = self.slot.starting(move) if move else None
            return closing.wrap_up(self.session, by, None, moved=slot and (self.planned, slot), **self.texts())
        chosen = self.proposal if values.get("next") not in (None, "", self.OPEN) else None
        if start := values.get("other_start") or self.picked(values.get("next")):
            chosen = chosen.starting(start)
        return closing.wrap_up(self.session, by, chosen, **self.texts())

    def save_texts(self, by) -> None:
        closing.save_texts(self.session, by, **self.texts())


def offer_pair(owner: forms.ModelChoiceField, pair) -> None:
    """Offer the pair's people as owners, without a query for each form of a page."""
    owner.queryset = owner.queryset.filter(pk__in=(pair.mentor_id, pair.mentee_id)).order_by("pk")
    owner.choices = [(person.pk, person.first_name) for person in (pair.mentee, pair.mentor)]


class CommitmentForm(forms.ModelForm):
    """Edits a commitment of this session while it is read aloud. A field that is not sent stays as it is."""

    class Meta:
        model = Commitment
        fields = ["text", "owner", "due_on", "done_when"]
        widgets = {"due_on": DateInput()}
        labels = {"owner": _("Who"), "done_when": _("How will we know?")}

    version = forms.IntegerField(label=_("Version"), widget=forms.HiddenInput)

    def __init__(self, data=None, *, instance: Commitment, session: Session):
        super().__init__(data, instance=instance, auto_id=f"id_made_{instance.pk}_%s")
        offer_pair(self.fields["owner"], session.pair)
        self.fields["version"].initial = instance.version
        if data is not None:
            for name in [name for name in ("text", "owner", "due_on", "done_when") if name not in data]:
                del self.fields[name]

    def save(self, by) -> None:
        """Store the changed fields. Raise Conflict if the other person was first."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}
        if changed:
            Commitment.objects.get(pk=self.instance.pk).reword(by, self.cleaned_data["version"], **changed)


class NewCommitmentForm(forms.ModelForm):
    """Adds a commitment while wrapping up."""

    class Meta:
        model = Commitment
        fields = ["text", "owner", "due_on", "done_when"]
        widgets = {"due_on": DateInput()}
        labels = {"text": _("Who will do what?"), "owner": _("Who"), "done_when": _("How will we know?")}

    def __init__(self, data=None, *, session: Session, user, next_on: date | None = None):
        self.session = session
        super().__init__(data, auto_id="id_more_%s")
        pair = session.pair
        offer_pair(self.fields["owner"], pair)
        today = user.today()
        due_on = cadence.due_before(next_on, today) if next_on else default_due_on(pair, today)
        self.initial = {"owner": pair.mentee_id, "due_on": due_on}
        self.fields["text"].widget.attrs["autocomplete"] = "off"
        for name in ("text", "done_when"):
            self.fields[name].widget.attrs["placeholder"] = self.fields[name].label

    def create(self, by) -> Commitment:
        return closing.create_commitment(self.session, by, **self.cleaned_data)


class AnswerForm(forms.Form):
    """The answer to "Did you meet?", with a note."""

    met = forms.ChoiceField(
        label=_("Did you meet?"), choices=[("met", _("We met")), ("not_held", _("We did not meet"))]
    )
    note = forms.CharField(
        label=_("What do you remember differently?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RatingForm(forms.Form):
    """One answer to one of the rating questions."""

    QUESTIONS = [("heard", _("I felt heard")), ("useful", _("This was useful"))]

    question = forms.ChoiceField(choices=QUESTIONS)
    value = forms.TypedChoiceField(choices=SessionRating.Scale.choices, coerce=int)
