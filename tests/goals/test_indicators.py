"""Indicators: values, charts, the topic that two different ratings create, and the computed speed."""

import gzip
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from core.charts import TOP, Chart, Line
from goals.indicator_charts import POINTS, indicator_chart
from goals.models import Indicator, Reading
from reminders import links
from sessions import closing, indicator_values
from sessions.models import AgendaItem
from sessions.session_room.actions import commit_from_feedback
from tests import make

TODAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def quality(pair):
    return make.indicator(pair, "Task completion quality", preset="quality", entered_by="both")


@pytest.fixture
def add_value(as_):
    def send(person, indicator, **data):
        return as_(person).post(
            reverse("reading_create", args=[indicator.pk]), {"measured_on": TODAY.isoformat()} | data
        )

    return send


def test_a_preset_needs_one_choice_and_is_used_once(as_, ada, pair):
    as_(ada).post(
        reverse("indicator_create", args=[pair.pk]), {"preset": "quality", "kind": "rating", "entered_by": "mentee"}
    )
    one = Indicator.objects.get()
    assert (one.title, one.kind, one.entered_by) == ("Task completion quality", "rating", "both")
    repeated = as_(ada).post(
        reverse("indicator_create", args=[pair.pk]), {"preset": "quality", "kind": "rating", "entered_by": "mentee"}
    )
    assert repeated.status_code == 422


def test_a_sixth_indicator_is_rejected(as_, ada, pair):
    for n in range(5):
        make.indicator(pair, f"Figure {n}")
    data = {"preset": "", "title": "A sixth", "kind": "rating", "entered_by": "mentee"}
    answer = as_(ada).post(reverse("indicator_create", args=[pair.pk]), data)
    assert answer.status_code == 422 and "Stop tracking one first" in answer.content.decode()
    as_(ada).post(reverse("indicator_drop", args=[pair.indicators.first().pk]))
    as_(ada).post(reverse("indicator_create", args=[pair.pk]), data)
    assert pair.indicators.current().count() == 5


def test_reopening_respects_the_limits_of_five_and_one_per_preset(as_, ada, sam, pair):
    dropped = make.indicator(pair, preset="speed")
    dropped.drop(ada)
    reopen_url, current = reverse("indicator_reopen", args=[dropped.pk]), pair.indicators.current()
    make.indicator(pair, preset="speed")
    assert "You already track this indicator" in as_(sam).post(reopen_url, follow=True).content.decode()
    current.get().drop(ada)
    for n in range(5):
        make.indicator(pair, f"Figure {n}")
    assert "Stop tracking one first" in as_(sam).post(reopen_url, follow=True).content.decode()
    current.first().drop(ada)
    as_(sam).post(reopen_url)
    assert current.count() == 5 and current.filter(pk=dropped.pk).exists()


def test_a_missing_title_and_an_invalid_target_are_rejected(as_, ada, pair):
    data = {"preset": "", "title": "", "kind": "rating", "entered_by": "mentee", "target": 9}
    html = as_(ada).post(reverse("indicator_create", args=[pair.pk]), data).content.decode()
    assert "Enter a target between 1 and 5" in html and "Enter a name for your indicator" in html


def test_an_added_value_is_charted_for_both(add_value, ada, sam, as_, pair, quality):
    for days, value in ((28, 2), (14, 3)):
        make.reading(quality, value, TODAY - timedelta(days=days))
    assert add_value(ada, quality, value=4).url.endswith(f"#indicator-{quality.pk}")
    html = as_(sam).get(reverse("progress", args=[pair.pk])).content.decode()
    assert "<svg" in html and "4 · does the job alone" in html


@pytest.mark.parametrize("value", ["6", "0", "-1", "", "three", "NaN"])
def test_a_value_outside_the_scale_is_rejected(add_value, ada, quality, value):
    answer = add_value(ada, quality, value=value, note="kept")
    assert answer.status_code == 422 and "kept" in answer.content.decode()
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("kind", "value"), [("sum", "-1"), ("measure", "Infinity"), ("measure", "1e20"), ("yes/no", "2")]
)
def test_each_kind_has_its_own_limits(add_value, ada, pair, kind, value):
    assert add_value(ada, make.indicator(pair, kind=kind), value=value).status_code == 422


