"""Charts and their text alternatives."""

from xml.etree import ElementTree

from django.template import engines


def draw(tag: str, **context) -> str:
    return engines["django"].from_string(tag).render(context)


def test_the_balance_bar_shows_shares_and_names_the_minutes():
    html = draw("{% balance_bar 30 0 10 %}")
    svg = ElementTree.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])
    widths = {rect.get("class"): float(rect.get("width")) for rect in svg}
    assert widths["fill-learn"] > 2.5 * widths["fill-apply"]
    assert "fill-reflect" not in widths
    assert "Learn 30" in html and "Reflect 0" in html and "Apply 10" in html


def test_an_empty_balance_bar_has_no_segments():
    assert "Learn 0" in draw("{% balance_bar 0 0 0 %}")


def test_the_cadence_strip_has_a_summary_and_dated_ticks():
    html = draw("{% cadence_strip ticks %}", ticks=["held", "held", ("moved", "Thu, Dec 4"), "missed", "next"])
    assert 'aria-label="2 held, 1 moved, 1 missed, 1 ahead"' in html
    assert "<title>Thu, Dec 4</title>" in html
    assert html.count("<g ") == 5


def test_no_ticks_draw_nothing():
    assert draw("{% cadence_strip ticks %}", ticks=[]).strip() == ""


def test_overtime_is_drawn_and_described():
    html = draw("{% time_bar 15 12 'learn' %}")
    assert "15 of 12 minutes" in html and "fill-over" in html
    assert "fill-over" not in draw("{% time_bar 5 12 'learn' %}")
