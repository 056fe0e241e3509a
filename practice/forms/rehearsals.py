"""Forms of a rehearsal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair
from practice.models import Rehearsal


class RehearsalForm(forms.ModelForm):
    """What is asked before a rehearsal. With a running pair, the partner may be invited to it."""

    pair = forms.ModelChoiceField(queryset=Pair.objects.none(), label=_("With whom?"), required=False)

    class Meta:
        model = Rehearsal
        fields = ["seat", "before"]
        widgets = {"seat": forms.RadioSelect(), "before": forms.RadioSelect()}

    def __init__(self, *args, pairs: list[Pair], user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["before"].choices = self.fields["before"].choices[1:]  # without the empty choice
        field = self.fields["pair"]
        field.queryset = Pair.objects.filter(pk__in=[pair.pk for pair in pairs])
        field.choices = [("", _("alone")), *((pair.pk, str(pair.other(user))) for pair in pairs)]
        field.help_text = _("They see the scene, the roles, the timer and what you write afterward.")
        if not pairs:
            del self.fields["pair"]


class AfterForm(forms.ModelForm):
    """What is asked after a rehearsal."""

    class Meta:
        model = Rehearsal
        fields = ["after"]
        widgets = {"after": forms.RadioSelect()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["after"].choices = self.fields["after"].choices[1:]  # without the empty choice