def test_a_future_date_is_rejected(add_value, ada, quality):
    assert "in the future" in add_value(ada, quality, value=4, measured_on="2026-12-09").content.decode()


def test_replacing_the_value_of_a_day_needs_confirmation(add_value, ada, quality):
    add_value(ada, quality, value=4)
    answer = add_value(ada, quality, value=2)
    html = answer.content.decode()
    assert answer.status_code == 422 and "You already entered 4 for this day" in html
    assert Reading.objects.get().value == 4
    add_value(ada, quality, value=2, replaces=TODAY.isoformat())
    assert Reading.objects.get().value == 2


def test_only_the_chosen_person_can_add_values(add_value, sam, pair):
    assert add_value(sam, make.indicator(pair, entered_by="mentee"), value=3).status_code == 404
    assert add_value(sam, make.indicator(pair, preset="speed", entered_by="both"), value=3).status_code == 404


# --- Two ratings that differ ---


def test_ratings_two_steps_apart_create_one_topic(add_value, ada, sam, pair, quality):
    add_value(ada, quality, value=4)
    add_value(sam, quality, value=3)
    assert not AgendaItem.objects.exists()
    add_value(sam, quality, value=2, replaces=TODAY.isoformat())
    item = AgendaItem.objects.get()
    assert item.title == "We see it differently: Task completion quality" and item.created_by == sam
    add_value(ada, quality, value=5, measured_on="2026-12-06")
    add_value(ada, quality, value=5, replaces=TODAY.isoformat())
    assert AgendaItem.objects.count() == 1, "it is on the agenda already"
    item.discuss()
    add_value(sam, quality, value=1, replaces=TODAY.isoformat())
    assert AgendaItem.objects.count() == 2


def test_ratings_far_apart_in_time_are_not_compared(add_value, ada, sam, pair, quality):
    add_value(ada, quality, value=5, measured_on="2026-10-01")
    add_value(sam, quality, value=1)
    assert not AgendaItem.objects.exists()


# --- Charts ---


def test_the_trend_is_a_least_squares_line_of_three_points_or_more():
    """Computed by hand: days 0, 1, 2 and values 1, 2, 4 have slope 1.5 and mean 7/3, so from 5/6 to 23/6."""
    day = TODAY
    points = [(day, 1.0), (day + timedelta(1), 2.0), (day + timedelta(2), 4.0)]
    assert Line("", points[:2]).trend is None
    assert Line("", points).trend == pytest.approx((5 / 6, 23 / 6))
    assert Line("", [(day, 1.0)] * 3).trend is None, "values of one day have no trend"


def test_values_are_scaled_to_chart_coordinates():
    line = Line("Ada", [(TODAY, 1.0), (TODAY + timedelta(10), 5.0)])
    drawn = Chart([line], target=3.0, least=1, most=5)
    top, bottom = TOP, drawn.height - drawn.bottom
    assert [(dot.x, dot.y) for dot in drawn.dots] == [("0%", f"{bottom}"), ("100%", f"{top}")]
    assert float(drawn.target_y) == (top + bottom) / 2
    assert drawn.rows == [["Thu, Dec 17, 2026", "5"], ["Mon, Dec 7, 2026", "1"]]


@pytest.mark.parametrize("points", [[], [(TODAY, 3.0)], [(TODAY, 3.0), (TODAY + timedelta(1), 3.0)]])
def test_charts_of_few_or_equal_values_divide_by_no_zero(points):
    chart = Chart([Line("Ada", points)])
    assert chart.is_empty == (not points)
    html = render_to_string("components/_chart.html", {"chart": chart, "title": "Minutes"})
    assert "nan" not in html and "inf" not in html


