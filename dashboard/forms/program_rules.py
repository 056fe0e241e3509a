"""The forms for the settings of a program that apply to all its pairs, one for each section."""

from typing import NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from core.merging_forms import MergingForm
from dashboard.models import FlagRule
from dashboard.program_rules import SWITCHES, optional_reminders, rules_of
from mentoring import mentor_tips
from mentoring.models import Program
from mentoring.thresholds import THRESHOLDS, out_of_order
from practice import note_templates, phrases
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
    most, longest = question_bank.MOST, question_bank.LONGEST
    too_many = _("Enter at most %(n)s questions.")
    too_long = _("Shorten this question to %(n)s characters: %(line)s")

    def clean(self, value) -> list[str]:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > self.most:
            raise forms.ValidationError(self.too_many % {"n": self.most})
        for line in lines:
            if len(line) > self.longest:
                raise forms.ValidationError(self.too_long % {"n": self.longest, "line": line[:60]})
        return list(dict.fromkeys(lines))


class SectionForm(MergingForm, forms.Form):
    """One section of the settings that apply to all pairs; `rules` holds its values as change_rules() takes them."""

    names: tuple[str, ...]  # of the settings in this section

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        self.add_fields(rules_of(program))
        self.add_hidden_initials()

    def add_fields(self, now: dict) -> None:
        """Add the fields of the section, filled with the settings of now."""
        raise NotImplementedError

    @property
    def rules(self) -> dict:
        """Return the settings of this section to store; the form must be valid."""
        raise NotImplementedError


class NormsForm(SectionForm):
    """The norms that new working agreements suggest."""

    names = ("norms",)

    def add_fields(self, now: dict) -> None:
        self.fields["norms"] = forms.CharField(
            label=_("Suggested norms for the working agreement"),
            help_text=_("If empty, the default text is suggested. Each pair can change it."),
            initial=now["norms"],
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        )

    @property
    def rules(self) -> dict:
        return {"norms": self.cleaned_data["norms"]}


class QuestionsForm(SectionForm):
    """The coaching questions, one list for each type of block and each phase of a pair."""

    names = ("questions",)

    def add_fields(self, now: dict) -> None:
        for kind, label in LABELS.items():
            self.fields[f"ask_{kind}"] = LinesField(
                label=label,
                initial="\n".join(now["questions"][kind]),
                required=False,
                max_length=question_bank.MOST * (question_bank.LONGEST + 2),
                widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
            )

    @property
    def rules(self) -> dict:
        return {"questions": {str(kind): self.cleaned_data[f"ask_{kind}"] for kind in LABELS}}


class TipsField(LinesField):
    """The tips for mentors, one per line."""

    most, longest = mentor_tips.MOST, mentor_tips.LONGEST
    too_many = _("Enter at most %(n)s tips.")
    too_long = _("Shorten this tip to %(n)s characters: %(line)s")


class TipsForm(SectionForm):
    """The tips that mentors read on their page."""

    names = ("tips",)

    def add_fields(self, now: dict) -> None:
        self.fields["tips"] = TipsField(
            label=_("Tips, one per line"),
            help_text=_("If empty, the built-in tips are shown."),
            initial="\n".join(now["tips"]),
            required=False,
            max_length=mentor_tips.MOST * (mentor_tips.LONGEST + 2),
            widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}),
        )

    @property
    def rules(self) -> dict:
        return {"tips": self.cleaned_data["tips"]}


class PhrasesField(LinesField):
    """Phrases for one occasion, one per line."""

    most, longest = phrases.MOST, phrases.LONGEST
    too_many = _("Enter at most %(n)s phrases.")
    too_long = _("Shorten this phrase to %(n)s characters: %(line)s")


class PhrasesForm(SectionForm):
    """The phrases that people can put in their preparation, one list for each occasion."""

    names = ("phrases",)

    def add_fields(self, now: dict) -> None:
        for occasion in phrases.Occasion:
            self.fields[f"for_{occasion}"] = PhrasesField(
                label=occasion.label,
                initial="\n".join(now["phrases"][occasion]),
                required=False,
                max_length=phrases.MOST * (phrases.LONGEST + 2),
                widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
            )

    @property
    def rules(self) -> dict:
        return {"phrases": {str(one): self.cleaned_data[f"for_{one}"] for one in phrases.Occasion}}


class NoteTemplateField(LinesField):
    """A template for quick notes: its title, and below it one question per line."""

    most, longest = 1 + note_templates.MOST_QUESTIONS, note_templates.LONGEST_QUESTION
    too_many = _("Enter at most %(n)s lines: the title and its questions.")
    too_long = _("Shorten this line to %(n)s characters: %(line)s")

    def clean(self, value) -> list[str]:
        lines = super().clean(value)
        if lines and len(lines[0]) > note_templates.LONGEST_TITLE:
            values = {"n": note_templates.LONGEST_TITLE, "line": lines[0][:60]}
            raise forms.ValidationError(_("Shorten the title to %(n)s characters: %(line)s") % values)
        if len(lines) == 1:
            raise forms.ValidationError(_("Enter at least one question below the title."))
        return lines


