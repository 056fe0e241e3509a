"""Template filters for a commitment as a line of a list."""

from django import template
from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.formatting import day
from goals.models import Commitment

register = template.Library()


@register.filter
def settled_as(commitment: Commitment) -> str:
    """{{ commitment|settled_as }}: "done Thu, Dec 17", or that it was dropped or split."""
    if commitment.state == Commitment.State.DONE:
        return _("done %(day)s") % {"day": day(commitment.settled_at)}
    return commitment.get_state_display()


@register.filter
def commitment_facts(commitment: Commitment) -> SafeString:
    """{{ commitment|commitment_facts }}: what is left or when it is done, and what it is for, each after a dot."""
    facts = []
    if commitment.is_open and commitment.left_to_do:
        facts.append(_("left: %(left)s") % {"left": linked(commitment.left_to_do)})
    elif commitment.done_when:
        facts.append(_("done when: %(when)s") % {"when": linked(commitment.done_when)})
    if commitment.work_event_id:
        facts.append(_("for %(event)s") % {"event": linked(commitment.work_event.title)})
    elif commitment.goal_id:
        facts.append(_("toward %(goal)s") % {"goal": linked(commitment.goal.title)})
    return mark_safe("".join(f"· {fact} " for fact in facts))  # nosec B308, B703


def linked(text: str) -> SafeString:
    """Return the text escaped, with its web addresses as links."""
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # nosec B308, B703
