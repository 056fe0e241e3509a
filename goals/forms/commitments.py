"""Forms to add and edit a commitment, and to answer it: done, partly done, moved, dropped, split."""

from datetime import date, timedelta
from functools import cached_property

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.formatting import day
from core.widgets import DateInput
from goals.default_due_dates import default_due_on, next_session_on
from goals.forms.fields import OffersRows, PastDateWarning
from goals.models import Commitment, CommitmentEvent, Competency, Goal, Milestone, WorkEvent

LINKS = ("goal", "milestone", "work_event", "competency")


class CommitmentForm(OffersRows, PastDateWarning, forms.ModelForm):
    """A new commitment. Only its text is needed; the other fields are optional or prefilled."""

    class Meta:
        model = Commitment
        fields = ["text", "owner", "due_on", "done_when", "if_then", "size", *LINKS]
        widgets = {"due_on": DateInput()}
        labels = {
            "owner": _("Who"),
            "goal": _("For which goal?"),
            "milestone": _("For which milestone?"),
            "work_event": _("For which work event?"),
            "competency": _("Which competency does it build?"),
        }
        help_texts = {
            "text": _("One line is enough: “Send the draft to Lin”."),
            "done_when": _("How will you both know? “Lin has commented.”"),
            "if_then": _("“If Lin is away, then I ask Noor.”"),
        }

    def __init__(self, *args, pair, user, **kwargs):
        self.pair, self.user = pair, user
        super().__init__(*args, **kwargs)
        people = sorted(pair.people, key=lambda person: person.pk)
        self.fields["owner"].queryset = self.fields["owner"].queryset.filter(pk__in=[person.pk for person in people])
        self.fields["owner"].choices = [
            (person.pk, _("I will") if person == user else person.first_name) for person in people
        ]
        chosen = self.instance  # its goal, milestone and event can stay chosen even when they are over
        goals, events = Goal.objects.filter(pair=pair), WorkEvent.objects.filter(pair=pair)
        self.offer("goal", goals.active() | goals.filter(pk=chosen.goal_id))
        milestones = Milestone.objects.filter(goal__pair=pair)
        active = milestones.active().filter(goal__reached_at=None, goal__dropped_at=None)
        self.offer("milestone", active | milestones.filter(pk=chosen.milestone_id))
        self.offer("work_event", events.coming(user.today()) | events.filter(pk=chosen.work_event_id))
        competencies = Competency.objects.filter(program=pair.program_id)
        self.offer("competency", competencies.current() | competencies.filter(pk=chosen.competency_id))
        self.fields["size"].choices = [("", _("not specified")), *Commitment.Size.choices]
        if not self.instance.pk:
            self.initial |= {"owner": pair.mentee_id, "due_on": default_due_on.ask(pair, user.today())}

    def clean(self):
        fields = super().clean()
        if "due_on" in self.fields:
            self.check_past(fields.get("due_on"), self.user.today())
        if milestone := fields.get("milestone"):
            if fields.get("goal") not in (None, milestone.goal):
                error = _("This milestone belongs to “%(goal)s”. Choose that goal, or another milestone.")
                self.add_error("milestone", error % {"goal": milestone.goal.title})
            fields["goal"] = milestone.goal  # choosing a milestone chooses its goal
        return fields

    def create(self, by) -> Commitment:
        return Commitment.create(by, pair=self.pair, **self.cleaned_data)


