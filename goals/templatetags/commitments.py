"""Template tags for a commitment as a row of a list."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.formatting import day
from core.templatetags.throughline import heroicon_outline, urlize
from goals.models import Commitment

register = template.Library()


@register.simple_tag
def commitment_due(commitment: Commitment, is_grouped: bool = False) -> SafeString:
    """{% commitment_due commitment %}: the due date with its icon, marked if it has passed.

    `is_grouped` if a heading above already names what is overdue.
    """
    on = day(commitment.due_on)
    late, today = commitment.is_overdue_here, commitment.is_due_now
    return format_html(
        '<time class="{}" datetime="{}">{}{}</time>',
        "late" if late else "soon" if today else "",
        commitment.due_on.isoformat(),
        heroicon_outline("clock" if late or today else "calendar", size=16),
        _("overdue since %(day)s") % {"day": on} if late and not is_grouped else capfirst(on),
    )


@register.simple_tag
def answer_link(commitment: Commitment, answer: str, label: str) -> SafeString:
    """{% answer_link commitment "move" _("Move") %}: the link to an answer that takes more than a tap."""
    return format_html(
        '<a id="{}-{}" href="{url}" hx-get="{url}">{}<span class="visually-hidden">: {}</span></a>',
        commitment.html_id,
        answer,
        label,
        commitment.text,
        url=reverse(f"commitment_{answer}", args=[commitment.pk]),
    )


@register.filter
def settled_as(commitment: Commitment) -> str:
    """{{ commitment|settled_as }}: "Done Thu, Dec 17", or that it was dropped or split."""
    if commitment.state == Commitment.State.DONE:
        return _("Done %(day)s") % {"day": day(commitment.settled_at)}
    return capfirst(commitment.get_state_display())


@register.filter
def commitment_facts(commitment: Commitment) -> SafeString:
    """{{ commitment|commitment_facts }}: what is left or when it is done, and what it is for, each as a <span>."""
    facts = []
    if commitment.is_open and commitment.left_to_do:
        facts.append(("", _("Left: %(left)s") % {"left": commitment.left_to_do}))
    elif commitment.done_when:
        facts.append(("", _("Done when: %(when)s") % {"when": commitment.done_when}))
    if commitment.work_event_id:
        facts.append((heroicon_outline("briefcase", size=16), commitment.work_event.title))
    elif commitment.goal_id:
        facts.append((heroicon_outline("flag", size=16), commitment.goal.title))
    return format_html_join("", "<span>{}<span>{}</span></span>", ((icon, urlize(text)) for icon, text in facts))
