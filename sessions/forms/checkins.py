from django import forms
from django.utils.translation import gettext_lazy as _

from sessions.forms.items import OneLine
from sessions.models import CheckIn


class CheckInForm(forms.Form):
    """Three taps, and one line if one likes."""

    answer = forms.ChoiceField(label=_("How is it going?"), choices=CheckIn.Answer.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What is it about?"), max_length=300, required=False, help_text=_("One line, or nothing.")
    )

    def say(self, pair, by) -> CheckIn:
        return CheckIn.say(pair, by, self.cleaned_data["answer"], self.cleaned_data["note"])


class CheckInReplyForm(forms.Form):
    """The mentor's answer in one line. `version` is that of the check-in as it was read."""

    reply = forms.CharField(
        label=CheckIn._meta.get_field("reply").verbose_name,
        max_length=CheckIn._meta.get_field("reply").max_length,
        widget=OneLine(),
        error_messages={"required": _("Write your answer first.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, check_in: CheckIn, **kwargs):
        self.check_in = check_in
        super().__init__(*args, initial={"version": check_in.version}, **kwargs)

    def save(self) -> None:
        self.check_in.add_reply(self.cleaned_data["version"], self.cleaned_data["reply"])

    def on_top_of(self, current: CheckIn) -> "CheckInReplyForm":
        """What was typed, ready to be sent again for the check-in as it reads now."""
        return CheckInReplyForm(self.data.copy() | {"version": current.version}, check_in=current)
