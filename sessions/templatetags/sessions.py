"""Names for pairs and sessions from the reader's side."""

from django import template
from django.utils.translation import gettext as _

from sessions.models import Session

register = template.Library()


@register.filter
def partner_of(pair, user):
    """{{ pair|partner_of:user }}: the other person."""
    return pair.other(user)


@register.filter
def role_of(pair, user) -> str:
    """{{ pair|role_of:user }}: what the reader is in this pair."""
    return _("your mentee") if pair.is_mentor(user) else _("your mentor")


@register.simple_tag
def with_partner(partner) -> str:
    """{% with_partner partner %}: "With Sam", the short title of a past session."""
    return _("With %(name)s") % {"name": partner.first_name}


@register.simple_tag
def session_title(session, partner) -> str:
    """{% session_title session partner %}: "Session 3 with Sam" or "Check-in with Sam"."""
    names = {"n": session.number, "name": partner.first_name}
    if session.kind == Session.Kind.CHECK_IN:
        return _("Check-in with %(name)s") % names
    return _("Session %(n)s with %(name)s") % names
