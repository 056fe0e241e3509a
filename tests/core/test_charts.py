"""Charts and their text alternatives."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.template import engines

from core import charts
from core.charts import Chart, Line
from core.drawing import round_steps


def draw(tag: str, **context) -> str:
    return engines["django"].from_string(tag).render(context)


def test_the_cadence_strip_has_a_summary_and_dated_ticks():
    html = draw("{% cadence_strip ticks %}", ticks=["held", "held", ("moved", "Thu, Dec 4"), "missed", "next"])
    assert 'aria-label="2 held, 1 moved, 1 missed, 1 ahead"' in html
    assert "<title>Thu, Dec 4</title>" in html
    assert html.count("<g ") == 5


def test_no_ticks_draw_nothing():
    assert draw("{% cadence_strip ticks %}", ticks=[]).strip() == ""


# --- Charts with axes ---

DAY = date(2026, 12, 7)


def weekly(*values: float) -> list[tuple[date, float]]:
    return [(DAY + timedelta(weeks=n), value) for n, value in enumerate(values)]


def drawing(chart, **context) -> str:
    return draw('{% include "components/_chart.html" %}', chart=chart, title="Minutes", **context)


def svg_of(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(html[html.index("<svg class") : html.rindex("</svg>") + 6])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 14, [0, 5, 10, 15]),
        (58, 77, [55, 60, 65, 70, 75, 80]),
        (0, 0, [0, 0.25, 0.5, 0.75, 1]),
        (3, 3, [2, 2.5, 3, 3.5, 4]),
        (-2.5, 1, [-3, -2, -1, 0, 1]),
    ],
)
def test_the_steps_of_an_axis_are_round_and_include_both_ends(low, high, expected):
    assert round_steps(low, high) == expected


def test_a_chart_has_a_name_a_description_steps_dates_and_a_table():
    html = drawing(Chart([Line("", weekly(60, 75, 71))], target=70, unit="%"))
    svg = svg_of(html)
    assert [child.tag for child in svg][:2] == ["title", "desc"]
    assert svg.findtext("title") == "Minutes" and "Target: 70%." in " ".join(svg.findtext("desc").split())
    texts = [text.text for text in svg.iter("text")]
    assert {"60%", "75%", "Dec 7", "Dec 21", "71%", "Target 70%"} <= set(texts)
    assert "Up from 60% to 71% since Dec 7." in html
    assert "Show as a table" in html and '<td class="n">75%</td>' in html


def test_two_raters_differ_by_shape_and_have_a_legend():
    html = drawing(Chart([Line("Ada", weekly(3, 3, 4)), Line("Sam", weekly(2, 3, 4))], least=1, most=5))
    svg = svg_of(html[html.index("</figcaption>") :])
    assert {node.get("class") for node in svg.iter("circle")} == {"s1"}
    assert {node.get("class") for node in svg.iter("path")} == {"s2"}
    assert html.count('class="key"') == 1
    circle, diamond = svg.findall(".//circle")[-1], svg.findall("svg[@y]")[-1]
    assert circle.get("cy") == diamond.get("y"), "both are at their value"
    assert list(svg).index(circle) > list(svg).index(diamond), "the circle lies on the larger diamond"
    labels = [text for text in svg.iter("text") if (text.get("class") or "").startswith("label")]
    assert [text.text for text in labels] == ["Ada 4", "Sam 4"]
    assert float(labels[1].get("y")) - float(labels[0].get("y")) >= charts.LABEL_HEIGHT


def test_a_single_value_is_text_and_two_are_drawn():
    html = drawing(Chart([Line("Ada", weekly(3.3)), Line("Sam", weekly(2))], target=4))
    assert "<svg" not in html
    assert [word in html for word in ("<b>3.3</b>", "Dec 7", "<b>2</b>", "Target: 4.")] == [True] * 4
    html = drawing(Chart([Line("Ada", weekly(3.3, 4.3)), Line("Sam", weekly(2))], target=4))
    assert html.count("<polyline") == 1 and "trend" not in html


def test_a_trend_is_named():
    html = drawing(Chart([Line("Ada", weekly(1, 2, 4))]))
    assert re.search(r'<line class="trend"[^>]*/></svg>\s*Trend</span>', html)


def test_two_values_are_joined_beside_a_longer_line():
    html = drawing(Chart([Line("Ada", weekly(1, 2, 4)), Line("Sam", weekly(2, 3))]))
    assert html.count('<polyline class="s2"') == 1


def test_a_trend_is_drawn_from_three_values_on():
    assert drawing(Chart([Line("", weekly(1, 2))])).count("<polyline") == 1
    assert drawing(Chart([Line("", weekly(1, 2, 4))])).count("<polyline") == 2, "the line and its trend"
    assert drawing(Chart([Line("", weekly(1, 2, 4))], with_trend=False)).count("<polyline") == 1


def test_bars_cover_what_was_expected_and_start_at_zero():
    chart = charts.BarChart("Held", "Expected from each pair", [(DAY, 6, 8), (DAY + timedelta(weeks=1), 8, 8)])
    html = drawing(chart, label="Last week: 8 of 8")
    bars = {(bar.css, bar.at): bar for bar in chart.bars}
    held, expected = (next(bar for bar in chart.bars if bar.css == css) for css in ("bar-held", "bar-expected"))
    assert len(bars) == 4 and held.at == expected.at and held.down == pytest.approx(0.75 * expected.down)
    assert chart.steps[0] == 0 and "Last week: 8 of 8" in html and "Dec 7: 6 of 8" in html
    assert chart.rows == [["Mon, Dec 14, 2026", "8", "8", "100%"], ["Mon, Dec 7, 2026", "6", "8", "75%"]]


def test_names_and_units_are_escaped():
    html = drawing(Chart([Line("<b>", weekly(1, 2, 3)), Line("&", weekly(1, 2))], unit="<i>"))
    assert "<b>" not in html and "<i>" not in html


def test_a_sparkline_needs_three_values():
    assert draw("{% spark values %}", values=[1, None, 2]).strip() == ""
    svg = ElementTree.fromstring(draw("{% spark values %}", values=[1, 3, 2]))
    assert len(svg[0].get("points").split()) == 3 and svg.get("aria-hidden") == "true"


def test_a_share_bar_never_leaves_its_track():
    svg = ElementTree.fromstring(draw("{% share_bar 3 2 %}"))
    assert [rect.get("width") for rect in svg] == ["100%", "100%"]
    svg = ElementTree.fromstring(draw("{% share_bar 1 4 of=2 %}"))
    assert [rect.get("width") for rect in svg] == ["50%", "25%"]
