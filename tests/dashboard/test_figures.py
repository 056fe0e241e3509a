"""Tests the figures of a program against values computed by hand, and the pulse questions."""

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
def inactive_pair(pair):
    return make.inactive(pair, MONDAY)


def ago(days: int) -> date:
    return MONDAY - timedelta(days=days)


# --- How is it going? ---


def test_pulse_is_asked_on_day_30_and_hidden_from_the_partner(as_, pair, sam):
    url = reverse("pulse_edit", args=[pair.pk])
    Pair.objects.filter(pk=pair.pk).update(started_on=ago(29))
    assert "There are no questions right now" in as_(sam).get(url).content.decode()
    Pair.objects.filter(pk=pair.pk).update(started_on=ago(30))
    assert as_(sam).post(url, {"worthwhile": 4}).status_code == 422
    as_(sam).post(url, {"worthwhile": 4, "openness": 5})
    as_(sam).post(url, {"worthwhile": 3, "openness": 5})
    assert PulseAnswer.objects.get().lowest == 3
    assert "checked" not in as_(pair.mentee).get(url).content.decode()


def test_pulse_figures_need_five_people(inactive_pair):
    program = inactive_pair.program
    pairs = [inactive_pair, *[make.pair(program, make.user(), make.user()) for _ in range(2)]]
    people = [(pair, person) for pair in pairs for person in pair.people]
    for pair, person in people[:5]:
        found = {row.key: row for row in figures.figures(program, MONDAY)}["pulse"]
        assert found.value is None and found.n == 0
        PulseAnswer.record(pair, person, MONDAY, worthwhile=4, openness=5)
    assert {row.key: row for row in figures.figures(program, MONDAY)}["pulse"].value == 4


def test_worth_figure_needs_five_people(inactive_pair):
    program = inactive_pair.program
    pairs = [inactive_pair, *[make.pair(program, make.user(), make.user()) for _ in range(2)]]
    people = [(pair, person) for pair in pairs for person in pair.people]
    for n, (pair, person) in enumerate(people[:5], start=1):
        assert figure(program, "worth").value is None
        pair.exit_answers.create(user=person, rating=min(n, 5))
    assert (figure(program, "worth").value, figure(program, "worth").n) == (3, 5)


# --- Figures, computed by hand ---


def figure(program, key: str):
    return {row.key: row for row in figures.figures(program, MONDAY)}[key]


def test_an_empty_program_has_figures(as_, db):
    program = make.program()
    html = as_(make.admin(program)).get(reverse("program_overview", args=[program.pk])).content.decode()
    assert "This program has no running pairs yet." in html and "Match rate" not in html
    client, page = as_(make.admin(program)), reverse("program_figures", args=[program.pk])
    assert "Nothing is counted yet." in client.get(page).content.decode()
    assert page in client.post(reverse("figures_update", args=[program.pk]), follow=True).content.decode()
    page = client.get(page).content.decode()
    assert "Match rate" in page and "of all mentors and mentees" in page
    assert all(row.n == 0 for row in figures.figures(program, MONDAY))


def test_shares_and_medians(inactive_pair):
    program = inactive_pair.program
    make.enrollment(program, make.user(), "mentee", invited_at=timezone.now() - timedelta(days=10))
    make.enrollment(program, make.user(), "mentee", invited_at=timezone.now() - timedelta(days=20))
    assert figure(program, "match").value == 50.0, "two of four"
    assert figure(program, "waiting").value == 15
    assert figure(program, "first").value == 50, "began 90 days ago, met 40 days ago"
    assert (figure(program, "no next").value, figure(program, "active").value) == (1, 1)
    session = make.past_session(inactive_pair, days=3)
    SessionAnswer.objects.create(session=session, user=inactive_pair.mentor, met=True)
    Session.objects.filter(pk=session.pk).update(held_at=session.ends_at)
    assert (figure(program, "held").value, figure(program, "held").before) == (1, 1)
    assert (figure(program, "both").value, figure(program, "both").n) == (0, 1)
    row = make.commitment(inactive_pair, due_on=ago(2))
    session.session_commitments.create(commitment=row)
    assert figure(program, "made").value == 1.0
    assert (figure(program, "kept").value, figure(program, "kept").n) == (0, 1)


def values(program) -> dict[str, tuple]:
    return {row.key: (row.value, row.n) for row in figures.figures(program, MONDAY)}


def test_figures_of_pairs_people_and_contacts(inactive_pair):
    """Two running pairs, one paused; one of two mentors has too many pairs; one of two contacts is old."""
    program = inactive_pair.program
    paused = make.pair(program)
    paused.pause(paused.mentor, MONDAY, MONDAY + timedelta(days=14), MONDAY)
    assert (values(program)["active"], values(program)["paused"]) == ((1, 2), (1, 2))
    assert values(program)["agreed"] == (0, 2)
    make.agreement(inactive_pair)
    for person in inactive_pair.people:
        inactive_pair.agreements.get().sign(person)
    assert values(program)["agreed"] == (50, 2)
    assert values(program)["load"] == (0, 2)
    program.enrollments.filter(user=inactive_pair.mentor, role="mentor").update(capacity=1)
    make.pair(program, inactive_pair.mentor, make.user())
    assert values(program)["load"] == (1, 2)
    for days in (3, 40):
        MentorContact.objects.create(
            program=program, mentor=inactive_pair.mentor, created_at=timezone.now() - timedelta(days=days)
        )
    assert values(program)["contacts"] == (1, 1)


def test_cadence_figure(inactive_pair):
    """Every two weeks: of the two sessions expected in four weeks none, then one, then two were held."""
    assert values(inactive_pair.program)["cadence"] == (0, 2)
    for days, expected in ((20, (50, 2)), (5, (100, 2))):
        make.past_session(inactive_pair, days=days).answer(inactive_pair.mentee, met=True)
        assert values(inactive_pair.program)["cadence"] == expected


