"""Form widgets."""

from django.forms import Select
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join


class LongSelect(Select):
    """A select with hundreds of options: Django renders a template for each of them, this joins strings."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = "" if value is None else str(value)
        attributes = flatatt({"name": name} | self.build_attrs(self.attrs, attrs))
        return format_html("<select{}>{}</select>", attributes, self._options(self.choices, chosen))

    def _options(self, choices, chosen: str) -> str:
        return format_html_join("", "{}", ((self._option(value, label, chosen),) for value, label in choices))

    def _option(self, value, label, chosen: str) -> str:
        if isinstance(label, list | tuple):  # a group of choices, with its name in front
            return format_html('<optgroup label="{}">{}</optgroup>', value, self._options(label, chosen))
        selected = flatatt({"selected": str(value) == chosen})
        return format_html('<option value="{}"{}>{}</option>', value, selected, label)
