"""The base of forms that either person of a pair may use to add or edit a row (goals/pair_content_form.html)."""

from django import forms
from django.db import transaction

from goals.forms.fields import OffersRows


class PairContentForm(OffersRows, forms.ModelForm):
    """A form for a row of a pair; `pair` is given for a new row and read from an existing one."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    new_heading = edit_heading = sub = more = ""
    folded = ()  # names of the fields shown under `more`

    def __init__(self, *args, pair=None, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        if pair:
            self.set_owner(pair, user)
        self.pair, self.user = pair or self.instance.pair, user
        self.fields["version"].initial = self.instance.version
        self.set_up()

    def set_up(self) -> None:
        """Adapt the fields to the row and its pair."""

    @property
    def heading(self) -> str:
        return self.edit_heading if self.instance.pk else self.new_heading

    @property
    def shown_fields(self) -> list:
        return [field for field in self.visible_fields() if field.name not in self.folded]

    @property
    def folded_fields(self) -> list:
        return [field for field in self.visible_fields() if field.name in self.folded]

    def create(self):
        with transaction.atomic():
            self.save()
            self.pair.touch()
        return self.instance

    def set_owner(self, pair, user) -> None:
        """Set the pair and the author of a new row."""
        self.instance.pair, self.instance.created_by = pair, user

    def change(self, by) -> None:
        """Store the changed fields with the model's change(); raise Conflict if the other person saved first."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("version", "reason")}
        many = {name: values.pop(name) for name in list(values) if self.instance._meta.get_field(name).many_to_many}
        row = type(self.instance)._base_manager.get(pk=self.instance.pk)  # the form changed its own instance
        with transaction.atomic():
            row.change(self.cleaned_data["version"] or 0, by, self.cleaned_data.get("reason", ""), **values)
            for name, rows in many.items():
                getattr(row, name).set(rows)
