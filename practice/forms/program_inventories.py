"""Forms of a program's own inventories."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.merging_forms import MergingModelForm
from mentoring.models import Program
from practice.models import ProgramInventory
from practice.models.program_inventory import (
    LONGEST_STATEMENT,
    LONGEST_TITLE,
    MOST,
    MOST_STATEMENTS,
    MOST_THEMES,
    as_text,
    problems_in,
    themes_in,
)


class StatementsField(forms.CharField):
    """Themes with their statements, as lines; the value is that text in its usual shape."""

    widget = forms.Textarea(attrs={"rows": 16, "dir": "auto"})

    def __init__(self, **kwargs):
        longest = MOST_STATEMENTS * (LONGEST_STATEMENT + 4) + MOST_THEMES * (LONGEST_TITLE + 4)
        kwargs |= {"max_length": longest, "required": False}
        super().__init__(**kwargs)

    def clean(self, value) -> str:
        text = super().clean(value)
        if problems := problems_in(text):
            raise forms.ValidationError(problems)
        return as_text(themes_in(text))


class InventoryForm(forms.ModelForm):
    """Begins an inventory with its title."""

    class Meta:
        model = ProgramInventory
        fields = ["title"]
        widgets = {"title": forms.TextInput(attrs={"dir": "auto"})}

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.program = program

    def clean(self):
        """Refuse what the program file could not hold: the same title twice, or too many."""
        values = super().clean()
        others = ProgramInventory.objects.filter(program=self.instance.program).current().exclude(pk=self.instance.pk)
        if "title" in values and others.has_title(values["title"]):
            self.add_error("title", _("This is already on the list."))
        elif self.instance.pk is None and others.count() >= MOST:
            self.add_error(None, _("You can’t add more inventories. First retire one that no longer helps."))
        return values


class InventoryEditForm(MergingModelForm, InventoryForm):
    """Changes to a draft. What another admin changed meanwhile is kept, or shown if both changed it."""

    statements = StatementsField(
        label=gettext_lazy("Statements"),
        help_text=gettext_lazy(
            "Put the title of a theme on a line of its own. Below it, begin each statement with “-”. "
            "Write in the first person, such as “- I ask before I give advice.”"
        ),
    )

    class Meta(InventoryForm.Meta):
        fields = ["title", "about", "statements", "least", "most"]
        widgets = {name: forms.TextInput(attrs={"dir": "auto"}) for name in ("title", "about", "least", "most")}
        help_texts = {
            "about": gettext_lazy("One sentence that people read before they begin."),
            "least": gettext_lazy(
                "People answer each statement from 1 to 5. If you leave this empty, 1 means “almost never”."
            ),
            "most": gettext_lazy("If you leave this empty, 5 means “almost always”."),
        }

    @property
    def is_publishing(self) -> bool:
        return "publish" in self.data

    def clean(self):
        values = super().clean()
        themes = themes_in(values.get("statements") or "")
        if self.is_publishing and "statements" in values:
            if not themes:
                self.add_error("statements", _("Write at least one theme with a statement before you publish."))
            elif empty := next((one["title"] for one in themes if not one["statements"]), ""):
                text = _("“%(title)s” has no statements. Begin each statement with “-”.")
                self.add_error("statements", text % {"title": empty})
        return values
