"""Forms of the stakeholder map."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.merging_forms import MergingForm
from practice.models import Stakeholder


class StakeholderForm(MergingForm, forms.ModelForm):
    """A person or group. Two windows of the same author do not overwrite each other."""

    class Meta:
        model = Stakeholder
        fields = ["name", "influence", "support", "matters", "approach"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off", "maxlength": 120, "dir": "auto"}),
            "influence": forms.RadioSelect(),
            "support": forms.RadioSelect(),
            "matters": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            "approach": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.add_hidden_initials()

    @property
    def initials(self) -> list[str]:
        """The hidden initial values of the fields that the page draws as buttons."""
        return [self[name].as_hidden(only_initial=True) for name in ("influence", "support")]

    def _conflict_message(self, name: str) -> str:
        message = _("You changed this in another window. Stored now: “%(value)s”. Send it again to store yours.")
        return message % {"value": self.as_text(name, self._stored(name))}

    def create(self, author) -> Stakeholder:
        User.objects.filter(pk=author.pk, practice_since=None).update(practice_since=timezone.now())
        return Stakeholder.objects.create(author=author, **self.cleaned_data)

    def change(self, row: Stakeholder) -> None:
        """Store the fields; raise Conflict if the row changed since it was read."""
        row.write(row.version, **self.cleaned_data)


class LeadForm(forms.Form):
    """One line that the partner will read, as a commitment or as a topic."""

    COMMITMENT, TOPIC = "commitment", "topic"

    line = forms.CharField(
        label=gettext_lazy("In one line"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    kind = forms.ChoiceField(choices=[(COMMITMENT, COMMITMENT), (TOPIC, TOPIC)])
