"""Template tags and filters available in every template."""

import re
import uuid
from functools import cache

from django import template
from django.forms import CheckboxInput, RadioSelect
from django.template import defaultfilters
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.translation import gettext as _
from heroicons.templatetags.heroicons import heroicon_outline as draw_outline

from core import formatting
from core.markdown import render as render_markdown

register = template.Library()


@register.simple_tag
def form_token():
    """{% form_token %}: a hidden field that makes a double submit harmless (FormToken.run_once)."""
    return format_html('<input type="hidden" name="form_token" value="{}">', uuid.uuid4())


@register.simple_tag
@cache
def heroicon_outline(name: str, *, size: int = 20) -> str:
    """{% heroicon_outline "bell" size=16 %}: an icon of heroicons, drawn once; the library draws it at each use."""
    return draw_outline(name, size=size)


MAY_BE_LINK = re.compile(r"[.:@]\S")


@register.filter(needs_autoescape=True)
def urlize(text, autoescape=True):
    """{{ text|urlize }}: Django's filter, which examines each word, only for a text that may contain a link."""
    if autoescape and not MAY_BE_LINK.search(str(text)):
        return conditional_escape(text)
    return defaultfilters.urlize(text, autoescape=autoescape)


@register.filter
def input_attributes(widget: dict) -> str:
    """<input{{ widget|input_attributes }}>: what Django's template renders with two loops and an include."""
    value = {} if widget["value"] is None else {"value": str(widget["value"])}
    given = {"type": widget["type"], "name": widget["name"]} | value | widget["attrs"]
    shown = ((name, value) for name, value in given.items() if value is not False)
    return format_html_join(
        "", " {}{}", ((name, "" if value is True else format_html('="{}"', value)) for name, value in shown)
    )


@register.filter
def is_marked_required(field):
    """{% if field|is_marked_required %}: True for a required field in a form that also has optional fields.

    Fields that always have a choice are not marked, because they cannot be left empty.
    """
    widget = field.field.widget
    has_choice = not widget.use_required_attribute(field.initial) or (isinstance(widget, RadioSelect) and field.initial)
    if not field.field.required or field.form.empty_permitted or has_choice:
        return False
    others = (other.field for other in field.form.visible_fields())
    return any(not other.required and not isinstance(other.widget, CheckboxInput) for other in others)


@register.filter
def day(value):
    """{{ date|day }}: "tomorrow" or "Thu, Dec 17"."""
    return formatting.day(value) if value else ""


@register.filter
def full_date(value):
    """{{ date|full_date }}: "Thu, Dec 17, 2026", always absolute."""
    return formatting.full_date(value) if value else ""


@register.filter
def full_time(value):
    """{{ datetime|full_time }}: "Thu, Dec 17, 2026, 4:00 PM", always absolute."""
    return formatting.full_time(value) if value else ""


@register.filter
def clock(value):
    """{{ datetime|clock }}: "4:00 PM" in the reader's time zone."""
    return formatting.clock(value) if value else ""


@register.filter
def time_of_day(value):
    """{{ time|time_of_day }}: a local time without a date, "4:00 PM"."""
    return formatting.time_of_day(value)


@register.filter
def when(value):
    """{{ datetime|when }}: "tomorrow, 10:00 AM"."""
    return formatting.when(value) if value else ""


@register.filter
def clock_until(value, end):
    """{{ start|clock_until:end }}: "9:30–10:30 AM" in the reader's time zone."""
    return formatting.clock_range(value, end) if value and end else ""


@register.filter
def when_until(value, end):
    """{{ start|when_until:end }}: "tomorrow, 9:30–10:30 AM"."""
    return formatting.when_range(value, end) if value and end else ""


@register.simple_tag
def clock_range_for(start, end, person):
    """{% clock_range_for start end person as there %}: like `clock_for`, for a range of times."""
    return (
        formatting.clock_range_in_zone(start, end, person.tzinfo) if start and person and person.zone_is_known else ""
    )


@register.simple_tag
def time_of(start, end, person):
    """{% time_of start end person %}: "tomorrow, 9:30–10:30 AM (3:30–4:30 PM for Ada)", if the times differ."""
    text, there = formatting.when_range(start, end), clock_range_for(start, end, person)
    time = format_html('<time datetime="{}">{}</time>', timezone.localtime(start).isoformat(), text)
    if not there:
        return time
    there = _("%(there)s for %(name)s") % {"there": there, "name": person.first_name}
    return format_html('{} <span class="quiet nowrap">({})</span>', time, there)


@register.simple_tag
def day_of(value):
    """{% day_of datetime %}: the weekday and the day of the month beside a row, below the name of its month."""
    local = timezone.localtime(value)
    html = '<time class="day" datetime="{}"><b>{}</b> {}</time>'
    return format_html(html, local.isoformat(), formatting.weekday(local.date()), local.day)


@register.filter
def clock_for(value, person):
    """{{ datetime|clock_for:person }}: the person's local time; empty if it is the same or their zone is unknown."""
    return formatting.clock_in_zone(value, person.tzinfo) if value and person and person.zone_is_known else ""


@register.filter
def notes(text):
    """{{ text|notes }}: Markdown text as safe HTML."""
    return render_markdown(text) if text else ""
