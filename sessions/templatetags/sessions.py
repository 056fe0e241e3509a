"""Who is who in a pair, from the reader's side; and how a session is filed."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def partner_of(pair, user):
    """{{ pair|partner_of:user }}: the other person."""
    return pair.other(user)


@register.filter
def role_of(pair, user) -> str:
    """{{ pair|role_of:user }}: what the reader is in this pair."""
    return _("you mentor") if pair.is_mentor(user) else _("your mentor")
