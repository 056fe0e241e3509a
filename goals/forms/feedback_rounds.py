"""Forms to start a feedback round and to answer it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import FeedbackAnswer
from goals.models.feedback_round import MAX_INVITES, MIN_ANSWERS, Frequency


class FeedbackRoundForm(forms.Form):
    """What the feedback is about, and the names of the people who are asked."""

    about = forms.CharField(
        label=_("What should they look at?"),
        max_length=200,
        help_text=_("It completes the question “Compared with two months ago, how often do you see …?”"),
    )
    names = forms.CharField(
        label=_("Who do you want to ask?"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("Three to five names, one per line. Each person gets a separate link, which you send."),
    )

    def clean_names(self):
        names = [" ".join(line.split())[:100] for line in self.cleaned_data["names"].splitlines() if line.strip()]
        if len(names) > MAX_INVITES:
            raise forms.ValidationError(_("Ask at most five people."))
        if len(names) < MIN_ANSWERS:
            raise forms.ValidationError(
                _("Ask at least three people. With fewer than three answers nothing is shown, to keep them anonymous.")
            )
        return names


class FeedbackAnswerForm(forms.ModelForm):
    """Three questions for a person without an account."""

    frequency = forms.TypedChoiceField(choices=Frequency.choices, coerce=int, widget=forms.RadioSelect)

    class Meta:
        model = FeedbackAnswer
        fields = ["frequency", "keep_doing", "change"]
        widgets = {name: forms.Textarea(attrs={"rows": 3, "dir": "auto"}) for name in ("keep_doing", "change")}

    def __init__(self, *args, about: str, **kwargs):
        super().__init__(*args, **kwargs)
        label = _("Compared with two months ago, how often do you see: %(what)s?")
        self.fields["frequency"].label = label % {"what": about}
