"""The room's fragments that a live answer may replace (templates/sessions/_room_*.html)."""

from django import template
from django.utils.html import format_html

from accounts.models import fingerprint

register = template.Library()

IN_PLACE = '<div id="room-{0}" class="room-{0}" data-live="{1}">{2}</div>'
OUT_OF_BAND = '<div id="room-{0}" class="room-{0}" data-live="{1}" hx-swap-oob="true">{2}</div>'


@register.simple_tag(takes_context=True)
def live(context, name: str, oob: bool = False):
    """{% live "agenda" %}: the fragment `name`, marked with what it says, so that an unchanged one is never replaced.

    Such a fragment holds no input. Its buttons belong to the form #press, which lies outside.
    """
    fragment = context.template.engine.get_template(f"sessions/_room_{name}.html")
    inner = fragment.render(context.new({"room": context["room"], "user": context["user"]}))
    return format_html(OUT_OF_BAND if oob else IN_PLACE, name, fingerprint(inner), inner)
