"""What a program sets for all of its pairs, on one page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.merging_forms import MergingForm
from dashboard.program_rules import rules_of
from mentoring.models import Program
from mentoring.reminder_plan import MAY_BE_SILENT
from mentoring.thresholds import THRESHOLDS, out_of_order
from sessions import question_bank
from sessions.models.template import BlockType
from sessions.question_bank import Phase

LABELS = {
    BlockType.OPEN: _("Questions to open with"),
    BlockType.LEARN: _("Questions to learn by"),
    BlockType.REFLECT: _("Questions to reflect with"),
    BlockType.APPLY: _("Questions to apply it"),
    BlockType.CLOSE: _("Questions to close with"),
    Phase.BEGIN: _("In the first weeks of a pair, besides"),
    Phase.END: _("In the last weeks of a pair, besides"),
}


class LinesField(forms.CharField):
    """One question in each line."""

    widget = forms.Textarea

    def clean(self, value) -> list[str]:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > question_bank.MOST:
            raise forms.ValidationError(_("At most %(n)s questions.") % {"n": question_bank.MOST})
        for line in lines:
            if len(line) > question_bank.LONGEST:
                said = _("A question has %(n)s letters at most. This one is longer: %(line)s")
                raise forms.ValidationError(said % {"n": question_bank.LONGEST, "line": line[:60]})
        return list(dict.fromkeys(lines))


class ProgramRulesForm(MergingForm, forms.Form):
    norms = forms.CharField(
        label=_("How we work together, as each pair is proposed it"),
        help_text=_("Left empty, the usual text is proposed. The two change it as they like."),
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
            label=_("Reminders that go out"),
            choices=MAY_BE_SILENT.items(),
            initial=[name for name in MAY_BE_SILENT if name not in now["silent_kinds"]],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        for name, one in THRESHOLDS.items():
            self.fields[name] = forms.IntegerField(
                label=one.says,
                help_text=_("Usually %(n)s.") % {"n": one.usual},
                initial=now["thresholds"][name],
                min_value=one.least,
                max_value=one.most,
            )
        self.carry_what_is_shown()

    @property
    def questions(self):
        return [self[f"ask_{kind}"] for kind in LABELS]

    @property
    def thresholds(self):
        """What they are about, and the fields."""
        about = {}
        for name, one in THRESHOLDS.items():
            about.setdefault(one.about, []).append(self[name])
        return about.items()

    def clean(self):
        cleaned = super().clean()
        numbers = {name: cleaned.get(name) for name in THRESHOLDS}
        if None not in numbers.values():
            for first, then in out_of_order(numbers):
                said = _("This would speak before “%(first)s”.") % {"first": THRESHOLDS[first].says}
                self.add_error(then, said)
        return cleaned

    @property
    def said(self) -> dict:
        """What change_rules() takes."""
        return {
            "norms": self.cleaned_data["norms"],
            "silent_kinds": [name for name in MAY_BE_SILENT if name not in self.cleaned_data["sent"]],
            "thresholds": {name: self.cleaned_data[name] for name in THRESHOLDS},
            "questions": {str(kind): self.cleaned_data[f"ask_{kind}"] for kind in LABELS},
        }
