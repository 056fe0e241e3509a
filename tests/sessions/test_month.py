"""Tests the month view of sessions: its weeks, its days in the reader's zone, and whose sessions it shows."""

from datetime import date, datetime

import pytest

from mentoring.models import Pair
from sessions.models import Session
from sessions.month import month_of, read_month
from tests import make

TODAY = date(2026, 11, 28)


def month(user, first: date = date(2026, 12, 1)):
    return read_month(user, Pair.objects.visible_to(user).for_reader(user), first)


def shown(page) -> list[tuple[date, str]]:
    return [(day.on, str(session.pair.mentee)) for day in page.days for session in day.sessions]


@pytest.mark.parametrize(("week_start", "first", "abbreviation"), [(7, 29, "Sun"), (1, 30, "Mon"), (6, 28, "Sat")])
def test_weeks_begin_on_the_day_of_the_reader(sam, week_start, first, abbreviation):
    sam.week_start = week_start
    page = month(sam)
    assert page.weeks[0][0].on == date(2026, 11, first) and not page.weeks[0][0].is_in_month
    assert str(page.weekdays[0][0]) == abbreviation and all(len(week) == 7 for week in page.weeks)


def test_a_session_is_on_the_day_of_the_reader(pair, sam, ada):
    make.session(pair, datetime(2026, 12, 10, 22, 0), "Europe/London")
    make.move_to_zone(sam, "Europe/London")
    make.move_to_zone(ada, "Asia/Kolkata")
    assert [on for on, _name in shown(month(sam))] == [date(2026, 12, 10)]
    assert [on for on, _name in shown(month(ada))] == [date(2026, 12, 11)]


def test_called_off_sessions_and_other_pairs_are_not_shown(pair, sam):
    kept, canceled = (make.session(pair, datetime(2026, 12, day, 10, 0)) for day in (3, 4))
    Session.objects.filter(pk=canceled.pk).update(canceled_at=kept.starts_at)
    other = make.pair(pair.program)
    make.session(other, datetime(2026, 12, 5, 10, 0))
    assert [on for on, _name in shown(month(sam))] == [date(2026, 12, 3)]
    assert shown(month(make.admin(pair.program))) == []


def test_sessions_of_an_ended_pair_stay_in_their_month(pair, sam):
    session = make.session(pair, datetime(2026, 12, 3, 10, 0))
    Session.objects.filter(pk=session.pk).update(held_at=session.ends_at, closed_at=session.ends_at)
    pair.end()
    assert len(shown(month(sam))) == 1


@pytest.mark.parametrize("text", ["", "2026-13", "2026-1", "1999-12", "2101-01", "x", "２０２６-12", "2026-12-01"])
def test_an_unknown_month_is_the_current_one(text):
    assert month_of(text, TODAY) == date(2026, 11, 1)


def test_months_lead_to_each_other_within_limits(sam):
    page = month(sam, month_of("2026-12", TODAY))
    assert (page.previous, page.next) == (date(2026, 11, 1), date(2027, 1, 1))
    assert month(sam, date(2000, 1, 1)).previous is None and month(sam, date(2100, 12, 1)).next is None


def test_the_page_is_a_table_with_links_to_sessions(as_, pair, sam):
    coming = make.session(pair)
    past = make.past_session(pair, days=1)
    client = as_(sam)
    page = "".join(
        client.get(f"/sessions/?view=month&month={session.starts_at:%Y-%m}").content.decode()
        for session in (coming, past)
    )
    assert f'href="/sessions/{coming.pk}/prepare/"' in page and f'href="/sessions/{past.pk}/"' in page
    assert page.count('scope="col"') == 14
    empty = client.get("/sessions/?view=month&month=2031-05").content.decode()
    assert "0 sessions in May 2031" in empty and "No sessions in this month." in empty and "This month" in empty
    assert '?view=month"' in client.get("/sessions/").content.decode()
