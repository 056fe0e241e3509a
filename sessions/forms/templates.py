"""An agenda template as rows that a program admin changes, sorts and saves; sorting alone stores nothing."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models.versions import fingerprint
from sessions.models import AgendaTemplate, TemplateBlock

BLOCKS_AT_MOST = 20
COLUMNS = ("title", "type", "role", "minutes", "question")


class BlockForm(forms.ModelForm):
    class Meta:
        model = TemplateBlock
        fields = COLUMNS
        labels = {"type": gettext_lazy("Purpose")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["minutes"].min_value = 1
        self.fields["minutes"].widget.attrs |= {"min": 1, "max": 240, "inputmode": "numeric"}

    def clean_minutes(self) -> int:
        if self.cleaned_data["minutes"] < 1:
            raise forms.ValidationError(_("A block takes at least one minute."))
        return self.cleaned_data["minutes"]

    @property
    def minutes_now(self) -> int:
        """What the field says, as far as it is a number."""
        value = str(self["minutes"].value() or "")
        return int(value) if value.isdecimal() else 0


class TemplateForm(forms.ModelForm):
    """The template's name and its blocks. `press` is the button: save, add, or up-2, down-2, remove-2."""

    class Meta:
        model = AgendaTemplate
        fields = ["name"]

    def __init__(self, data=None, *, instance: AgendaTemplate):
        super().__init__(data, instance=instance)
        stored = list(instance.blocks.all())
        self.mark = fingerprint(repr([[getattr(block, name) for name in COLUMNS] for block in stored]))
        self.started_from = data.get("mark", "") if data else self.mark
        if data is None:
            self.blocks = [BlockForm(instance=block, prefix=f"b{n}") for n, block in enumerate(stored)]
        else:
            self.blocks = [BlockForm(data, prefix=key) for key in self.sorted_keys(data)]

    def sorted_keys(self, data) -> list[str]:
        """The rows in the order that the press asks for."""
        keys = [key for key in data.getlist("row") if key.isalnum()][:BLOCKS_AT_MOST]
        verb, _dash, at = data.get("press", "").partition("-")
        if at in keys:
            here = keys.index(at)
            if verb == "remove":
                keys.remove(at)
            elif verb in ("up", "down"):
                there = max(0, min(len(keys) - 1, here + (1 if verb == "down" else -1)))
                keys[here], keys[there] = keys[there], keys[here]
        return keys

    @property
    def more(self) -> BlockForm | None:
        """An empty row, where one was asked for."""
        if self.data.get("press") == "add" and len(self.blocks) < BLOCKS_AT_MOST:
            taken = {block.prefix for block in self.blocks}
            return BlockForm(prefix=next(f"b{n}" for n in range(99) if f"b{n}" not in taken))
        return None

    @property
    def rows(self) -> list[BlockForm]:
        return [*self.blocks, *([self.more] if self.more else [])]

    @property
    def total(self) -> int:
        return sum(block.minutes_now for block in self.blocks)

    @property
    def over(self) -> int:
        return max(0, self.total - self.instance.minutes)

    @property
    def free(self) -> int:
        return max(0, self.instance.minutes - self.total)

    @property
    def is_stale(self) -> bool:
        """Somebody else saved since this form was opened."""
        return self.started_from != self.mark

    def is_valid(self) -> bool:
        blocks = [block.is_valid() for block in self.blocks]
        return super().is_valid() and all(blocks)

    def clean(self):
        if not self.blocks:
            raise forms.ValidationError(_("An agenda has at least one block. Add one."))
        return super().clean()

    def save(self, commit=True) -> AgendaTemplate:
        """Replace name and blocks; sessions that are planned already keep theirs."""
        blocks = [TemplateBlock(**block.cleaned_data) for block in self.blocks]
        self.instance.reshape(self.cleaned_data["name"], blocks)
        return self.instance
