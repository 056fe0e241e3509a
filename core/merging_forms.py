"""Forms that merge concurrent edits: nobody overwrites a change they have not seen."""

from collections.abc import Iterable, Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.optimistic_locking import Conflict


class MergingForm(forms.BaseForm):
    """Form that stores only the fields the person changed; a field that both people changed is a conflict.

    Each field in `merged` is submitted with its initial value. An unchanged field takes the value that is stored now.
    A field that both people changed gets an error with the stored value and keeps its input; `is_stale` is True, so
    that the view answers 409. Submitting the form again stores the input.
    Fields in `together` are one value, such as a date and a time.
    """

    data: QueryDict
    merged: Sequence[str] = ()  # empty: all fields
    together: tuple[str, ...] = ()
    is_stale = False

    @property
    def error_status(self) -> int:
        """Return the HTTP status: 200 if the form is unbound or valid, 409 after a conflict, else 422."""
        return 200 if not self.errors else 409 if self.is_stale else 422

    def add_hidden_initials(self) -> None:
        """Add hidden initial values; call it at the end of __init__, when all fields and `initial` are set."""
        self.merged = [name for name in (self.merged or self.fields) if name in self.fields]
        for name in self.merged:
            self.fields[name].show_hidden_initial = True

    def _clean_fields(self) -> None:
        without_initial = [name for name in self.merged if self.add_initial_prefix(name) not in self.data]
        if without_initial:  # no initial value was submitted: assume that the stored value was shown
            self._use_stored_values(without_initial, keep=set(without_initial))
        super()._clean_fields()  # type: ignore[misc]  # private, so missing in the stubs
        mine = {name for name in self.merged if self[name]._has_changed()}  # type: ignore[attr-defined]  # private, too
        theirs = {name for name in self.merged if self._shown(name) != self._stored(name)}
        if mine & set(self.together):
            mine |= set(self.together)
        for name in theirs - mine:
            self.cleaned_data[name] = self._stored(name)
            self.errors.pop(name, None)
        conflicts = {name for name in theirs & mine if self.cleaned_data.get(name) != self._stored(name)}
        if theirs:
            self._use_stored_values(self.merged, keep=mine)
        if conflicts:
            self.is_stale = True
            for name in sorted(conflicts, key=self.merged.index):
                self.add_error(name, self._conflict_message(name))

    def _conflict_message(self, name: str) -> str:
        message = _(
            "Someone else changed this meanwhile. Stored now: “%(value)s”. Send it again to store yours instead."
        )
        return message % {"value": self.as_text(name, self._stored(name))}

    def as_text(self, name: str, value) -> str:
        """Return a stored value as text for the page."""
        choices = dict(getattr(self.fields[name], "choices", ()))
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        if isinstance(value, list | tuple):
            return ", ".join(str(choices.get(one, one)) for one in value) or "–"
        return str(choices.get(value, self._as_typed(name, value)[0] or "–"))

    def _stored(self, name: str):
        """Return the stored value as the field would clean it."""
        field = self.fields[name]
        return self._cleaned(field, field.prepare_value(self.get_initial_for_field(field, name)))

    def _shown(self, name: str):
        field, shown_in = self.fields[name], self.add_initial_prefix(name)
        return self._cleaned(field, field.hidden_widget().value_from_datadict(self.data, self.files, shown_in))

    @staticmethod
    def _cleaned(field: forms.Field, value):
        try:
            return field.clean(value)
        except forms.ValidationError:
            return None if value in field.empty_values else value

    def _use_stored_values(self, names: Iterable[str], keep: set[str]) -> None:
        """Use the stored values as initial values of the bound form, and as input for fields not in `keep`."""
        self.data = self.data.copy()
        for name in names:
            field = self.fields[name]
            texts = self._as_typed(name, field.prepare_value(self.get_initial_for_field(field, name)))
            self.data.setlist(self.add_initial_prefix(name), texts)
            if name not in keep:
                self.data.setlist(self.add_prefix(name), texts)

    def _as_typed(self, name: str, value) -> list[str]:
        """Return the strings that a browser would submit for a value."""
        if not isinstance(value, bool | list | tuple):
            value = self.fields[name].widget.format_value(value)
        values = value if isinstance(value, list | tuple) else [value]
        return ["" if one is None else str(one) for one in values]


class MergingModelForm(MergingForm, forms.ModelForm):
    """Merging form for a model instance."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.add_hidden_initials()

    def save_changes(self) -> list[str]:
        """Store the changed fields and return their names; raise Conflict if one changed since the form read it."""
        rows = type(self.instance)._base_manager.filter(pk=self.instance.pk)
        stored = {name: self._stored(name) for name in self.merged}
        changed = {name: self.cleaned_data[name] for name in self.merged if self.cleaned_data[name] != stored[name]}
        if changed and not rows.filter(**{name: stored[name] for name in changed}).update(**changed):
            raise Conflict(rows.get())
        return list(changed)