class CommitmentEditForm(CommitmentForm):
    """Edits everything but the due date, which has its own form so that the history stays accurate."""

    class Meta(CommitmentForm.Meta):
        fields = ["text", "owner", "done_when", "if_then", "size", *LINKS]

    version = forms.IntegerField(label=_("Version"), widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    def save(self, by):
        """Store the changed fields; raise Conflict if the other person saved first."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}
        if "milestone" in changed:
            changed["goal"] = self.cleaned_data.get("goal")  # the form has no goal field if there is no goal to choose
        return Commitment.objects.get(pk=self.instance.pk).reword(by, self.cleaned_data["version"], **changed)


class AnswerForm(forms.Form):
    """An answer to an open commitment; `save` makes one model call."""

    version = forms.IntegerField(label=_("Version"), widget=forms.HiddenInput)
    title = button = ""

    def __init__(self, *args, commitment: Commitment, **kwargs):
        self.commitment = commitment
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = commitment.version
        self.today = commitment.owner.today()
        self.set_up()
        if not self.is_bound and not self.quick_choices:
            self.visible_fields()[0].field.widget.attrs["autofocus"] = True

    def set_up(self) -> None:
        """Adapt the fields to the commitment."""

    def save(self, by: User) -> CommitmentEvent:
        raise NotImplementedError

    @property
    def quick_choices(self) -> list[tuple[date, str]]:
        """Return the days that have a button of their own, each with its label."""
        return []


class DoneForm(AnswerForm):
    title, button = _("When was it done?"), _("Done")
    done_on = forms.DateField(label=_("Done on"), required=False, widget=DateInput())

    def set_up(self):
        self.fields["done_on"].initial = self.today
        self.fields["done_on"].widget.attrs["max"] = self.today.isoformat()

    def clean_done_on(self):
        done_on = self.cleaned_data["done_on"]
        if done_on and done_on > self.today:
            raise forms.ValidationError(_("This day is in the future. Pick today or an earlier day."))
        return done_on

    def save(self, by):
        return self.commitment.complete(by, self.cleaned_data["version"], self.cleaned_data["done_on"])


class PartlyForm(AnswerForm):
    title, button = _("Partly done"), _("Save")
    left = forms.CharField(
        label=_("What is left?"), max_length=300, help_text=_("It stays open and comes back in your next session.")
    )

    def set_up(self):
        self.fields["left"].initial = self.commitment.left_to_do

    def save(self, by):
        return self.commitment.complete_partly(by, self.cleaned_data["version"], self.cleaned_data["left"])


class MoveForm(AnswerForm):
    title, button = _("Move to another day"), _("Move")
    due_on = forms.DateField(label=_("New day"), widget=DateInput(), error_messages={"required": _("Pick a new day.")})
    to = forms.DateField(required=False, widget=forms.HiddenInput)  # the value of a quick choice's button
    reason = forms.CharField(label=_("Why?"), max_length=300, required=False)

    def set_up(self):
        self.last_day = max(self.today, self.commitment.due_on)  # only a later day is a move
        self.fields["due_on"].widget.attrs["min"] = (self.last_day + timedelta(days=1)).isoformat()
        if self.quick_choices:
            self.fields["due_on"].label = _("Or another day")
        self.fields["due_on"].required = not (self.quick_choices or self.data.get("to"))
        if self.commitment.is_overdue:
            self.fields["reason"].required = True
            self.order_fields(["reason"])  # above the quick choices, which need it as well
        else:
            self.fields["reason"].help_text = _(
                "Optional. A commitment moved before its due date still counts as kept."
            )

    @cached_property
    def quick_choices(self) -> list[tuple[date, str]]:
        """Return tomorrow, next Monday and the day of the next session, each with its label."""
        monday = self.today + timedelta(days=7 - self.today.weekday())
        choices = {self.today + timedelta(days=1): _("Tomorrow"), monday: _("Next week")}
        if session_on := next_session_on.ask(self.commitment.pair):
            choices[session_on] = _("Next session")
        return sorted((on, name) for on, name in choices.items() if on > self.last_day)

    def clean(self):
        fields = super().clean()
        fields["due_on"] = due_on = fields.get("to") or fields.get("due_on")
        if due_on is None and "due_on" not in self.errors:
            self.add_error("due_on", _("Pick a new day."))
        # If the commitment has changed since, save() reports a conflict; do not compare with its new due date.
        after = self.last_day if fields.get("version") == self.commitment.version else self.today
        if due_on and due_on <= after:
            self.add_error("due_on", _("Pick a day after %(day)s.") % {"day": day(after)})
        return fields

    def save(self, by):
        values = self.cleaned_data
        return self.commitment.renegotiate(by, values["version"], values["due_on"], values["reason"])


class DropForm(AnswerForm):
    title, button = _("Drop commitment"), _("Drop")
    reason = forms.CharField(
        label=_("Why?"), max_length=300, required=False, help_text=_("Optional. A reason helps you both later.")
    )

    def save(self, by):
        return self.commitment.drop(by, self.cleaned_data["version"], self.cleaned_data["reason"])


class SplitForm(AnswerForm):
    title, button = _("Split into smaller steps"), _("Split")
    first = forms.CharField(label=_("First step"), max_length=500)
    first_due = forms.DateField(label=_("By when"), widget=DateInput())
    second = forms.CharField(label=_("Second step"), max_length=500)
    second_due = forms.DateField(label=_("By when"), widget=DateInput())
    third = forms.CharField(label=_("Third step (optional)"), max_length=500, required=False)
    third_due = forms.DateField(label=_("By when"), required=False, widget=DateInput())

    STEPS = ("first", "second", "third")

    def set_up(self):
        due_on = max(self.commitment.due_on, self.today)
        self.fields["first_due"].initial = self.today + (due_on - self.today) // 2
        self.fields["second_due"].initial = self.fields["third_due"].initial = due_on

    def clean(self):
        fields = super().clean()
        if fields.get("third") and not fields.get("third_due"):
            self.add_error("third_due", _("Enter a due date for the third step."))
        for step in self.STEPS:
            due_on = fields.get(f"{step}_due")
            if due_on and due_on < self.today:
                self.add_error(f"{step}_due", _("This day is in the past. Pick today or a later day."))
        return fields

    def save(self, by):
        values = self.cleaned_data
        parts = [(values[step], values[f"{step}_due"]) for step in self.STEPS if values.get(step)]
        return self.commitment.split(by, values["version"], parts)