class NoteTemplatesForm(SectionForm):
    """The templates that people start quick notes with."""

    names = ("note_templates",)

    def add_fields(self, now: dict) -> None:
        for n in range(note_templates.MOST):
            row = dict(enumerate(now["note_templates"])).get(n)
            self.fields[f"template_{n}"] = NoteTemplateField(
                label=_("Template %(n)s") % {"n": n + 1},
                initial="\n".join([row["title"], *row["questions"]]) if row else "",
                required=False,
                max_length=(1 + note_templates.MOST_QUESTIONS) * (note_templates.LONGEST_QUESTION + 2),
                widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
            )

    def clean(self):
        values, seen = super().clean(), set()
        for name in self.fields:
            title = (values.get(name) or [""])[0]
            if title and title in seen:
                self.add_error(name, _("There is already a template with this title."))
            seen.add(title)
        return values

    @property
    def rules(self) -> dict:
        rows = [lines for lines in self.cleaned_data.values() if lines]
        return {"note_templates": [{"title": title, "questions": questions} for title, *questions in rows]}


class ReminderRulesForm(SectionForm):
    """The reminders that the program sends."""

    names = ("silent_kinds",)

    def add_fields(self, now: dict) -> None:
        self.fields["sent"] = forms.MultipleChoiceField(
            label=_("Reminders to send"),
            choices=optional_reminders.ask().items(),
            initial=[name for name in optional_reminders.ask() if name not in now["silent_kinds"]],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    @property
    def rules(self) -> dict:
        silent = [name for name in optional_reminders.ask() if name not in self.cleaned_data["sent"]]
        return {"silent_kinds": silent}


class Number(NamedTuple):
    """The field of one threshold with its unit, and the stored value if another one was entered."""

    field: forms.BoundField
    unit: str
    before: int | None


class RuleRow(NamedTuple):
    """One attention rule in the table: its fields for each level, and its switch."""

    name: str
    hint: str
    watch: list[Number]
    attention: list[Number]
    switch: forms.BoundField
    is_off: bool


HINTS = {
    "A1": _("Counted from the day of the match."),
    "A2": _("Compared with the rhythm that the pair agreed on. Pauses do not count."),
    "A3": _("By either person."),
    "A4": _("Sessions that did not take place, according to one of them."),
    "A5": _("Only the pair sees this, never an admin."),
    "A6": _("“None this time” does not count."),
    "A9": _("Listed as paperwork, without an urgent level."),
    "A10": _("Listed as paperwork, without an urgent level."),
    "A11": _("No activity of any kind by one person."),
    "A12": _("Counted from the end date of the pair."),
}


def count_in(field: forms.BoundField) -> int:
    """Return the number in a field, as it decides between singular and plural; 2 for anything else."""
    value = str(field.value() or "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 2


class AttentionRulesForm(SectionForm):
    """The thresholds of the attention rules, and which rules are on."""

    names = ("thresholds", "rules_off")

    def add_fields(self, now: dict) -> None:
        for name, one in THRESHOLDS.items():
            self.fields[name] = forms.IntegerField(
                label=one.label,
                initial=now["thresholds"][name],
                min_value=one.minimum,
                max_value=one.maximum,
            )
        for name in SWITCHES:
            self.fields[f"on_{name}"] = forms.BooleanField(
                label=FlagRule(name).label,
                initial=name not in now["rules_off"],
                required=False,
                widget=forms.CheckboxInput(attrs={"role": "switch", "aria-label": FlagRule(name).label}),
            )

    @property
    def rows(self) -> list[RuleRow]:
        """The rules in the order of their codes."""
        found = []
        for name in SWITCHES:
            own = [one for one in THRESHOLDS.values() if one.rule == name]
            shown = [(one, self[one.name]) for one in own]
            levels = [
                [Number(f, one.unit(count_in(f)), self.before(f)) for one, f in shown if one.red == red]
                for red in (False, True)
            ]
            switch = self[f"on_{name}"]
            found.append(RuleRow(FlagRule(name).label, HINTS[name], *levels, switch, not switch.value()))
        return found

    def before(self, field: forms.BoundField) -> int | None:
        """Return the stored value of a field in which another one was entered, else None."""
        return field.initial if self.is_bound and str(field.value()) != str(field.initial) else None

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
        return {
            "thresholds": {name: self.cleaned_data[name] for name in THRESHOLDS},
            "rules_off": [name for name in SWITCHES if not self.cleaned_data[f"on_{name}"]],
        }
