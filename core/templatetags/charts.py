"""Template tags for small SVG charts, which print, need no JavaScript and have a text alternative."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.inclusion_tag("components/_balance_bar.html")
def balance_bar(learn: int, reflect: int, apply: int, label: str = ""):
    """{% balance_bar learn reflect apply %}: a bar with the minutes of the three block types."""
    parts, x, total = [], 0.0, (learn + reflect + apply) or 1
    for name, word, minutes in (
        ("learn", _("Learn"), learn),
        ("reflect", _("Reflect"), reflect),
        ("apply", _("Apply"), apply),
    ):
        width = round(100 * minutes / total, 2)
        parts.append({"name": name, "word": word, "minutes": minutes, "x": round(x, 2), "width": max(width - 0.8, 0)})
        x += width
    return {"parts": parts, "any": learn + reflect + apply > 0, "label": label or _("Minutes")}


TICK = 9  # SVG user units between ticks


def _count(state: str, n: int) -> str:
    return {
        "held": ngettext("%(n)s held", "%(n)s held", n),
        "moved": ngettext("%(n)s moved", "%(n)s moved", n),
        "missed": ngettext("%(n)s missed", "%(n)s missed", n),
        "next": ngettext("%(n)s ahead", "%(n)s ahead", n),
    }[state] % {"n": n}


@register.inclusion_tag("components/_cadence_strip.html")
def cadence_strip(ticks):
    """{% cadence_strip ticks %}: a strip with one tick for each expected session.

    A tick is a state ("held", "moved", "missed" or "next") or a tuple of a state and a label, such as the date.
    """
    pairs = [(tick, "") if isinstance(tick, str) else tuple(tick) for tick in ticks]
    states = [state for state, _label in pairs]
    counts = [_count(state, states.count(state)) for state in ("held", "moved", "missed", "next") if state in states]
    drawn = [{"state": state, "label": label, "x": 1 + i * TICK} for i, (state, label) in enumerate(pairs)]
    return {"ticks": drawn, "width": len(pairs) * TICK, "label": ", ".join(counts)}


@register.inclusion_tag("components/_time_bar.html")
def time_bar(used: float, planned: float, kind: str = "apply"):
    """{% time_bar used planned "learn" %}: a bar of the time used; time over the plan is amber."""
    whole = max(used, planned) or 1
    within = min(used, planned)
    return {
        "within": round(100 * within / whole, 1),
        "over": round(100 * (used - within) / whole, 1),
        "kind": kind,
        "label": _("%(used)s of %(planned)s minutes") % {"used": round(used), "planned": round(planned)},
    }
