"""{% text block "note" may_edit=True %} puts one piece of text on a page, {% text_shown … %} into a live answer."""

from django import template

from sessions.texts import Piece, piece_of
from sessions.views.notes import is_sharing

register = template.Library()


@register.simple_tag
def piece(row, name="", may_edit=True, label="") -> Piece:
    """{% piece block "note" as note %}, for {% include "sessions/_text.html" with piece=note %}."""
    return piece_of(row, name, may_edit, label)


@register.simple_tag(takes_context=True)
def page_url(context) -> str:
    """The page the reader is on, also where only a fragment of it was asked for."""
    request = context["request"]
    return getattr(request.htmx, "current_url_abs_path", None) or request.get_full_path()


@register.inclusion_tag("sessions/_text.html", takes_context=True)
def text(context, row, name="", may_edit=True, label="", labeled=True, open=False, hint=""):
    """One piece with its editor. `labeled=False`: the page says its label.

    `open`: show an empty one as an open editor; "focused": any, with the focus in it.
    """
    return {
        "request": context["request"],
        "user": context["user"],
        "csrf_token": context.get("csrf_token"),
        "piece": piece_of(row, name, may_edit, label),
        "labeled": labeled,
        "open": open,
        "hint": hint,
    }


@register.inclusion_tag("sessions/_text_shown.html", takes_context=True)
def text_shown(context, row, name="", may_edit=True, label="", hint="", oob=True):
    """The part of a piece that a live answer may replace, by default out of band."""
    return {
        "request": context["request"],
        "piece": piece_of(row, name, may_edit, label),
        "hint": hint,
        "oob": oob,
    }


@register.inclusion_tag("sessions/_note_door.html", takes_context=True)
def only_you(context, pair, session=None):
    """The closed door to what only this person sees: {% only_you pair session %} in the room, {% only_you pair %}."""
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "pair": pair,
        "session": session,
        "sharing": is_sharing(context["request"]),
    }