def test_a_running_total_includes_values_that_are_not_drawn(pair, ada):
    one = make.indicator(pair, "Talks given", kind="sum")
    for n in range(POINTS + 3):
        make.reading(one, 2, TODAY - timedelta(days=n))
    [line] = indicator_chart(one).lines
    assert len(line.points) == POINTS
    assert (line.points[0][1], line.points[-1][1]) == (8.0, 2.0 * (POINTS + 3))


def test_a_chart_of_five_years_is_at_most_three_kilobytes(pair, ada, sam):
    one = make.indicator(pair, entered_by="both")
    Reading.objects.bulk_create(
        Reading(indicator=one, created_by=by, measured_on=TODAY - timedelta(weeks=n), value=1 + n % 5)
        for by in (ada, sam)
        for n in range(260)
    )
    html = render_to_string("components/_chart.html", {"chart": indicator_chart(one), "title": one.title})
    assert len(gzip.compress(html.encode(), 9)) <= 3 * 1024


# --- Speed of implementing changes ---


def completed_commitment(session, owner, made_on: date, done_on: date, due_on: date):
    """Return a commitment from a topic of the session, made and done on these dates."""
    item = make.topic(session.pair, title=f"Topic {made_on}")
    with time_machine.travel(datetime(made_on.year, made_on.month, made_on.day, 9, tzinfo=UTC), tick=False) as clock:
        row = closing.create_commitment(session, owner, owner=owner, text="Try it", due_on=due_on)
        session.session_commitments.filter(commitment=row).update(item=item)
        clock.move_to(datetime(done_on.year, done_on.month, done_on.day, 9, tzinfo=UTC))
        row.complete(owner, row.version, done_on)
    return row


def test_speed_is_the_median_of_days_and_the_number_in_time(pair, ada, sam):
    """Computed by hand: 2, 10 and 6 days have the median 6; two of three were done in time."""
    session = make.running_session(pair)
    completed_commitment(session, ada, date(2026, 11, 20), date(2026, 11, 22), due_on=date(2026, 11, 25))
    completed_commitment(session, ada, date(2026, 11, 20), date(2026, 11, 30), due_on=date(2026, 11, 25))
    completed_commitment(session, sam, date(2026, 11, 20), date(2026, 11, 26), due_on=date(2026, 11, 26))
    make.commitment(pair, text="From nowhere").complete(ada, 1)
    *before, latest = indicator_values.speed(pair, TODAY)
    assert (latest.done, latest.days, latest.kept) == (3, 6, 2)
    assert all((one.done, one.days, one.kept) == (0, None, 0) for one in before)


def test_speed_includes_commitments_made_from_feedback(pair, ada):
    session = make.running_session(pair)
    feedback = make.feedback(pair, session=session, differently="Stop after two sentences")
    commit_from_feedback(feedback, ada).complete(ada, 1)
    assert indicator_values.speed(pair, TODAY)[-1].days == 0


def test_without_completed_commitments_the_page_explains_the_speed(as_, ada, pair):
    make.indicator(pair, "Speed of implementing changes", preset="speed")
    assert "Counted automatically" in as_(ada).get(reverse("progress", args=[pair.pk])).content.decode()


# --- By email ---


def test_a_value_added_from_an_email_link_shows_the_chart(ada, sam, pair, quality):
    path = f"/m/indicator/{links.token(links.Purpose.INDICATOR, ada, quality.pk)}/"
    for days in (28, 14):
        make.reading(quality, 2, TODAY - timedelta(days=days))
    page = Client().get(path).content.decode()
    assert "Task completion quality" in page and "<svg" not in page.split("</header>")[-1]
    assert Reading.objects.count() == 2, "opening it changes nothing"
    answer = Client().post(path, {"value": 4, "measured_on": TODAY.isoformat()}).content.decode()
    assert 'role="img"' in answer and "4 · does the job alone" in answer
    assert Reading.objects.get(measured_on=TODAY).created_by == ada
    assert Client().post(path, {"value": 9, "measured_on": TODAY.isoformat()}).status_code == 422
    quality.drop(sam)
    assert Client().get(path).status_code == 410
