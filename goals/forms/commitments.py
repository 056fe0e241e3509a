from datetime import date, timedelta
from functools import cached_property

from django import forms
from django.utils.translation import gettext_lazy as _

from core.formatting import day
from goals.default_due_dates import default_due_on, next_session_on
from goals.forms.fields import DateInput, OffersRows, PastDateWarning
from goals.models import Commitment, Competency, Goal, Milestone, WorkItem

FOR_WHAT = ("goal", "milestone", "work_item", "competency")


class CommitmentForm(OffersRows, PastDateWarning, forms.ModelForm):
    """One line captures it; the rest is guessed or can wait."""

    class Meta:
        model = Commitment
        fields = ["text", "owner", "due_on", "done_when", "if_then", "size", *FOR_WHAT]
        widgets = {"due_on": DateInput()}
        labels = {
            "owner": _("Who"),
            "goal": _("For which goal?"),
            "milestone": _("For which milestone?"),
            "work_item": _("For which event?"),
            "competency": _("Which ability does it train?"),
        }
        help_texts = {
            "text": _("One line is enough: “Send the draft to Lin”."),
            "done_when": _("How will you both know? “Lin has commented.”"),
            "if_then": _("“If Lin is away, then I ask Noor.”"),
        }

    def __init__(self, *args, pair, user, **kwargs):
        self.pair, self.user = pair, user
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = self.fields["owner"].queryset.filter(pk__in=(pair.mentor_id, pair.mentee_id))
        self.fields["owner"].empty_label = None
        self.fields["owner"].label_from_instance = lambda person: _("I will") if person == user else person.first_name
        chosen = self.instance  # what it is for stays on offer, even once reached or over
        goals, events = Goal.objects.filter(pair=pair), WorkItem.objects.filter(pair=pair)
        self.offer("goal", goals.active() | goals.filter(pk=chosen.goal_id))
        steps = Milestone.objects.filter(goal__pair=pair)
        on_the_way = steps.active().filter(goal__reached_at=None, goal__dropped_at=None)
        self.offer("milestone", on_the_way | steps.filter(pk=chosen.milestone_id))
        self.offer("work_item", events.coming(user.today()) | events.filter(pk=chosen.work_item_id))
        abilities = Competency.objects.filter(program=pair.program_id)
        self.offer("competency", abilities.current() | abilities.filter(pk=chosen.competency_id))
        self.fields["size"].choices = [("", _("not said")), *Commitment.Size.choices]
        if not self.instance.pk:
            self.initial |= {"owner": pair.mentee_id, "due_on": default_due_on(pair, user.today())}

    def clean(self):
        fields = super().clean()
        if "due_on" in self.fields:
            self.check_past(fields.get("due_on"), self.user.today())
        if step := fields.get("milestone"):
            if fields.get("goal") not in (None, step.goal):
                said = _("This milestone belongs to “%(goal)s”. Choose that goal, or another milestone.")
                self.add_error("milestone", said % {"goal": step.goal.title})
            fields["goal"] = step.goal  # whoever names a milestone has named its goal
        return fields

    def make(self, by) -> Commitment:
        return Commitment.make(by, pair=self.pair, **self.cleaned_data)


