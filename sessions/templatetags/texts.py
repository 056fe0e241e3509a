"""{% text block "note" may_edit=True %} puts one piece of text on a page, {% text_shown … %} into a live answer."""

from django import template
from django.utils.translation import gettext as _

from sessions.texts import piece_of
from sessions.wording import trait_words, traits_in

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


@register.simple_tag
def wording_hint(text: str, words: str = "") -> str:
    """Return a gentle sentence about words in a text that describe a person, or about these `words`; else ""."""
    words = words or ", ".join(traits_in(text))
    return _("Perhaps write what you saw or heard instead of “%(words)s”.") % {"words": words} if words else ""


@register.inclusion_tag("sessions/_wording_words.html")
def wording_words():
    """Put the words on the page, once, so that the hint also appears while someone types."""
    return {"words": "|".join(trait_words())}
