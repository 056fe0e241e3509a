"""Rows that last: each form makes one, or changes its words. One frame shows them all (goals/lasting_form.html)."""

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goals.forms.fields import DateInput, OffersRows, RowsField
from goals.models import AdvocacyNote, Competency, Goal, Indicator, Milestone, Outcome, Priority, WorkItem
from goals.models.indicator import ENOUGH, MOST


class LastingForm(OffersRows, forms.ModelForm):
    """`pair` is whose row it is; for a new one it is asked, for an old one it is known."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    new_heading = edit_heading = sub = more = ""
    folded = ()  # fields that can wait, under `more`

    def __init__(self, *args, pair=None, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        if pair:
            self.belong_to(pair, user)
        self.pair, self.user = pair or self.instance.pair, user
        self.fields["version"].initial = self.instance.version
        self.set_up()

    def set_up(self) -> None:
        """What depends on the row or its pair."""

    @property
    def heading(self) -> str:
        return self.edit_heading if self.instance.pk else self.new_heading

    @property
    def shown_fields(self) -> list:
        return [field for field in self.visible_fields() if field.name not in self.folded]

    @property
    def folded_fields(self) -> list:
        return [field for field in self.visible_fields() if field.name in self.folded]

    def make(self):
        with transaction.atomic():
            self.save()
            self.pair.touch()
        return self.instance

    def belong_to(self, pair, by) -> None:
        self.instance.pair, self.instance.made_by = pair, by

    def change(self, by) -> None:
        """Through the one verb for it. Raises Conflict when the other person was first."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in ("version", "why_changed")}
        many = {name: said.pop(name) for name in list(said) if self.instance._meta.get_field(name).many_to_many}
        row = type(self.instance)._base_manager.get(pk=self.instance.pk)  # the form has written into its own
        with transaction.atomic():
            row.change(self.cleaned_data["version"] or 0, by, self.cleaned_data.get("why_changed", ""), **said)
            for name, rows in many.items():
                getattr(row, name).set(rows)


class GoalForm(LastingForm):
    new_heading, edit_heading = _("Add a goal"), _("Edit the goal")
    sub, more = _("You both see it."), _("Why it matters, how we will know")
    folded = ("why", "measure", "priorities", "competencies", "why_changed")

    why_changed = forms.CharField(
        label=_("Why do you change it?"), max_length=300, required=False, help_text=_("It is kept with the change.")
    )

    class Meta:
        model = Goal
        fields = ["title", "why", "measure", "priorities", "competencies"]
        help_texts = {"title": _("One line: “Lead a review without my manager in the room”.")}
        labels = {
            "priorities": _("Which priority does it serve?"),
            "competencies": _("Which abilities does it train?"),
        }
        field_classes = {"priorities": RowsField, "competencies": RowsField}
        widgets = {"priorities": forms.CheckboxSelectMultiple, "competencies": forms.CheckboxSelectMultiple}

    def set_up(self):
        program = self.pair.program_id
        for name, model in (("priorities", Priority), ("competencies", Competency)):
            rows = model.objects.filter(program=program)
            chosen = rows.filter(goals=self.instance.pk) if self.instance.pk else rows.none()
            self.offer(name, (rows.current() | chosen).distinct())
        if not self.instance.pk:
            del self.fields["why_changed"]


class MilestoneForm(LastingForm):
    """Made for a goal that the instance names."""

    new_heading, edit_heading = _("Add a milestone"), _("Edit the milestone")

    class Meta:
        model = Milestone
        fields = ["title", "by_on"]
        widgets = {"by_on": DateInput()}
        help_texts = {"title": _("Something both of you will notice: “Lin lets me run the weekly review”.")}

    def belong_to(self, pair, by):
        self.instance.made_by = by  # its pair is its goal's

    @property
    def sub(self) -> str:
        return _("On the way to: %(goal)s") % {"goal": self.instance.goal.title}


class WorkItemForm(LastingForm):
    new_heading, edit_heading = _("Add a real event"), _("Edit the event")
    sub = _("You both see it.")

    class Meta:
        model = WorkItem
        fields = ["title", "on", "stakeholders", "needs"]
        widgets = {"on": DateInput()}
        help_texts = {
            "title": _("A presentation, a launch, a talk you would rather put off."),
            "stakeholders": _("Whose judgment counts: “Lin, the finance team”."),
            "needs": _("Time, numbers, a word with somebody."),
        }