def test_figures_of_goals_indicators_and_outcomes(inactive_pair):
    program = inactive_pair.program
    linked, _other = make.goal(inactive_pair), make.goal(inactive_pair, "Another")
    linked.priorities.add(make.priority(program), make.priority(program, "Ship"))
    assert values(program)["linked"] == (50, 2), "a goal with two priorities counts once"
    alive, old = make.indicator(inactive_pair), make.indicator(inactive_pair, "How calm I am")
    make.reading(alive, 3, measured_on=ago(44))
    make.reading(old, 3, measured_on=ago(45))
    assert values(program)["indicators"] == (50, 2)
    make.outcome(inactive_pair)
    assert (values(program)["outcomes"], values(program)["closing"]) == ((None, 0), (None, 0)), "none has ended"
    inactive_pair.end()
    make.pair(program).end()
    assert (values(program)["outcomes"], values(program)["closing"]) == ((0.5, 2), (0, 2))
    inactive_pair.sessions.update(kind="closing")
    assert values(program)["closing"] == (50, 2)


def test_red_and_amber_figures_leave_out_pulse_answers(inactive_pair):
    program = inactive_pair.program
    pairs = [inactive_pair, *[make.pair(program) for _n in range(4)]]
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
    assert values(program)["recovery"] == before, "it would reveal the answer of an admin's own partner"


def test_every_figure_has_a_test(inactive_pair):
    tests = "".join(path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py"))
    untested = [key for key in values(inactive_pair.program) if f'"{key}"' not in tests]
    assert not untested


def test_time_to_recovery_is_the_median_of_red_flags(inactive_pair):
    now = timezone.now()
    for days in (2, 4, 9):
        Flag.objects.create(
            pair=inactive_pair,
            rule=FlagRule.NO_RECENT_SESSION,
            level="red",
            raised_at=now - timedelta(days=days),
            cleared_at=now,
        )
    Flag.objects.create(
        pair=inactive_pair, rule=FlagRule.CALLED_OFF, level="amber", raised_at=now - timedelta(days=90), cleared_at=now
    )
    assert (figure(inactive_pair.program, "recovery").value, figure(inactive_pair.program, "recovery").n) == (4, 3)


def test_figures_are_exported_with_definitions(as_, inactive_pair):
    text = (
        as_(make.admin(inactive_pair.program))
        .post(reverse("figures_export", args=[inactive_pair.program_id]))
        .content.decode("utf-8-sig")
    )
    assert "Match rate" in text and "of all mentors and mentees" in text


def test_figures_of_unconfirmed_moved_and_carried_over(inactive_pair):
    program = inactive_pair.program
    for day in (1, 2, 3):  # three past sessions: one held, one unconfirmed, one canceled
        make.session(inactive_pair, datetime(2026, 12, day, 10))
    held, _silent, off = inactive_pair.sessions.filter(starts_at__gte=datetime(2026, 12, 1, tzinfo=UTC)).order_by(
        "starts_at"
    )
    Session.objects.filter(pk=held.pk).update(held_at=held.starts_at, closed_at=held.starts_at)
    Session.objects.filter(pk=off.pk).update(canceled_at=off.starts_at)
    before = figure(program, "unconfirmed")
    assert (before.value, before.n) == (1, 2)
    kept, moved = (make.commitment(inactive_pair, due_on=ago(3)) for _n in range(2))
    kept.complete(inactive_pair.mentee, kept.version)
    moved.renegotiate(inactive_pair.mentee, moved.version, ago(1))
    share = figure(program, "moved")
    assert (share.value, share.n) == (50, 2)
    often, once = make.topic(inactive_pair), make.topic(inactive_pair)
    for item, times in ((often, 3), (once, 1)):
        for _n in range(times):
            ItemOutcome.objects.create(
                session=make.session(inactive_pair), item=item, outcome="carried", title=item.title
            )
    carried = figure(program, "carried")
    assert (carried.value, carried.n) == (1, 2)


def test_answer_rate_counts_finished_rounds_of_five_people(inactive_pair):
    program = inactive_pair.program  # rounds begin on days 30 and 90, which is today: that round is open
    PulseAnswer.record(inactive_pair, inactive_pair.mentee, MONDAY, worthwhile=4, openness=4)
    PulseAnswer.record(inactive_pair, inactive_pair.mentor, ago(60), worthwhile=4, openness=4)
    assert (figure(program, "answers").value, figure(program, "answers").n) == (None, 0)
    for _n in range(2):
        make.pair(program, make.user(), make.user(), started_on=ago(60))
    assert (figure(program, "answers").value, figure(program, "answers").n) == (16.7, 6)


def test_each_figure_has_its_value_28_days_before(inactive_pair):
    program = inactive_pair.program
    for days, expected in ((28, None), (0, 1)):
        snapshot = figures.take_snapshot(program, ago(days))
        now = {row.key: row for row in figures.figures_in(snapshot)}["active"]
        assert (now.value, now.before) == (1, expected)
    figures.take_snapshot(program, ago(-40))
    assert {row.key: row for row in figures.figures_in(program.snapshots.first())}["active"].before is None, "too old"


def test_the_value_28_days_before_has_the_unit_of_the_current_one():
    share = figures.Figure("match", "Match rate", "", 50.0, 4, figures.PERCENT, before=62.5)
    assert (share.display, share.display_before) == ("50%", "62.5%")
    days = figures.Figure("waiting", "Waiting time", "", 11, 4, figures.DAYS, before=1)
    assert (days.display, days.display_before) == ("11 days", "1 day")
