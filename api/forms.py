from datetime import timedelta

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from api.models import OF_A_PERSON, OF_A_PROGRAM, ApiToken, WebhookEndpoint
from api.models.webhook import WebhookEvent
from core.addresses import one_line
from core.outgoing import validate_address


class TokenForm(forms.Form):
    """A new token of the person, or of a program."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use it, such as “Calendar sync”. Only you see it.")
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("It expires after"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        initial=90,
    )

    def __init__(self, *args, user, program=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.program = user, program
        offered = OF_A_PROGRAM if program else OF_A_PERSON
        self.fields["scopes"].choices = [(scope.value, scope.label) for scope in offered]
        if program:
            self.fields["name"].help_text = _("What will use it, such as “HR report”. All program admins see it.")

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean(self):
        existing = ApiToken.objects.filter(program=self.program)
        existing = existing if self.program else existing.filter(user=self.user)
        if existing.count() >= ApiToken.MOST:
            raise forms.ValidationError(_("There are ten tokens already. Revoke one first."))
        return super().clean()

    def make(self) -> tuple[ApiToken, str]:
        """Create the token; return its row and its secret."""
        values = self.cleaned_data
        expires_at = timezone.now() + timedelta(days=values["days"])
        return ApiToken.make(self.user, values["name"], values["scopes"], expires_at, self.program)


class WebhookForm(forms.Form):
    """A new address for events of a program."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("It starts with https:// and takes signed messages, as Standard Webhooks describes them."),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"), widget=forms.CheckboxSelectMultiple, choices=WebhookEvent.choices
    )

    def __init__(self, *args, program, **kwargs):
        super().__init__(*args, **kwargs)
        self.program = program

    def clean_url(self) -> str:
        validate_address(self.cleaned_data["url"], private=settings.WEBHOOKS_TO_PRIVATE)
        return self.cleaned_data["url"]

    def clean(self):
        fields = super().clean()
        if self.program.webhooks.count() >= WebhookEndpoint.MOST:
            raise forms.ValidationError(_("There are five addresses already. Remove one first."))
        if self.program.webhooks.filter(url=fields.get("url")).exists():
            self.add_error("url", _("This address has been added already."))
        return fields
