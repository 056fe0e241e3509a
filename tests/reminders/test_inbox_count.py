"""Tests that bell, inbox and home page agree on the number of open items."""

import re
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mentoring.models import Pair
from reminders import bell, planner
from reminders.models import Reminder, Snooze
from tests import make

A_MINUTE = timedelta(seconds=bell.KEPT + 1)
NOW = "2026-12-08 02:00Z"  # before the first window of the day for both


@pytest.fixture(autouse=True)
def clock(db, local_cache):
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def numbers(client) -> set[int]:
    """Return the numbers of open items on the bell of two pages, in the inbox and on the home page."""
    home, inbox = client.get("/").content.decode(), client.get("/inbox/").content.decode()
    bells = [re.search(r'class="count" aria-hidden="true">(\d+)<', page) for page in (home, inbox)]
    link = re.search(r"(\d+) items? in your inbox", home)
    listed = inbox.count('<li class="item"')
    assert (listed == 0) == ("Nothing needs your attention" in inbox)
    return {listed, *(int(found[1]) if found else 0 for found in [*bells, link])}


def agreement_proposed(pair):
    make.agreement(pair)


def commitments_overdue(pair):
    for text in ("one", "two", "three", "four"):
        make.commitment(pair, text=text, due_on=date(2026, 12, 7))
    make.commitment(pair, text="due today", due_on=date(2026, 12, 8))


def session_over(pair):
    make.session(pair, datetime(2026, 12, 7, 12))


def session_never_wrapped_up(pair):
    started = timezone.now() - timedelta(hours=40)
    make.session(pair, datetime(2026, 12, 6, 10), started_at=started)


def check_in_due(pair):
    Pair.objects.filter(pk=pair.pk).update(
        check_ins_since=timezone.now() - timedelta(days=20), started_on=date(2026, 11, 26)
    )


def invited_elsewhere(pair):
    make.enrollment(make.program(), pair.mentee, "mentee", accepted_at=None, invited_at=timezone.now())


SITUATIONS = {  # a situation, and its number of open items for the mentee and for the mentor
    agreement_proposed: (1, 0),
    commitments_overdue: (4, 0),
    session_over: (1, 1),
    session_never_wrapped_up: (1, 1),
    check_in_due: (1, 0),
    invited_elsewhere: (1, 0),
}


@pytest.mark.parametrize("facts", [(), *combinations(SITUATIONS, 1), tuple(SITUATIONS)])
def test_all_places_agree_before_and_after_reminders_are_due(as_, pair, ada, sam, clock, facts):
    for make_true in facts:
        make_true(pair)
    expected = [sum(SITUATIONS[fact][side] for fact in facts) for side in (0, 1)]
    assert [numbers(as_(person)) for person in (ada, sam)] == [{n} for n in expected]
    clock.move_to("2026-12-15 12:00Z")
    planner.plan()
    assert all(len(numbers(as_(person))) == 1 for person in (ada, sam))
    Reminder.objects.update(read_at=timezone.now())
    clock.shift(A_MINUTE)
    assert all(len(numbers(as_(person))) == 1 for person in (ada, sam))


def test_a_done_item_is_counted_nowhere(as_, pair, ada, sam):
    for make_true in (agreement_proposed, commitments_overdue, session_over):
        make_true(pair)
    client = as_(ada)
    assert numbers(client) == {6}
    pair.agreements.get().sign(ada)
    pair.sessions.get().answer(ada, met=True)
    assert numbers(client) == {4}
    for row in pair.commitments.open():
        row.complete(ada, 1)
    assert numbers(client) == {0}


def test_an_open_item_has_one_line_until_it_is_done(as_, pair, ada, clock):
    commitments_overdue(pair)
    make.agreement(pair).sign(ada)
    clock.move_to("2026-12-15 12:00Z")
    planner.plan()
    client = as_(ada)
    assert client.get("/inbox/").content.decode().count(">Overdue: one (Mon, Dec 7)</a>") == 1
    client.post("/inbox/read/")
    assert numbers(client) == {5}
    Snooze.objects.create(
        user=ada,
        kind="commitment_last",
        subject=f"commitment:{pair.commitments.first().pk}",
        ends_at=timezone.now() + timedelta(days=3),
    )
    clock.shift(A_MINUTE)
    assert numbers(client) == {4}


def test_within_a_minute_the_number_comes_from_the_cache(as_, pair, ada):
    client = as_(ada)
    client.get("/commitments/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/commitments/")
    sql = " ".join(query["sql"] for query in queries)
    assert "reminders_reminder" not in sql and "mentoring_signature" not in sql


def test_changes_by_the_partner_show_immediately(as_, pair, ada, sam, django_capture_on_commit_callbacks):
    commitments_overdue(pair)
    client = as_(ada)
    assert numbers(client) == {4}
    with django_capture_on_commit_callbacks(execute=True):
        pair.commitments.open().first().complete(sam, 1)
    assert numbers(client) == {3}
