"""Form widgets."""

from html import escape

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import mark_safe


class DateInput(forms.DateInput):
    """The date field of the browser, which takes and returns ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The time field of the browser."""

    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class LongSelect(forms.Select):
    """A select with hundreds of options: Django renders a template for each of them, this joins strings.

    Every value and label is escaped by Python's own `escape`: Django's takes several deep calls for each text, which
    made up three quarters of the page.
    """

    def render(self, name, value, attrs=None, renderer=None):
        attributes = flatatt({"name": name} | self.build_attrs(self.attrs, attrs))
        options = self._options(self.choices, "" if value is None else str(value))
        return format_html("<select{}>{}</select>", attributes, mark_safe(options))  # nosec B308, B703

    def _options(self, choices, chosen: str) -> str:
        return "".join(self._option(value, label, chosen) for value, label in choices)

    def _option(self, value, label, chosen: str) -> str:
        text = escape(str(value))
        if isinstance(label, list | tuple):  # a group of choices, with its name in front
            return f'<optgroup label="{text}">{self._options(label, chosen)}</optgroup>'
        selected = " selected" if str(value) == chosen else ""
        return f'<option value="{text}"{selected}>{escape(str(label))}</option>'
