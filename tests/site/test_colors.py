"""Tests the contrast of colors: 4.5:1 for text and 3:1 for controls, in light and dark."""

import re

import pytest
from django.conf import settings

STYLE = (settings.BASE_DIR / "static" / "css" / "app.css").read_text()
COLORS = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", STYLE)}
GROUNDS = ("paper", "sheet", "tint", "hover")
TEXT = [("ink", "well"), ("quiet", "well"), ("accent", "well"), ("on-accent", "accent"), ("on-accent", "accent-strong")]
TEXT += [(color, ground) for color in ("ink", "quiet", "accent") for ground in GROUNDS]
TEXT += [(color, ground) for color in ("learn", "reflect", "amber", "red") for ground in ("paper", "sheet")]
TEXT += [(color, f"{color}-tint") for color in ("learn", "reflect", "amber", "red")]
TEXT += [("ink", "amber-tint"), ("ink", "red-tint"), ("quiet", "amber-tint"), ("amber", "tint")]
FOUND = [("edge", ground) for ground in ("paper", "sheet", "well")]
FOUND += [(f"{color}-fill", "sheet") for color in ("accent", "learn", "reflect", "amber", "red")]
FOUND += [("accent-fill", "tint")]


def brightness(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((brightness(one), brightness(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_black_on_white_has_contrast_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("color", "ground", "least"), [(*pair, 4.5) for pair in TEXT] + [(*pair, 3) for pair in FOUND])
def test_colors_have_enough_contrast(color, ground, least):
    for theme in (0, 1):
        assert contrast(COLORS[color][theme], COLORS[ground][theme]) >= least
