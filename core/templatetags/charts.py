"""Template tags for small SVG charts, which print, need no JavaScript and have a text alternative."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import ngettext

from core.charts import TREND_FROM
from core.drawing import percent
from core.sparklines import SPARK_HEIGHT, SPARK_WIDTH, spark_points

register = template.Library()


TICK, GAP = 11, 3  # pixels: from one tick to the next, and between them


def _count(state: str, n: int) -> str:
    return {
        "held": ngettext("%(n)s held", "%(n)s held", n),
        "moved": ngettext("%(n)s moved", "%(n)s moved", n),
        "missed": ngettext("%(n)s missed", "%(n)s missed", n),
        "next": ngettext("%(n)s ahead", "%(n)s ahead", n),
    }[state] % {"n": n}


STRIP = '<svg class="ticks" role="img" aria-label="{}" width="{}" height="18" viewBox="0 0 {} 18">{}</svg>'
FRAME = '<rect class="t-{}" x="1" y="1" width="6" height="16" rx="2"/>'
SHAPES = {  # of a tick, by its state
    "held": format_html('<rect class="t-{}" x=".5" y=".5" width="7" height="17" rx="2"/>', "held"),
    "moved": format_html(FRAME + '<path class="t-moved-in" d="M.5 9.5h7v6a2 2 0 0 1-2 2h-3a2 2 0 0 1-2-2Z"/>', "moved"),
    "missed": format_html(FRAME + '<path class="t-missed" d="M2 15 6 3"/>', "missed"),
    "next": format_html(FRAME, "next"),
}


@register.simple_tag
def cadence_strip(ticks):
    """{% cadence_strip ticks %}: a strip with one tick for each expected session.

    A tick is a state ("held", "moved", "missed" or "next") or a tuple of a state and a label, such as the date.
    """
    pairs = [(tick, "") if isinstance(tick, str) else tuple(tick) for tick in ticks]
    states = [state for state, _label in pairs]
    counts = [_count(state, states.count(state)) for state in ("held", "moved", "missed", "next") if state in states]
    titles = [format_html("<title>{}</title>", label) if label else "" for _state, label in pairs]
    shapes = ((i * TICK, titles[i], SHAPES[state]) for i, state in enumerate(states))
    drawn = format_html_join("", '<g transform="translate({} 0)">{}{}</g>', shapes)
    width = len(pairs) * TICK - GAP
    return format_html(STRIP, ", ".join(counts), width, width, drawn) if pairs else ""


@register.inclusion_tag("components/_spark.html")
def spark(values):
    """{% spark values %}: the shape of a series, beside its newest figure; nothing for a flat or very short one."""
    values = [value for value in values if value is not None]
    points = spark_points(values) if len(values) >= TREND_FROM and len(set(values)) > 1 else []
    path = " ".join(",".join(point) for point in points)
    return {"path": path, "last": points[-1:], "width": SPARK_WIDTH, "height": SPARK_HEIGHT}


BAR = (
    '<svg class="hbar{0}" width="100%" height="{1}" aria-hidden="true"><rect class="track" width="{3}" height="{1}"'
    ' rx="{2}"/><rect class="val" width="{4}" height="{1}" rx="{2}"/></svg>'
)


@register.simple_tag
def share_bar(part: float, whole: float, height: int = 8, of: float | None = None, kind: str = ""):
    """{% share_bar 2 3 %}: a bar of a part of the whole. `of` shortens the track, `kind` is "full" or "over"."""
    whole = whole or 1
    track, value = (percent(min(1, n / whole)) for n in (whole if of is None else of, part))
    return format_html(BAR, f" is-{kind}" if kind else "", height, min(3, height // 2), track, value)
