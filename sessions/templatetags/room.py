"""Tags of the session room: its live fragments, its buttons, and the outcome of an item."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.optimistic_locking import fingerprint
from sessions.models import AgendaItem, ItemOutcome
from sessions.session_room import hour_line as hour

register = template.Library()

IN_PLACE = '<div id="room-{0}" class="room-{0}" data-live="{1}">{2}</div>'
OUT_OF_BAND = '<div id="room-{0}" class="room-{0}" data-live="{1}" hx-swap-oob="true">{2}</div>'


@register.simple_tag(takes_context=True)
def live(context, name: str, oob: bool = False):
    """{% live "agenda" %}: the fragment `_room_agenda.html`, marked with a fingerprint of its content.

    The page replaces a fragment only if the fingerprint changed. A live fragment holds no input, and its buttons
    belong to the form #press, which is outside of it.
    """
    fragment = context.template.engine.get_template(f"sessions/_room_{name}.html")
    inner = fragment.render(context.new({"room": context["room"], "user": context["user"]}))
    return format_html(OUT_OF_BAND if oob else IN_PLACE, name, fingerprint(inner), inner)


@register.inclusion_tag("sessions/_hour_line.html")
def hour_line(session, blocks):
    """{% hour_line session blocks %}: the blocks of the session on one line, and how much of its time has passed."""
    return hour.hour_line(session, blocks)


@register.inclusion_tag("sessions/_minutes.html")
def minutes_bars(shares):
    """{% minutes_bars shares %}: planned and actual minutes of learn, reflect and apply, each on one bar."""
    most = max([1, *(share.planned for share in shares), *(share.actual for share in shares)])
    rows = []
    for share in shares:
        widths = [hour.percent(minutes / most * 100) for minutes in (share.planned, share.actual)]
        rows.append({"share": share, "planned": widths[0], "actual": widths[1]})
    return {"rows": rows}


@register.simple_tag
def press(view_name: str, *args):
    """{% press "room_item_discuss" item.pk %}: make a button post to a view, also without JavaScript."""
    return format_html('form="press" formaction="{0}" hx-post="{0}"', reverse(view_name, args=args))


@register.filter
def outcome_label(item: AgendaItem) -> str:
    """{{ item|outcome_label }}: what became of an item in this session, or "" while it is still ahead."""
    if item.state == AgendaItem.State.DISCUSSED:
        return _("answered") if item.kind == AgendaItem.Kind.QUESTION else _("discussed")
    if item.outcome_here == ItemOutcome.Outcome.CARRIED:
        return _("carried over")
    if item.state == AgendaItem.State.PARKED or item.outcome_here == ItemOutcome.Outcome.PARKED:
        return _("parked")
    return ""
