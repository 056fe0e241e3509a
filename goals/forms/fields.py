"""Fields and mixins that the forms of goals, plans and commitments share."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from core.formatting import day


def with_current_version(posted, version: int):
    """Return the submitted data with the current version number, so that it can be submitted again."""
    data = posted.copy()
    data["version"] = version
    return data


class PastDateWarning:
    """A form that accepts a date before today only when it is submitted a second time."""

    past_is_fine = ""  # the date that was warned about; the template sends it back

    def check_past(self, due_on: date | None, today: date, field: str = "due_on") -> None:
        if due_on is None or due_on >= today or self.data.get("past_is_fine") == due_on.isoformat():
            return
        self.past_is_fine = due_on.isoformat()
        error = _("%(day)s is in the past. Pick a later day, or submit again to keep it.")
        self.add_error(field, error % {"day": day(due_on)})


class RowsField(forms.ModelMultipleChoiceField):
    """Rows to select by checkbox. A key too long for the database is an invalid choice."""

    LONGEST_KEY = 18  # digits; a 64-bit integer holds every such number

    def clean(self, value):
        for key in value if isinstance(value, list | tuple) else ():
            if len(str(key)) > self.LONGEST_KEY:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(key)[:40]}
                )
        return super().clean(value)


class OffersRows:
    """A form with fields that link to other rows; a field without any choice is removed."""

    def offer(self, name: str, rows) -> None:
        field = self.fields[name]
        field.queryset = rows
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.choices = choices = list(iter(field.choices))
            fewest = 1
        else:
            field.empty_label = _("none")
            field.choices = choices = list(iter(field.choices))  # one query; list() alone would also run COUNT
            fewest = 2
        if len(choices) < fewest:
            del self.fields[name]
