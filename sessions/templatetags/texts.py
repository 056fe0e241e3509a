"""{% text block "note" may_edit=True %} puts one piece of text on a page, {% text_shown … %} into a live answer."""

from django import template

from sessions.texts import piece_of

register = template.Library()


@register.simple_tag(takes_context=True)
def page_url(context) -> str:
    """Return the path of the page the reader is on, also in a request for a fragment."""
    request = context["request"]
    return getattr(request.htmx, "current_url_abs_path", None) or request.get_full_path()


@register.inclusion_tag("sessions/_text.html", takes_context=True)
def text(context, row, name="", may_edit=True, label="", labeled=True, open=False, hint=""):
    """Render one piece with its editor. `labeled=False`: the page shows its label already.

    `open`: an empty piece is shown as an open editor; "focused": any piece, with the focus in it.
    """
    piece = piece_of(row, name, may_edit, label)
    return {
        "request": context["request"],
        "user": context["user"],
        "csrf_token": context.get("csrf_token"),
        "piece": piece,
        "typed": piece.text,
        "opens_editor": may_edit and (open == "focused" or (open and piece.is_empty)),
        "labeled": labeled,
        "open": open,
        "hint": hint,
    }


@register.inclusion_tag("sessions/_text_shown.html", takes_context=True)
def text_shown(context, row, name="", may_edit=True, label="", hint="", oob=True):
    """Render the part of a piece that a live answer may replace, by default out of band."""
    return {
        "request": context["request"],
        "piece": piece_of(row, name, may_edit, label),
        "hint": hint,
        "oob": oob,
    }
