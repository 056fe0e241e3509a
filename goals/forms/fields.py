"""What the forms of this room share."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from core.formatting import day


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


def on_top_of(posted, version: int):
    """What a person sent before they lost a race, to be sent again on top of the version in force now."""
    data = posted.copy()
    data["version"] = version
    return data


class PastDateWarning:
    """A due date before today is stored only on a second press, which says it is meant."""

    past_is_fine = ""  # the date that was warned about; the template sends it back

    def check_past(self, due_on: date | None, today: date, field: str = "due_on") -> None:
        if due_on is None or due_on >= today or self.data.get("past_is_fine") == due_on.isoformat():
            return
        self.past_is_fine = due_on.isoformat()
        said = _("%(day)s has passed already. Pick a later day, or press again if you mean it.")
        self.add_error(field, said % {"day": day(due_on)})


class RowsField(forms.ModelMultipleChoiceField):
    """Rows to tick. A key that no database column can hold names a row that does not exist."""

    LONGEST_KEY = 18  # digits; a 64-bit integer holds every such number

    def clean(self, value):
        for key in value if isinstance(value, list | tuple) else ():
            if len(str(key)) > self.LONGEST_KEY:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(key)[:40]}
                )
        return super().clean(value)


class OffersRows:
    """Fields that name another row of the pair, left out where there is none to choose."""

    def offer(self, name: str, rows) -> None:
        field = self.fields[name]
        field.queryset = rows
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.choices = choices = list(iter(field.choices))
            fewest = 1
        else:
            field.empty_label = _("none")
            field.choices = choices = list(iter(field.choices))  # read once; list() alone would count them first
            fewest = 2
        if len(choices) < fewest:
            del self.fields[name]
