"""The form for the settings of a program that apply to all its pairs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.merging_forms import MergingForm
from dashboard.program_rules import optional_reminders, rules_of
from mentoring.models import Program
from mentoring.thresholds import THRESHOLDS, out_of_order
from sessions import question_bank
from sessions.models.agenda_template import BlockType
from sessions.question_bank import Phase

LABELS = {
    BlockType.OPEN: _("Opening questions"),
    BlockType.LEARN: _("Learning questions"),
    BlockType.REFLECT: _("Reflection questions"),
    BlockType.APPLY: _("Questions about applying it"),
    BlockType.CLOSE: _("Closing questions"),
    Phase.BEGIN: _("Extra questions for the first weeks of a pair"),
    Phase.END: _("Extra questions for the last weeks of a pair"),
}


class LinesField(forms.CharField):
    """A list of questions, one per line."""

    widget = forms.Textarea

    def clean(self, value) -> list[str]:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > question_bank.MOST:
            raise forms.ValidationError(_("Enter at most %(n)s questions.") % {"n": question_bank.MOST})
        for line in lines:
            if len(line) > question_bank.LONGEST:
                error = _("Shorten this question to %(n)s characters: %(line)s")
                raise forms.ValidationError(error % {"n": question_bank.LONGEST, "line": line[:60]})
        return list(dict.fromkeys(lines))


class ProgramRulesForm(MergingForm, forms.Form):
    norms = forms.CharField(
        label=_("Suggested norms for the working agreement"),
        help_text=_("If empty, the default text is suggested. Each pair can change it."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        now = rules_of(program)
        self.fields["norms"].initial = now["norms"]
        for kind, label in LABELS.items():
            self.fields[f"ask_{kind}"] = LinesField(
                label=label,
                initial="\n".join(now["questions"][kind]),
                required=False,
                max_length=question_bank.MOST * (question_bank.LONGEST + 2),
                widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
            )
        self.fields["sent"] = forms.MultipleChoiceField(
            label=_("Reminders to send"),
            choices=optional_reminders.ask().items(),
            initial=[name for name in optional_reminders.ask() if name not in now["silent_kinds"]],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        for name, one in THRESHOLDS.items():
            self.fields[name] = forms.IntegerField(
                label=one.label,
                help_text=_("Default: %(n)s") % {"n": one.default},
                initial=now["thresholds"][name],
                min_value=one.minimum,
                max_value=one.maximum,
            )
        self.add_hidden_initials()

    @property
    def questions(self):
        return [self[f"ask_{kind}"] for kind in LABELS]

    @property
    def thresholds(self):
        """The threshold fields, grouped by subject."""
        about = {}
        for name, one in THRESHOLDS.items():
            about.setdefault(one.rule, []).append(self[name])
        return about.items()

    def clean(self):
        cleaned = super().clean()
        numbers = {name: cleaned.get(name) for name in THRESHOLDS}
        if None not in numbers.values():
            for first, then in out_of_order(numbers):
                error = _("This must not take effect before “%(first)s”.") % {"first": THRESHOLDS[first].label}
                self.add_error(then, error)
        return cleaned

    @property
    def rules(self) -> dict:
        """The values as change_rules() takes them."""
        return {
            "norms": self.cleaned_data["norms"],
            "silent_kinds": [name for name in optional_reminders.ask() if name not in self.cleaned_data["sent"]],
            "thresholds": {name: self.cleaned_data[name] for name in THRESHOLDS},
            "questions": {str(kind): self.cleaned_data[f"ask_{kind}"] for kind in LABELS},
        }
