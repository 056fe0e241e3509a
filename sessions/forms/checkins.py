from django import forms
from django.utils.translation import gettext_lazy as _

from sessions.forms.items import OneLine
from sessions.models import CheckIn


class CheckInForm(forms.Form):
    """The mentee's check-in: an answer, and an optional note."""

    answer = forms.ChoiceField(label=_("How is it going?"), choices=CheckIn.Answer.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What is it about?"), max_length=300, required=False, help_text=_("Optional, one line.")
    )

    def save(self, pair, by) -> CheckIn:
        return CheckIn.record(pair, by, self.cleaned_data["answer"], self.cleaned_data["note"])


class CheckInReplyForm(forms.Form):
    """The mentor's answer in one line. `version` is the version of the check-in that was shown."""

    reply = forms.CharField(
        label=CheckIn._meta.get_field("reply").verbose_name,
        max_length=CheckIn._meta.get_field("reply").max_length,
        widget=OneLine(),
        error_messages={"required": _("Write your answer first.")},
    )
    version = forms.IntegerField(label=_("Version"), widget=forms.HiddenInput)

    def __init__(self, *args, check_in: CheckIn, **kwargs):
        self.check_in = check_in
        super().__init__(*args, initial={"version": check_in.version}, **kwargs)

    def save(self) -> None:
        self.check_in.add_reply(self.cleaned_data["version"], self.cleaned_data["reply"])

    def for_version(self, current: CheckIn) -> "CheckInReplyForm":
        """Return the same input as a form for the current version of the check-in."""
        return CheckInReplyForm(self.data.copy() | {"version": current.version}, check_in=current)
