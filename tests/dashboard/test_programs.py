"""Tests the programs of an admin side by side: their order, their figures, and what is left out."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from dashboard import programs
from dashboard.figures import take_snapshot
from dashboard.models import Flag, FlagRule
from dashboard.programs import newest_snapshots, read_programs
from sessions.models import Session
from tests import make

TODAY = date(2026, 12, 9)  # a Wednesday
FIRST = date(2026, 9, 7)  # a Monday, 13 weeks before


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(datetime(2026, 12, 9, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def admin():
    return make.user("Priya Nair")


def program(admin, name: str, pairs: int = 0, in_need: int = 0, **dates):
    made = make.program(name, **{"starts_on": FIRST, "ends_on": FIRST + timedelta(weeks=40)} | dates)
    make.enrollment(made, admin, "admin")
    for n in range(pairs):
        pair = make.pair(made, started_on=FIRST, cadence="2-weekly")
        if n < in_need:
            Flag.objects.create(pair=pair, rule=FlagRule.NO_RECENT_SESSION, level="red")
    return made


def hold(pair, *days: date) -> None:
    for on in days:
        session = make.session(pair, datetime(on.year, on.month, on.day, 10))
        Session.objects.filter(pk=session.pk).update(held_at=session.ends_at)


def names(html: str) -> list[str]:
    return re.findall(r'class="title-link"[^>]*>([^<]+)<', html)


def test_programs_with_the_most_pairs_in_need_come_first(as_, admin):
    program(admin, "Calm", pairs=3)
    program(admin, "Over", pairs=1, in_need=1, ends_on=TODAY - timedelta(days=1))
    program(admin, "Worst", pairs=3, in_need=2)
    waiting = program(admin, "Waits", pairs=1)
    make.enrollment(waiting, make.user("Tom Reed"), "mentee")
    program(make.user("Noor Aziz"), "Not mine", pairs=1, in_need=1)
    html = as_(admin).get(reverse("program_list")).content.decode()
    assert names(html) == ["Worst", "Waits", "Calm", "Over"]
    assert "You run 4 programs." in html and "1 mentee is waiting for a match." in html


def test_a_row_compares_the_last_four_weeks_with_those_before(as_, admin):
    one = program(admin, "One", pairs=1)
    hold(one.pairs.get(), date(2026, 10, 14), date(2026, 10, 28), date(2026, 11, 11))  # two before, one since
    make.commitment(one.pairs.get(), due_on=date(2026, 11, 20))
    take_snapshot(one, TODAY)
    row = read_programs(admin, "1", TODAY).page.object_list[0]
    assert (row.held.part, row.held.whole, row.held.value, row.held.change) == (1, 2, "50%", "50 points")
    assert (row.kept.part, row.kept.whole, row.kept.better) == (0, 1, False)
    html = " ".join(as_(admin).get(reverse("program_list")).content.decode().split())
    assert "1 of 2" in html and "0 of 1" in html and "50 points" in html


def test_a_program_leads_to_its_overview_or_to_its_people(as_, admin):
    with_pairs, empty = program(admin, "One", pairs=1), program(admin, "Two")
    html = as_(admin).get(reverse("program_list")).content.decode()
    assert f'href="{reverse("program_overview", args=[with_pairs.pk])}" dir' in html
    assert f'href="{reverse("program_detail", args=[empty.pk])}" dir' in html


def test_an_admins_own_pair_is_not_counted_as_in_need(admin):
    one = program(admin, "One")
    own = make.pair(one, mentor=admin)
    Flag.objects.create(pair=own, rule=FlagRule.NO_RECENT_SESSION, level="red")
    assert read_programs(admin, "1", TODAY).need == 0


def test_only_the_newest_snapshot_of_each_program_is_read(admin):
    one, two = program(admin, "One", pairs=1), program(admin, "Two", pairs=1)
    for on in (TODAY - timedelta(days=2), TODAY - timedelta(days=1)):
        take_snapshot(one, on)
    take_snapshot(two, TODAY - timedelta(days=2))
    found = newest_snapshots([one.pk, two.pk])
    assert {pk: row.taken_on.day for pk, row in found.items()} == {one.pk: 8, two.pk: 7}


def test_many_programs_are_shown_a_page_at_a_time(as_, admin, monkeypatch):
    monkeypatch.setattr(programs, "AT_A_TIME", 2)
    for n in range(3):
        program(admin, f"Program {n}")
    url = reverse("program_list")
    assert len(names(as_(admin).get(url).content.decode())) == 2
    assert names(as_(admin).get(url, {"page": "2"}).content.decode()) == ["Program 2"]
    assert "You run 3 programs." in as_(admin).get(url, {"page": "x"}).content.decode()
