from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AddressField, NameField, NewPasswordField, refuse_weak
from accounts.models import User
from accounts.zones import zone_meant
from mentoring.forms import ProgramForm
from mentoring.models import PairPulse


class StartForm(ProgramForm):
    """The first visit: who you are, and the program you begin with."""

    your_name = NameField()
    email = AddressField(label=_("Your email address"))
    password = NewPasswordField(label=_("A password"))
    zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-guess-zone": ""}))
    run_by = forms.CharField(
        label=_("Who runs this installation?"),
        help_text=_("A person or an organization. Everybody can read it on the page “Who can see what”."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "dir": "auto"}),
    )
    code = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = ["your_name", "email", "password", "name", "starts_on", "ends_on", "cadence", "minutes", "run_by"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the program")

    def clean_zone(self) -> str:
        """The browser's guess; it becomes the zone of the person and of the program."""
        return zone_meant(self.cleaned_data["zone"]) or "UTC"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("password"):
            refuse_weak(self, "password", User(email=cleaned.get("email", ""), name=cleaned.get("your_name", "")))
        return cleaned


class PulseForm(forms.ModelForm):
    """How is it going? Two questions, from 1 to 5, none preset."""

    class Meta:
        model = PairPulse
        fields = ["worth", "open"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = {1: _("1 · not at all"), 2: "2", 3: "3", 4: "4", 5: _("5 · very much")}
        for name in self.fields:
            self.fields[name] = forms.TypedChoiceField(
                label=PairPulse._meta.get_field(name).verbose_name,
                choices=list(words.items()),
                coerce=int,
                widget=forms.RadioSelect,
            )
