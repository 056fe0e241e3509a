"""Figures of a program, worked by hand, and what is asked to make them: how is it going? (S91, E8, N18)"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from dashboard import figures
from dashboard.models import Flag, FlagRule, MentorContact
from mentoring.models import Pair, PulseAnswer
from sessions.models import ItemOutcome, Session, SessionAnswer
from tests import make

MONDAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def quiet(pair):
    return make.inactive(pair, MONDAY)


def ago(days: int) -> date:
    return MONDAY - timedelta(days=days)


# --- How is it going? ---


def test_pulse_is_asked_on_day_30_and_hidden_from_the_partner(as_, pair, sam):
    url = reverse("pulse_edit", args=[pair.pk])
    Pair.objects.filter(pk=pair.pk).update(started_on=ago(29))
    assert "There are no questions right now" in as_(sam).get(url).content.decode()
    Pair.objects.filter(pk=pair.pk).update(started_on=ago(30))
    assert as_(sam).post(url, {"worth": 4}).status_code == 422
    as_(sam).post(url, {"worth": 4, "open": 5})
    as_(sam).post(url, {"worth": 3, "open": 5})
    assert PulseAnswer.objects.get().lowest == 3
    assert "checked" not in as_(pair.mentee).get(url).content.decode()


def test_pulse_figures_need_five_people(quiet):
    program = quiet.program
    pairs = [quiet, *[make.pair(program, make.user(), make.user()) for _ in range(2)]]
    people = [(pair, person) for pair in pairs for person in pair.people]
    for pair, person in people[:5]:
        found = {row.key: row for row in figures.figures(program, MONDAY)}["pulse"]
        assert found.value is None and found.n == 0
        PulseAnswer.record(pair, person, MONDAY, worth=4, open=5)
    assert {row.key: row for row in figures.figures(program, MONDAY)}["pulse"].value == 4


def test_worth_figure_needs_five_people(quiet):
    program = quiet.program
    pairs = [quiet, *[make.pair(program, make.user(), make.user()) for _ in range(2)]]
    people = [(pair, person) for pair in pairs for person in pair.people]
    for n, (pair, person) in enumerate(people[:5], start=1):
        assert figure(program, "worth").value is None
        pair.exit_answers.create(user=person, rating=min(n, 5))
    assert (figure(program, "worth").value, figure(program, "worth").n) == (3, 5)


# --- Figures, worked by hand ---


def figure(program, key: str):
    return {row.key: row for row in figures.figures(program, MONDAY)}[key]


def test_an_empty_program_has_figures(as_, db):
    program = make.program()
    html = as_(make.admin(program)).get(reverse("program_overview", args=[program.pk])).content.decode()
    assert "This program has no running pairs yet." in html and "Match rate" not in html
    page = as_(make.admin(program)).post(reverse("figures_update", args=[program.pk]), follow=True).content.decode()
    assert "Match rate" in page and "of all mentors and mentees" in page
    assert all(row.n == 0 for row in figures.figures(program, MONDAY))


def test_shares_and_medians(quiet):
    program = quiet.program
    make.enrollment(program, make.user(), "mentee", invited_at=timezone.now() - timedelta(days=10))
    make.enrollment(program, make.user(), "mentee", invited_at=timezone.now() - timedelta(days=20))
    assert figure(program, "match").value == 50.0, "two of four"
    assert figure(program, "waiting").value == 15
    assert figure(program, "first").value == 50, "began 90 days ago, met 40 days ago"
    assert (figure(program, "no next").value, figure(program, "active").value) == (1, 1)
    session = make.past_session(quiet, days=3)
    SessionAnswer.objects.create(session=session, user=quiet.mentor, met=True)
    Session.objects.filter(pk=session.pk).update(held_at=session.ends_at)
    assert (figure(program, "held").value, figure(program, "held").before) == (1, 1)
    assert (figure(program, "both").value, figure(program, "both").n) == (0, 1)
    row = make.commitment(quiet, due_on=ago(2))
    session.session_commitments.create(commitment=row)
    assert figure(program, "made").value == 1.0
    assert (figure(program, "kept").value, figure(program, "kept").n) == (0, 1)


def values(program) -> dict[str, tuple]:
    return {row.key: (row.value, row.n) for row in figures.figures(program, MONDAY)}


def test_figures_of_pairs_people_and_contacts(quiet):
    """Two running pairs, of which one pauses; one of two mentors has too many; one of two contacts is old."""
    program = quiet.program
    paused = make.pair(program)
    paused.pause(paused.mentor, MONDAY, MONDAY + timedelta(days=14), MONDAY)
    assert (values(program)["active"], values(program)["paused"]) == ((1, 2), (1, 2))
    assert values(program)["agreed"] == (0, 2)
    make.agreement(quiet)
    for person in quiet.people:
        quiet.agreements.get().sign(person)
    assert values(program)["agreed"] == (50, 2)
    assert values(program)["load"] == (0, 2)
    program.enrollments.filter(user=quiet.mentor, role="mentor").update(capacity=1)
    make.pair(program, quiet.mentor, make.user())
    assert values(program)["load"] == (1, 2)
    for days in (3, 40):
        MentorContact.objects.create(
            program=program, mentor=quiet.mentor, created_at=timezone.now() - timedelta(days=days)
        )
    assert values(program)["contacts"] == (1, 1)


def test_cadence_figure(quiet):
    """Every two weeks: of the two sessions expected in four weeks none, then one, then two were held."""
    assert values(quiet.program)["cadence"] == (0, 2)
    for days, expected in ((20, (50, 2)), (5, (100, 2))):
        make.past_session(quiet, days=days).answer(quiet.mentee, met=True)
        assert values(quiet.program)["cadence"] == expected


def test_figures_of_goals_indicators_and_outcomes(quiet):
    program = quiet.program
    linked, _other = make.goal(quiet), make.goal(quiet, "Another")
    linked.priorities.add(make.priority(program), make.priority(program, "Ship"))
    assert values(program)["linked"] == (50, 2), "a goal with two priorities counts once"
    alive, old = make.indicator(quiet), make.indicator(quiet, "How calm I am")
    make.reading(alive, 3, measured_on=ago(44))
    make.reading(old, 3, measured_on=ago(45))
    assert values(program)["indicators"] == (50, 2)
    make.outcome(quiet)
    assert (values(program)["outcomes"], values(program)["closing"]) == ((None, 0), (None, 0)), "none has ended"
    quiet.end()
    make.pair(program).end()
    assert (values(program)["outcomes"], values(program)["closing"]) == ((0.5, 2), (0, 2))
    quiet.sessions.update(kind="closing")
    assert values(program)["closing"] == (50, 2)


def test_red_and_amber_figures_leave_out_pulse_answers(quiet):
    program = quiet.program
    pairs = [quiet, *[make.pair(program) for _n in range(4)]]
    old = timezone.now() - timedelta(days=4)
    marks = [
        (FlagRule.NO_RECENT_SESSION, "red", old),
        (FlagRule.CALLED_OFF, "amber", old),
        (FlagRule.CALLED_OFF, "amber", timezone.now()),
        (FlagRule.NO_AGREEMENT, "amber", old),
    ]
    for pair, (rule, level, since) in zip(pairs, marks, strict=False):
        Flag.objects.create(pair=pair, rule=rule, level=level, raised_at=since)
    Flag.objects.create(pair=pairs[4], rule=FlagRule.NOT_GOING_WELL, level="red", raised_at=old)
    assert (values(program)["red"], values(program)["amber"]) == ((1, 5), (1, 5))
    before = values(program)["recovery"]
    Flag.objects.filter(rule=FlagRule.NOT_GOING_WELL).update(cleared_at=timezone.now())
    assert values(program)["recovery"] == before, "it would tell an admin what their own partner said"


def test_every_figure_has_a_test(quiet):
    tests = "".join(path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py"))
    untested = [key for key in values(quiet.program) if f'"{key}"' not in tests]
    assert not untested


def test_time_to_recovery_is_the_median_of_red_flags(quiet):
    now = timezone.now()
    for days in (2, 4, 9):
        Flag.objects.create(
            pair=quiet,
            rule=FlagRule.NO_RECENT_SESSION,
            level="red",
            raised_at=now - timedelta(days=days),
            cleared_at=now,
        )
    Flag.objects.create(
        pair=quiet, rule=FlagRule.CALLED_OFF, level="amber", raised_at=now - timedelta(days=90), cleared_at=now
    )
    assert (figure(quiet.program, "recovery").value, figure(quiet.program, "recovery").n) == (4, 3)


def test_figures_are_exported_with_definitions(as_, quiet):
    text = (
        as_(make.admin(quiet.program))
        .post(reverse("figures_export", args=[quiet.program_id]))
        .content.decode("utf-8-sig")
    )
    assert "Match rate" in text and "of all mentors and mentees" in text


def test_figures_of_unconfirmed_moved_and_carried_over(quiet):
    program = quiet.program
    for day in (1, 2, 3):  # three past sessions: one held, one that nobody spoke of, one called off
        make.session(quiet, datetime(2026, 12, day, 10))
    held, _silent, off = quiet.sessions.filter(starts_at__gte=datetime(2026, 12, 1, tzinfo=UTC)).order_by("starts_at")
    Session.objects.filter(pk=held.pk).update(held_at=held.starts_at, closed_at=held.starts_at)
    Session.objects.filter(pk=off.pk).update(canceled_at=off.starts_at)
    before = figure(program, "unconfirmed")
    assert (before.value, before.n) == (1, 2)
    kept, moved = (make.commitment(quiet, due_on=ago(3)) for _n in range(2))
    kept.complete(quiet.mentee, kept.version)
    moved.renegotiate(quiet.mentee, moved.version, ago(1))
    share = figure(program, "moved")
    assert (share.value, share.n) == (50, 2)
    often, once = make.topic(quiet), make.topic(quiet)
    for item, times in ((often, 3), (once, 1)):
        for _n in range(times):
            ItemOutcome.objects.create(session=make.session(quiet), item=item, outcome="carried", title=item.title)
    carried = figure(program, "carried")
    assert (carried.value, carried.n) == (1, 2)


def test_answer_rate_counts_finished_rounds_of_five_people(quiet):
    program = quiet.program  # asked on days 30 and 90, which is today: that round is open
    PulseAnswer.record(quiet, quiet.mentee, MONDAY, worth=4, open=4)
    PulseAnswer.record(quiet, quiet.mentor, ago(60), worth=4, open=4)
    assert (figure(program, "answers").value, figure(program, "answers").n) == (None, 0)
    for _n in range(2):
        make.pair(program, make.user(), make.user(), started_on=ago(60))
    assert (figure(program, "answers").value, figure(program, "answers").n) == (16.7, 6)


def test_each_figure_has_its_value_28_days_before(quiet):
    program = quiet.program
    for days, expected in ((28, None), (0, 1)):
        snapshot = figures.take_snapshot(program, ago(days))
        now = {row.key: row for row in figures.figures_in(snapshot)}["active"]
        assert (now.value, now.before) == (1, expected)
    figures.take_snapshot(program, ago(-40))
    assert {row.key: row for row in figures.figures_in(program.snapshots.first())}["active"].before is None, "too old"
