"""Forms of introductions."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.widgets import DateInput
from goals.default_due_dates import default_due_on
from goals.forms.base import PairContentForm
from goals.models import Commitment
from practice.models import Introduction


class IntroductionForm(PairContentForm):
    new_heading, edit_heading = _("Ask for an introduction"), _("Edit the introduction")
    sub = _("Only the two of you see it.")

    class Meta:
        model = Introduction
        fields = ["whom", "why"]
        widgets = {"whom": forms.TextInput(), "why": forms.TextInput()}
        help_texts = {
            "whom": _("A name, a role or a team: “Someone who has led a migration.”"),
            "why": _("In one sentence. It is also how your mentor can introduce you."),
        }


class LearnedForm(PairContentForm):
    """What the mentee learned, and as a next step a commitment of one of the pair, if there is none yet."""

    edit_heading = _("What did you learn?")

    next_step = forms.CharField(
        label=_("Next step"),
        max_length=500,
        required=False,
        help_text=_("It becomes a commitment. Leave it empty if there is none."),
    )
    owner = forms.ChoiceField(label=_("Who"), required=False)
    due_on = forms.DateField(label=_("By when"), required=False, widget=DateInput())

    class Meta:
        model = Introduction
        fields = ["learned"]
        widgets = {"learned": forms.Textarea(attrs={"rows": 3})}

    def set_up(self) -> None:
        self.fields["learned"].required = True
        if self.instance.commitment_id:
            for name in ("next_step", "owner", "due_on"):
                del self.fields[name]
            return
        pair, today = self.pair, self.user.today()
        self.fields["owner"].choices = [
            (person.pk, _("I will") if person == self.user else person.first_name)
            for person in sorted(pair.people, key=lambda person: person.pk != self.user.pk)
        ]
        self.initial |= {"owner": self.user.pk, "due_on": default_due_on.ask(pair, today)}

    @property
    def sub(self) -> str:
        return self.instance.title

    def clean(self):
        values = super().clean()
        if values.get("next_step"):
            for name in ("owner", "due_on"):
                if name in self.fields and not values.get(name) and name not in self.errors:
                    self.add_error(name, _("Say who does it, and by when."))
        return values

    def change(self, by) -> None:
        """Store what was learned and, with a next step, its commitment; raise Conflict and store neither."""
        now, step = timezone.now(), self.cleaned_data.get("next_step")
        row = Introduction.objects.select_related("pair").get(pk=self.instance.pk)
        fields = {"learned": self.cleaned_data["learned"], "learned_at": row.learned_at or now, "moved_at": now}
        with row.pair.locked():
            row.change(self.cleaned_data["version"] or 0, by, talked_at=row.talked_at or now, **fields)
            if step:
                owner = next(person for person in self.pair.people if str(person.pk) == self.cleaned_data["owner"])
                due_on = self.cleaned_data["due_on"]
                row.commitment = Commitment.create(by, pair=row.pair, owner=owner, text=step, due_on=due_on)
                row.save(update_fields=["commitment"])
