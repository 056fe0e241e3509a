from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AddressField, NameField, NewPasswordField, validate_new_password
from accounts.models import User
from core.time_zones import parse_zone
from mentoring.forms import ProgramForm


class StartForm(ProgramForm):
    """Setup form for the first user and the first program."""

    your_name = NameField()
    email = AddressField(label=_("Your email address"))
    password = NewPasswordField(label=_("A password"))
    zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-guess-zone": ""}))
    operator_name = forms.CharField(
        label=_("Who runs this installation?"),
        help_text=_("A person or an organization. Everyone can read it on the page “Who can see what”."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "dir": "auto"}),
    )
    code = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = [
        "your_name",
        "email",
        "password",
        "name",
        "starts_on",
        "ends_on",
        "cadence",
        "minutes",
        "operator_name",
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the program")

    def clean_zone(self) -> str:
        """Return the time zone of the browser, for the user and the program; UTC if it is unknown."""
        return parse_zone(self.cleaned_data["zone"]) or "UTC"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("password"):
            validate_new_password(
                self, "password", User(email=cleaned.get("email", ""), name=cleaned.get("your_name", ""))
            )
        return cleaned
