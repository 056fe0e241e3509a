from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.models import PairPulse


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