class WorkItemReviewForm(LastingForm):
    """How an event went, asked of both people until either has answered."""

    edit_heading = _("How did it go?")

    class Meta:
        model = WorkItem
        fields = ["how_it_went"]
        labels = {"how_it_went": _("In a sentence or two")}
        help_texts = {"how_it_went": _("You both see it. Leave it empty if there is nothing to add.")}

    @property
    def sub(self) -> str:
        return self.instance.title

    def change(self, by) -> None:
        self.cleaned_data["reviewed_at"] = timezone.now()
        super().change(by)


class IndicatorForm(LastingForm):
    """One of the three ready-made figures, or one of one's own."""

    new_heading, edit_heading = _("Watch something"), _("Edit what you watch")
    sub = _("Only the two of you see its values.")
    more = _("Unit, rhythm, target")
    folded = ("unit", "every_days", "target")

    class Meta:
        model = Indicator
        fields = ["preset", "title", "kind", "who", "unit", "every_days", "target"]
        labels = {"preset": _("Ready-made, or your own?")}
        help_texts = {
            "title": _("“How sure I feel before the weekly review”. A ready-made one has its name already."),
            "unit": _("For a measurement or a count: minutes, pages, talks."),
            "target": _("Where the line should get to."),
        }

    def set_up(self):
        made = [] if self.instance.pk else Indicator.objects.filter(pair=self.pair).current()
        taken = {row.preset for row in made}
        self.full = len(made) >= MOST
        self.fields["title"].required = False
        self.fields["every_days"].required = False
        self.fields["every_days"].choices = [("", _("when it fits")), *Indicator.Rhythm.choices]
        self.fields["preset"].choices = [("", _("our own"))] + [
            (value, label) for value, label in Indicator.Preset.choices if value not in taken
        ]
        if self.instance.pk:
            # What the values mean is settled once there are some; the words around them may change.
            for name in ("preset", "kind", "who"):
                del self.fields[name]

    def clean(self):
        fields = super().clean()
        preset = fields.get("preset", self.instance.preset)
        if self.full:
            self.add_error(None, ENOUGH % {"n": MOST})
        if not (fields.get("title") or "").strip():
            if preset:
                fields["title"] = str(Indicator.Preset(preset).label)
            else:
                self.add_error("title", _("Say in one line what you watch."))
        if preset == Indicator.Preset.QUALITY and not self.instance.pk:
            fields |= {"kind": Indicator.Kind.RATING, "who": Indicator.Who.BOTH}
        kind, target = fields.get("kind", self.instance.kind), fields.get("target")
        if (
            target is not None
            and kind == Indicator.Kind.RATING
            and preset not in Indicator.COMPUTED
            and not 1 <= target <= 5
        ):
            self.add_error("target", _("A rating runs from 1 to 5."))
        return fields


class OutcomeForm(LastingForm):
    new_heading, edit_heading = _("Note an outcome"), _("Edit the outcome")
    sub = _("Something that is different now and can be shown. You both see it.")
    more = _("What it came from")
    folded = ("goal", "commitment", "competency")

    evidence_url = forms.URLField(
        label=_("Where can it be seen?"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("A link that both of you can open. It may stay empty."),
    )

    class Meta:
        model = Outcome
        fields = ["title", "kind", "on", "evidence_url", "goal", "commitment", "competency"]
        widgets = {"on": DateInput()}
        labels = {
            "goal": _("Which goal did it serve?"),
            "commitment": _("Which commitment did it come from?"),
            "competency": _("Which ability does it show?"),
        }
        help_texts = {
            "title": _("“The team decides in the meeting, not after it.”"),
        }

    def set_up(self):
        chosen = self.instance
        done = self.pair.commitments.filter(state="done").order_by("-settled_at")
        recent = done.values_list("pk", flat=True)[:30]
        self.offer("goal", self.pair.goals.filter(dropped_at=None) | self.pair.goals.filter(pk=chosen.goal_id))
        self.offer("commitment", self.pair.commitments.filter(pk__in=[*recent, chosen.commitment_id]))
        abilities = Competency.objects.filter(program=self.pair.program_id)
        self.offer("competency", abilities.current() | abilities.filter(pk=chosen.competency_id))
        if not chosen.pk and self.user:
            self.fields["on"].initial = self.user.today()

    def clean_on(self):
        on = self.cleaned_data["on"]
        if self.user and on > self.user.today():
            raise forms.ValidationError(_("That day is still to come. Note it once it is there."))
        return on


class AdvocacyForm(LastingForm):
    new_heading = edit_heading = _("A word for others")

    class Meta:
        model = AdvocacyNote
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 8, "dir": "auto"})}
        help_texts = {"text": _("One paragraph: what you saw, an example, what you would trust this person with.")}

    @property
    def sub(self) -> str:
        return _("%(name)s decides whether it leaves this page.") % {"name": self.pair.mentee.first_name}

    def belong_to(self, pair, by):
        self.instance.pair = pair
