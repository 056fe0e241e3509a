"""Tests the pair page with its timeline."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sessions.models import Feedback, SessionMove
from sessions.time_slot import TimeSlot
from tests import make
from tests.site.test_weight import check_page


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel("2026-12-07 09:00Z", tick=False):
        yield


@pytest.fixture
def shown(as_, ada, pair):
    def open_(**params) -> str:
        answer = as_(ada).get(reverse("pair_detail", args=[pair.pk]), params)
        assert answer.status_code == 200
        return answer.content.decode()

    return open_


def held(pair, on: datetime, **fields):
    session = make.session(pair, on, **fields)
    session.answer(pair.mentee, met=True)
    return session


def story(html: str) -> str:
    return html[html.index('id="story"') :]


def test_new_pair_page_suggests_first_steps(shown, pair):
    html = shown()
    assert "Sam Okafor" in html and "Not written yet" in html and "No next session yet" in html
    assert "Your story starts with the first session" in html
    assert reverse("goal_create", args=[pair.pk]) in html and reverse("work_event_create", args=[pair.pk]) in html


def test_cadence_figure_shows_count_and_agreed_interval(shown, pair):
    pair.started_on = date(2026, 10, 26)
    pair.save()
    for on in (datetime(2026, 10, 26, 10), datetime(2026, 11, 9, 10), datetime(2026, 11, 23, 10)):
        held(pair, on)
    html = shown()
    assert "3 of 3" in html and "every 2 weeks" in html
    assert 'aria-label="3 held, 1 ahead"' in html, "the figure counts the bars"
    make.session(pair, datetime(2026, 12, 1, 10), canceled_at=timezone.now(), called_off_by=pair.mentor)
    assert 'class="ticks"' in shown()


def test_kept_commitments_show_count_and_period(shown, pair, ada):
    for n in range(3):
        row = make.commitment(pair, text=f"number {n}", due_on=date(2026, 12, 5), by=ada)
        if n:
            with time_machine.travel("2026-12-04 09:00Z"):
                row.complete(ada, 1)
    html = shown()
    assert "2 of 3" in html and "90 days" in html


def test_timeline_is_newest_first(shown, pair, sam, ada):
    with time_machine.travel("2026-11-20 09:00Z"):
        row = make.commitment(pair, text="Draft to Lin", due_on=date(2026, 12, 20))
    with time_machine.travel("2026-11-21 09:00Z"):
        row.renegotiate(ada, 1, date(2026, 12, 24), "Lin is away")
    with time_machine.travel("2026-11-22 09:00Z"):
        row.complete(ada, 2)
    held(pair, datetime(2026, 11, 19, 10), takeaway="Start with the end")
    at = timezone.now()
    make.session(
        pair, datetime(2026, 12, 1, 10), canceled_at=at - timedelta(days=5), called_off_by=sam, reason="A cold"
    )
    moved = make.session(pair, datetime(2026, 12, 15, 10))
    SessionMove.objects.create(
        session=moved,
        from_at=at,
        to_at=moved.starts_at,
        created_by=sam,
        reason="Train",
        created_at=at - timedelta(days=4),
    )
    Feedback.objects.create(pair=pair, created_by=sam, differently="Ask first", created_at=at - timedelta(days=3))
    html = story(shown())
    texts = [
        "Ask first",
        "Train",
        "A cold",
        "Done: Draft to Lin",
        "Lin is away",
        "Agreed: Draft to Lin",
        "Start with the end",
    ]
    places = [html.index(text) for text in texts]
    assert places == sorted(places)
    assert html.count("Draft to Lin") == 3


@pytest.mark.parametrize(
    ("show", "there", "away"),
    [
        ("sessions", ["Session 1"], ["Done:", "Ask first"]),
        ("commitments", ["Done: Draft"], ["Session 1", "Ask first"]),
        ("feedback", ["Ask first"], ["Session 1", "Done:"]),
        ("nonsense", ["Session 1", "Done: Draft", "Ask first"], []),
    ],
)
def test_timeline_can_be_filtered(shown, pair, sam, ada, show, there, away):
    held(pair, datetime(2026, 11, 19, 10))
    make.commitment(pair, text="Draft").complete(ada, 1)
    Feedback.objects.create(pair=pair, created_by=sam, differently="Ask first")
    html = story(shown(show=show))
    assert all(text in html for text in there) and not any(text in html for text in away)


def test_undone_events_are_not_in_the_timeline(shown, pair, ada):
    row = make.commitment(pair, text="Draft")
    row.undo(ada, row.complete(ada, 1))
    assert "Done:" not in story(shown())


@pytest.mark.parametrize(("value", "shown_as"), [("10", "10"), ("4.00", "4"), ("4.50", "4.5"), ("0.05", "0.05")])
def test_values_in_the_timeline_have_no_needless_zeros(shown, pair, value, shown_as):
    row = make.reading(make.indicator(pair, "Calm"), Decimal(value))
    assert f"Calm: {row.created_by.first_name} {shown_as}<" in story(shown(show="values"))


def test_each_day_of_the_timeline_has_one_heading(shown, pair):
    for day in (20, 20, 21):
        with time_machine.travel(f"2026-11-{day} 09:00Z"):
            make.commitment(pair)
    html = story(shown())
    assert html.count("2026-11-20") == html.count("2026-11-21") == 1


def test_a_milestone_reached_and_later_dropped_has_both_entries(shown, pair, ada):
    step = make.milestone(pair, "Half way")
    step.reach()
    step.drop(ada)
    html = story(shown(show="direction"))
    assert "Reached: Half way" in html and "Dropped: Half way" in html


def test_timeline_is_paginated(shown, pair):
    for n in range(40):
        make.commitment(pair, text=f"number {n:02}")
    first, second = story(shown()), story(shown(page=2))
    assert "number 39" in first and "number 10" in first and "number 09" not in first
    assert "number 09" in second and "number 00" in second and "number 10" not in second
    for odd in ("0", "-1", "x", "٣", "9" * 40):
        assert "number 39" in story(shown(page=odd))


def test_goals_and_events_are_added_inline(as_, shown, pair, ada):
    as_(ada).post(reverse("goal_create", args=[pair.pk]), {"title": "Speak up in reviews"})
    as_(ada).post(reverse("work_event_create", args=[pair.pk]), {"title": "Board meeting", "happens_on": "2026-12-18"})
    html = shown()
    assert "Speak up in reviews" in html and "Board meeting" in html and "Fri, Dec 18" in html


def test_past_events_stay_and_dropped_ones_disappear(shown, pair):
    make.work_event(pair, "Past launch", happens_on=date(2026, 12, 1))
    make.work_event(pair, "Called off", happens_on=date(2026, 12, 20)).drop(pair.mentor)
    html = shown()
    assert "Past launch" in html.partition("Past work events")[2] and "Called off" not in html


def test_an_ended_pair_is_read_only(shown, pair, ada):
    goal = make.goal(pair)
    make.commitment(pair, text="Draft").complete(ada, 1)
    pair.end()
    html = shown()
    assert "Done: Draft" in html and goal.title in html
    for name in ("goal_create", "work_event_create", "session_schedule"):
        assert reverse(name, args=[pair.pk]) not in html
    assert reverse("goal_edit", args=[goal.pk]) not in html


def test_pair_page_is_only_for_the_pair(as_, pair):
    url = reverse("pair_detail", args=[pair.pk])
    for person in (make.user(), make.admin(pair.program)):
        assert as_(person).get(url).status_code == 404


def test_pair_page_rejects_post(as_, ada, pair):
    assert as_(ada).post(reverse("pair_detail", args=[pair.pk])).status_code == 405


def test_twice_the_rows_cost_the_same_number_of_queries(as_, ada, sam, pair, django_assert_max_num_queries):
    client, counts = as_(ada), []
    for n in range(1, 4):
        held(pair, datetime(2026, 11, n, 10))
        make.session(pair, datetime(2026, 12, 10 + n, 10))
        make.commitment(pair, goal=make.goal(pair), work_event=make.work_event(pair)).complete(ada, 1)
        Feedback.objects.create(pair=pair, created_by=sam, happened="It went well")
        client.get(reverse("preferences"))  # caches for a minute what every page shows
        with django_assert_max_num_queries(40) as seen:
            client.get(reverse("pair_detail", args=[pair.pk]))
        counts.append(len(seen.captured_queries))
    assert len(set(counts)) == 1


def test_a_full_page_is_light(as_, ada, pair):
    for n in range(40):
        make.commitment(pair, text=f"A commitment in about ten words, which is number {n:02}")
    check_page(as_(ada), reverse("pair_detail", args=[pair.pk]))


def test_dates_in_history_do_not_depend_on_the_day(as_, pair, ada, sam):
    with time_machine.travel(datetime(2026, 11, 22, 10, tzinfo=UTC)):
        commitment = make.commitment(pair, due_on=date(2026, 11, 23))
        session = make.session(pair, datetime(2026, 11, 23, 9))
        session.move(sam, TimeSlot(datetime(2026, 11, 24, 9), "Europe/London", 60))
        page = as_(ada).get(f"/pairs/{pair.pk}/").content.decode()
        assert "Agreed: Send the draft to Lin, by Mon, Nov 23, 2026" in page
        assert "from Mon, Nov 23, 2026, 14:30 to Tue, Nov 24, 2026, 14:30" in page
        assert "Mon, Nov 23, 2026" in as_(ada).get(f"/commitments/{commitment.pk}/").content.decode()


def headings(html: str) -> list[str]:
    """Return the headings of the groups of the timeline, as text."""
    found = re.findall(r"<h3>(.*?)</h3>", html[html.index('class="timeline"') :], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", heading).split()) for heading in found]


def test_the_timeline_is_grouped_by_session(shown, pair, ada):
    for day in (2, 16):
        held(pair, datetime(2026, 11, day, 10))
    for day in (1, 2, 9, 17):
        with time_machine.travel(f"2026-11-{day:02} 12:00Z"):
            make.commitment(pair, text=f"agreed on the {day}.")
    assert headings(shown()) == [
        "Since session 2",
        "Session 2 Mon, Nov 16, 2026",
        "Between sessions",
        "Session 1 Mon, Nov 2, 2026",
        "Before your first session",
    ]


def test_one_kind_of_entry_is_grouped_by_month(shown, pair):
    held(pair, datetime(2026, 11, 2, 10))
    for day in ("10-30", "11-02", "11-09"):
        with time_machine.travel(f"2026-{day} 12:00Z"):
            make.commitment(pair)
    assert headings(shown(show="commitments")) == ["November 2026", "October 2026"]


def test_commitments_of_a_session_are_one_entry(shown, pair, ada):
    held(pair, datetime(2026, 11, 2, 10))
    with time_machine.travel("2026-11-02 12:00Z"):
        rows = [make.commitment(pair, text=f"number {n}") for n in range(3)]
    rows[0].complete(ada, 1)
    html = story(shown())
    assert "3 commitments made, 1 done so far" in html
    assert all(html.count(f"Agreed: number {n}") == 1 for n in range(3))


def test_values_of_both_people_are_one_entry(shown, pair, ada, sam):
    calm = make.indicator(pair, "Calm")
    make.reading(calm, Decimal(3), by=sam)
    make.reading(calm, Decimal(4), by=ada)
    assert "Calm: Ada 4, Sam 3<" in story(shown())


def test_values_between_two_sessions_are_one_entry(shown, pair, ada):
    held(pair, datetime(2026, 11, 2, 10))
    for title, value in (("Calm", 3), ("Focus", 5)):
        make.reading(make.indicator(pair, title), Decimal(value), by=ada)
    html = story(shown())
    assert "2 indicators updated</summary>" in html and "Calm: Ada 3" in html and "Focus: Ada 5" in html
    assert html.partition("</section>")[0].count("<summary>") == 1


def test_sessions_before_the_newest_three_are_folded(shown, pair):
    for month in (8, 9, 10):
        held(pair, datetime(2026, month, 3, 10))
    assert "Earlier sessions" not in shown()
    held(pair, datetime(2026, 11, 3, 10))
    html = story(shown())
    assert html.index("Session 2<") < html.index("Earlier sessions") < html.index("Session 1<")


def test_goals_show_how_many_milestones_are_reached(shown, pair, ada):
    goal = make.goal(pair)
    make.milestone(pair, "First", goal=goal).reach()
    make.milestone(pair, "Second", goal=goal)
    make.milestone(pair, "Not this", goal=goal).drop(ada)
    html = " ".join(shown().partition('id="story"')[0].split())
    assert "1 of 2 milestones" in html and "Not this" not in html


def test_commitments_kept_are_shown_for_each_person(shown, pair, ada, sam):
    make.commitment(pair, owner=ada, due_on=date(2026, 12, 4))
    with time_machine.travel("2026-12-04 09:00Z"):
        make.commitment(pair, owner=sam, due_on=date(2026, 12, 5)).complete(sam, 1)
    html = " ".join(shown().split())
    assert "Ada 0 of 1, Sam 1 of 1" in html
