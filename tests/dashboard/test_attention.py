"""Tests the list of mentors to contact: after two weeks, a month, and then every six weeks."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from dashboard import flags
from dashboard.attention import NeedsAttention
from dashboard.models import Flag, FlagRule, MentorContact
from mentoring.models import Pair, PulseAnswer
from tests import make

MONDAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def inactive_pair(pair):
    return make.inactive(pair, MONDAY)


def ago(days: int) -> date:
    return MONDAY - timedelta(days=days)


def mentors_of(program, on: date = MONDAY) -> list:
    return NeedsAttention(program, make.user(), on).mentors


def test_contacts_are_due_on_day_14_day_30_and_every_six_weeks(inactive_pair):
    program, mentor = inactive_pair.program, inactive_pair.mentor

    def due(started: int, *contacts: int) -> bool:
        Pair.objects.filter(pk=inactive_pair.pk).update(started_on=ago(started))
        MentorContact.objects.all().delete()
        for days in contacts:
            MentorContact.objects.create(
                program=program, mentor=mentor, created_at=timezone.now() - timedelta(days=days)
            )
        return bool(mentors_of(program))

    assert [due(13), due(14), due(29, 15), due(30, 15), due(80, 66, 50, 41), due(80, 66, 50, 42)] == [
        *(False, True, False),
        *(True, False, True),
    ]
    Flag.objects.create(pair=inactive_pair, rule=FlagRule.NO_RECENT_SESSION, level="red")
    assert due(80, 66, 50, 20), "sooner when a pair is red"


def loaded(program, name="Zoe Abara", pairs=2, capacity=3):
    """A mentor with many pairs."""
    mentor = make.user(name)
    make.enrollment(program, mentor, "mentor", capacity=capacity)
    return mentor, [make.pair(program, mentor, make.user(), started_on=ago(40)) for _n in range(pairs)]


def test_overloaded_mentors_are_listed_at_once(as_, inactive_pair):
    program = inactive_pair.program
    MentorContact.objects.create(
        program=program, mentor=inactive_pair.mentor, created_at=timezone.now() - timedelta(days=1)
    )
    mentor, pairs = loaded(program, pairs=3, capacity=2)
    one = next(one for one in mentors_of(program) if one.mentor_id == mentor.pk)
    assert (one.level, one.mentees, one.capacity, one.red) == ("amber", 3, 2, 0)
    for pair in pairs[:2]:
        Flag.objects.create(pair=pair, rule=FlagRule.NO_RECENT_SESSION, level="red")
    first = mentors_of(program)[0]
    assert (first.mentor_id, first.level, first.red) == (mentor.pk, "red", 2)
    page = as_(make.admin(program)).get(reverse("program_overview", args=[program.pk])).content.decode()
    assert "3 mentees, capacity 2" in page and "2 pairs are red" in page


def test_a_mentor_is_not_listed_for_a_week_after_a_contact(inactive_pair):
    mentor, pairs = loaded(inactive_pair.program)
    for days in (40, 20, 3):
        MentorContact.objects.create(
            program=inactive_pair.program, mentor=mentor, created_at=timezone.now() - timedelta(days=days)
        )
    for pair in pairs:
        Flag.objects.create(pair=pair, rule=FlagRule.NO_RECENT_SESSION, level="red")

    def is_due(on) -> bool:
        return mentor.pk in [one.mentor_id for one in mentors_of(inactive_pair.program, on)]

    assert (is_due(MONDAY), is_due(MONDAY + timedelta(days=5))) == (False, True)


def test_mentors_see_their_workload_without_pulse_flags(as_, inactive_pair):
    mentor, pairs = loaded(inactive_pair.program)

    def page() -> str:
        return as_(mentor).get("/").content.decode()

    assert "room for" not in page() and "need attention" not in page()
    for pair in pairs:
        PulseAnswer.record(pair, pair.mentee, ago(10), worthwhile=1, openness=1)
        flags.raise_flags([pair])
    assert Flag.objects.filter(rule=FlagRule.NOT_GOING_WELL, level="red", person=None).count() == 2
    Flag.objects.exclude(rule=FlagRule.NOT_GOING_WELL).delete()
    assert "need attention" not in page()
    for pair in pairs:
        Flag.objects.create(pair=pair, rule=FlagRule.CALLED_OFF, level="red")
    assert "2 of your pairs need attention" in page()
    inactive_pair.program.enrollments.filter(user=mentor).update(capacity=1)
    assert "You mentor 2 people" in page()


def test_visibility_page_shows_workload_without_red_pairs(as_, inactive_pair):
    mentor, pairs = loaded(inactive_pair.program, pairs=3, capacity=2)
    for pair in pairs:
        PulseAnswer.record(pair, pair.mentee, ago(10), worthwhile=1, openness=1)
    flags.raise_flags(pairs)
    page = as_(mentor).get(reverse("admin_visibility", args=[inactive_pair.program_id])).content.decode()
    assert "3 mentees, capacity 2" in page
    assert "red" not in page.partition("<main")[2].partition("</main>")[0].replace("agreed", "")
