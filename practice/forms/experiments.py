"""The form for the result of an experiment."""

from django import forms

from practice.models import Experiment


class ResultForm(forms.ModelForm):
    class Meta:
        model = Experiment
        fields = ["result"]
        widgets = {"result": forms.RadioSelect()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["result"].required = True
        self.fields["result"].choices = Experiment.Result.choices  # without the empty choice