class CommitmentEditForm(CommitmentForm):
    """Corrects the wording. A new date is a move, so that the history stays true."""

    class Meta(CommitmentForm.Meta):
        fields = ["text", "owner", "done_when", "if_then", "size", *FOR_WHAT]

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    def save(self, by):
        """Store what changed through the one verb for it; Conflict when the other person was first."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}
        if "milestone" in changed:
            changed["goal"] = self.cleaned_data.get("goal")  # the field is left out where there is none to choose
        return Commitment.objects.get(pk=self.instance.pk).reword(by, self.cleaned_data["version"], **changed)


class AnswerForm(forms.Form):
    """What a person says about an open commitment; `save` makes one model call."""

    version = forms.IntegerField(widget=forms.HiddenInput)
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
        """What depends on the commitment."""

    @property
    def quick_choices(self) -> list[tuple[date, str]]:
        """Days that one press takes."""
        return []


class DoneForm(AnswerForm):
    title, button = _("When was it done?"), _("Done")
    on = forms.DateField(label=_("Done on"), required=False, widget=DateInput())

    def set_up(self):
        self.fields["on"].initial = self.today
        self.fields["on"].widget.attrs["max"] = self.today.isoformat()

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on and on > self.today:
            raise forms.ValidationError(_("That day is still to come. Pick today or an earlier day."))
        return on

    def save(self, by):
        return self.commitment.complete(by, self.cleaned_data["version"], self.cleaned_data["on"])


class PartlyForm(AnswerForm):
    title, button = _("Partly done"), _("Save")
    left = forms.CharField(
        label=_("What is left?"), max_length=300, help_text=_("It stays open and comes back in your next session.")
    )

    def set_up(self):
        self.fields["left"].initial = self.commitment.left_to_do

    def save(self, by):
        return self.commitment.partly(by, self.cleaned_data["version"], self.cleaned_data["left"])


class MoveForm(AnswerForm):
    title, button = _("Move to another day"), _("Move")
    due_on = forms.DateField(
        label=_("New day"), widget=DateInput(), error_messages={"required": _("Pick the new day.")}
    )
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
            self.order_fields(["reason"])  # before the quick choices, which need it, too
        else:
            self.fields["reason"].help_text = _("You may leave this empty: moving before the day keeps your word.")

    @cached_property
    def quick_choices(self) -> list[tuple[date, str]]:
        """One press each: tomorrow, a week on, the day of the next session."""
        monday = self.today + timedelta(days=7 - self.today.weekday())
        choices = {self.today + timedelta(days=1): _("Tomorrow"), monday: _("Next week")}
        if session_on := next_session_on(self.commitment.pair):
            choices[session_on] = _("Next session")
        return sorted((on, name) for on, name in choices.items() if on > self.last_day)

    def clean(self):
        fields = super().clean()
        fields["due_on"] = due_on = fields.get("to") or fields.get("due_on")
        if due_on is None and "due_on" not in self.errors:
            self.add_error("due_on", _("Pick the new day."))
        # Where the commitment has changed meanwhile, its due date says nothing about this day: saving reports that.
        after = self.last_day if fields.get("version") == self.commitment.version else self.today
        if due_on and due_on <= after:
            self.add_error("due_on", _("Pick a day after %(day)s.") % {"day": day(after)})
        return fields

    def save(self, by):
        said = self.cleaned_data
        return self.commitment.renegotiate(by, said["version"], said["due_on"], said["reason"])


class DropForm(AnswerForm):
    title, button = _("Drop it"), _("Drop")
    reason = forms.CharField(
        label=_("Why?"), max_length=300, required=False, help_text=_("A word helps you both later; it may stay empty.")
    )

    def save(self, by):
        return self.commitment.drop(by, self.cleaned_data["version"], self.cleaned_data["reason"])


class SplitForm(AnswerForm):
    title, button = _("Split into smaller steps"), _("Split")
    first = forms.CharField(label=_("First step"), max_length=500)
    first_due = forms.DateField(label=_("By when"), widget=DateInput())
    second = forms.CharField(label=_("Second step"), max_length=500)
    second_due = forms.DateField(label=_("By when"), widget=DateInput())
    third = forms.CharField(label=_("Third step, if you like"), max_length=500, required=False)
    third_due = forms.DateField(label=_("By when"), required=False, widget=DateInput())

    STEPS = ("first", "second", "third")

    def set_up(self):
        due_on = max(self.commitment.due_on, self.today)
        self.fields["first_due"].initial = self.today + (due_on - self.today) // 2
        self.fields["second_due"].initial = self.fields["third_due"].initial = due_on

    def clean(self):
        fields = super().clean()
        if fields.get("third") and not fields.get("third_due"):
            self.add_error("third_due", _("Say by when."))
        for step in self.STEPS:
            due_on = fields.get(f"{step}_due")
            if due_on and due_on < self.today:
                self.add_error(f"{step}_due", _("This day has passed. Pick today or a later day."))
        return fields

    def save(self, by):
        said = self.cleaned_data
        parts = [(said[step], said[f"{step}_due"]) for step in self.STEPS if said.get(step)]
        return self.commitment.split(by, said["version"], parts)
