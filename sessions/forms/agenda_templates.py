"""Edit the blocks of a template or of one session as rows. Sorting rows stores nothing until they are saved."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.optimistic_locking import fingerprint
from sessions.models import AgendaTemplate, Session, TemplateBlock

BLOCKS_AT_MOST = 20
COLUMNS = ("title", "type", "role", "minutes", "question")


class BlockForm(forms.ModelForm):
    stored = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the block that this row changes

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
            raise forms.ValidationError(_("Enter at least 1 minute."))
        return self.cleaned_data["minutes"]

    @property
    def columns(self) -> dict:
        return {name: self.cleaned_data[name] for name in COLUMNS}

    @property
    def minutes_now(self) -> int:
        """Return the number in the field, or 0."""
        value = str(self["minutes"].value() or "")
        return int(value) if value.isdecimal() and len(value) < 10 else 0


class BlockRows:
    """The rows of a form. `press` names the button: save, add, sum, or up-b2, down-b2, remove-b2."""

    def take_rows(self, data, stored: list, length: int) -> None:
        self.length = length
        self.mark = fingerprint(repr([[getattr(block, name) for name in COLUMNS] for block in stored]))
        self.started_from = data.get("mark", "") if data else self.mark
        if data is None:
            self.blocks = [BlockForm(initial=row_of(block), prefix=f"b{n}") for n, block in enumerate(stored)]
        else:
            self.blocks = [BlockForm(data, prefix=key) for key in sorted_keys(data)]

    @property
    def rows(self) -> list[BlockForm]:
        """Return the blocks, with an empty one if "add" was pressed."""
        if self.data.get("press") != "add" or len(self.blocks) >= BLOCKS_AT_MOST:
            return self.blocks
        taken = {block.prefix for block in self.blocks}
        return [*self.blocks, BlockForm(prefix=next(f"b{n}" for n in range(99) if f"b{n}" not in taken))]

    @property
    def total(self) -> int:
        return sum(block.minutes_now for block in self.blocks)

    @property
    def over(self) -> int:
        return max(0, self.total - self.length)

    @property
    def free(self) -> int:
        return max(0, self.length - self.total)

    @property
    def is_stale(self) -> bool:
        """Return True if someone else saved since this form was opened."""
        return self.started_from != self.mark

    def is_valid(self) -> bool:
        blocks = [block.is_valid() for block in self.blocks]
        return super().is_valid() and all(blocks)

    def clean(self):
        if not self.blocks:
            raise forms.ValidationError(_("Add at least one block."))
        return super().clean()


def row_of(block) -> dict:
    return {name: getattr(block, name) for name in COLUMNS} | {"stored": block.pk}


def sorted_keys(data) -> list[str]:
    """Return the row keys after the pressed button moved or removed one."""
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


class TemplateForm(BlockRows, forms.ModelForm):
    """The template's name and its blocks."""

    class Meta:
        model = AgendaTemplate
        fields = ["name"]

    def __init__(self, data=None, *, instance: AgendaTemplate):
        super().__init__(data, instance=instance)
        self.take_rows(data, list(instance.blocks.all()), instance.minutes)

    def save(self) -> None:
        """Replace name and blocks; sessions already scheduled keep theirs."""
        self.instance.reshape(self.cleaned_data["name"], [TemplateBlock(**block.columns) for block in self.blocks])


class AgendaForm(BlockRows, forms.Form):
    """The blocks of one session, editable until it starts."""

    def __init__(self, data=None, *, session: Session):
        super().__init__(data)
        self.session = session
        self.take_rows(data, list(session.blocks.all()), session.minutes)

    def save(self) -> None:
        self.session.replace_blocks([(block.cleaned_data["stored"], block.columns) for block in self.blocks])
