from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mentoring.models import PulseAnswer


class PulseForm(forms.ModelForm):
    """The pulse: two questions answered from 1 to 5, with no default."""

    class Meta:
        model = PulseAnswer
        fields = ["worthwhile", "openness"]

    def __init__(self, *args, other, **kwargs):
        super().__init__(*args, **kwargs)
        labels = {1: _("1 · not at all"), 2: "2", 3: "3", 4: "4", 5: _("5 · very much")}
        for name in self.fields:
            self.fields[name] = forms.TypedChoiceField(
                label=PulseAnswer._meta.get_field(name).verbose_name,
                choices=list(labels.items()),
                coerce=int,
                widget=forms.RadioSelect,
            )
        self.fields["openness"].label = gettext("Can you speak openly with %(name)s?") % {"name": other.first_name}
