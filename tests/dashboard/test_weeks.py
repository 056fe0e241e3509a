"""Tests the weeks of a program: sessions, commitments and states of pairs, against values computed by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from dashboard import figures
from dashboard.models import Flag, FlagRule
from dashboard.overview import Filters, Overview
from dashboard.weeks import History, Week
from goals.models import Commitment
from mentoring.models import Pair, Program
from sessions.models import Session
from tests import make

TODAY = date(2026, 12, 9)  # a Wednesday
FIRST = date(2026, 11, 2)  # a Monday, five weeks before


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 9, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def program(db):
    return make.program(starts_on=FIRST, ends_on=FIRST + timedelta(weeks=40))


@pytest.fixture
def running(program):
    """A pair that meets every two weeks, since the program began."""
    return make.pair(program, started_on=FIRST, cadence="2-weekly")


def history(program) -> History:
    return History(Program.objects.get(pk=program.pk), Pair.objects.filter(program=program), TODAY)


def at(on: date, hour: int = 12) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=UTC)


def flag(pair, since: date, level="red", rule=FlagRule.NO_RECENT_SESSION, until=None, changed=None, **facts) -> Flag:
    dates = {"raised_at": at(since), "level_changed_at": at(changed or since), "cleared_at": until and at(until)}
    return Flag.objects.create(pair=pair, rule=rule, level=level, facts=facts, **dates)


def hold(pair, on: date) -> None:
    session = make.session(pair, datetime(on.year, on.month, on.day, 10))
    Session.objects.filter(pk=session.pk).update(held_at=session.ends_at)


def page(client, program, **query) -> str:
    return client.get(reverse("program_overview", args=[program.pk]), query).content.decode()


# --- Counting ---


def test_sessions_are_counted_by_week_with_what_the_cadence_expects(program, running):
    """Two pairs that meet every two weeks expect one session a week; the second one is paused in the third week."""
    other = make.pair(program, started_on=FIRST, cadence="2-weekly")
    other.pauses.create(from_on=FIRST + timedelta(weeks=2), resume_on=FIRST + timedelta(weeks=3))
    for days in (0, 6, 7):
        hold(running, FIRST + timedelta(days=days))
    weeks = history(program).weeks
    assert [week.monday for week in weeks] == [FIRST + timedelta(weeks=n) for n in range(6)]
    assert [week.held for week in weeks] == [2, 1, 0, 0, 0, 0]
    assert [week.expected for week in weeks[:5]] == [1, 1, 1, 1, 1], (
        "half a session counts in the week that makes it one"
    )
    weeks = History(program, Pair.objects.filter(pk=running.pk), TODAY).weeks
    assert [week.expected for week in weeks] == [1, 0, 1, 0, 1, 0], "one pair alone is counted too"
    assert (weeks[0].first_days, weeks[0].first_n) == (0, 1)


def test_commitments_count_in_the_week_in_which_they_are_due(program, running):
    late, kept = (make.commitment(running, due_on=FIRST + timedelta(days=n)) for n in (3, 9))
    Commitment.objects.filter(pk=kept.pk).update(state="done", settled_at=at(FIRST))
    assert [(week.kept, week.due) for week in history(program).weeks[:3]] == [(0, 1), (1, 1), (0, 0)]
    assert late.state == "open"


@pytest.mark.parametrize(
    ("flags", "letters"),
    [
        ([], "kkkkkk"),
        ([{"since": FIRST + timedelta(days=8), "until": FIRST + timedelta(days=22)}], "khhkkk"),
        ([{"since": FIRST, "level": "amber"}], "wwwwww"),
        ([{"since": FIRST + timedelta(days=6), "level": "amber"}], "kwwwww"),
        ([{"since": FIRST, "changed": FIRST + timedelta(days=16)}], "wwhhhh"),
        ([{"since": FIRST, "rule": FlagRule.NO_AGREEMENT, "level": "amber"}], "kkkkkk"),
        ([{"since": FIRST, "rule": FlagRule.NOT_GOING_WELL}], "kkkkkk"),
        ([{"since": FIRST, "rule": FlagRule.FEW_COMMITMENTS_KEPT}], "kkkkkk"),
    ],
    ids=["none", "red", "amber", "amber for less than three days", "amber, then red", "paperwork", "answers", "pair"],
)
def test_the_state_of_a_pair_is_what_admins_saw_at_the_end_of_a_week(program, running, flags, letters):
    for one in flags:
        flag(running, **one)
    assert history(program).states[running.pk] == letters


def test_weeks_before_a_pair_and_in_its_pause_have_their_own_state(program):
    pair = make.pair(program, started_on=FIRST + timedelta(weeks=2))
    pair.pauses.create(from_on=FIRST + timedelta(weeks=3), resume_on=FIRST + timedelta(weeks=4))
    flag(pair, FIRST)
    assert history(program).states[pair.pk] == "nnhphh"
    weeks = history(program).weeks
    assert [(week.on_track, week.pairs) for week in weeks] == [(0, 0), (0, 0), (0, 1), (0, 0), (0, 1), (0, 1)]


def test_weeks_are_stored_and_read_again(program, running):
    snapshot = figures.take_snapshot(program, TODAY)
    snapshot.refresh_from_db()
    assert [Week.from_json(row) for row in snapshot.weeks] == history(program).weeks
    assert snapshot.states == {str(running.pk): "kkkkkk"}


def test_steps_from_invited_to_meeting_count_mentees(program, running):
    waiting = make.user("Ben Moss")
    make.enrollment(program, waiting, "mentee")
    hold(running, FIRST)
    steps = dict(figures.funnel(program))
    assert steps == {"invited": 2, "joined": 2, "matched": 1, "met": 1, "met three times": 0}


def test_mentors_are_grouped_by_their_room_for_mentees(program, running):
    program.enrollments.filter(user=running.mentor).update(capacity=2)
    full, free = (make.user(name) for name in ("Fay Full", "Fred Free"))
    for mentor, capacity in ((full, 0), (free, 9)):
        make.enrollment(program, mentor, "mentor", capacity=capacity)
    load = {room: (n, users) for room, n, users in figures.mentor_load(program)}
    assert load[1] == (1, [running.mentor_id]) and load[3] == (1, [free.pk])
    assert load[0] == (1, []), "full mentors are not named"


# --- The page ---


def test_the_page_shows_figures_charts_and_weeks(as_, program, running):
    flag(running, FIRST + timedelta(weeks=4), **{"days since the last session": 34})
    hold(running, FIRST + timedelta(weeks=1))
    admin = make.admin(program)
    assert "updated every night" in page(as_(admin), program)
    figures.take_snapshot(program, TODAY)
    html = page(as_(admin), program)
    for text in ("Sessions held of expected", "Commitments kept on time", "From invited to meeting", "Mentor load"):
        assert f">{text}</h3>" in html
    assert "Wednesday, December 9, week 6 of 40" in " ".join(html.split())
    weeks = html[html.index('class="heat"') :]
    assert "Ada Lind" in weeks and "No session for 34 days" in weeks and "Needs attention</i>" in weeks


@pytest.mark.parametrize("listed", [50, 1])
def test_filters_stay_in_the_address(as_, program, running, monkeypatch, listed):
    monkeypatch.setattr("dashboard.overview.MOST_LISTED", listed)
    other = make.pair(program, make.user("Zoë Abara"), make.user("Ben Moss"), started_on=FIRST)
    figures.take_snapshot(program, TODAY)
    client = as_(make.admin(program))
    html = page(client, program, mentor=other.mentor_id, period="4")
    weeks = html[html.index('class="heat"') :]
    assert "Ben Moss" in weeks and "Ada Lind" not in weeks
    assert f"mentor={other.mentor_id}&amp;period=all#figures" in html
    assert "Ada Lind" in page(client, program, mentor="nobody", period="y", pairs="z")
    html = page(client, program, mentor="zoe")
    weeks = html.partition('class="heat"')[2]
    assert "Ben Moss" in weeks and "Ada Lind" not in weeks, "a part of the name is enough"
    assert ('<input id="mentor"' in html) == ('<input id="mentor"' in page(client, program)) == (listed == 1)


def test_more_pairs_are_shown_on_request(as_, program, monkeypatch):
    monkeypatch.setattr("dashboard.overview.PAIRS_SHOWN", 2)
    for n in range(5):
        make.pair(program, make.user(), make.user(f"Mentee {n}"), started_on=FIRST)
    figures.take_snapshot(program, TODAY)
    client = as_(make.admin(program))
    assert page(client, program).count('<th scope="row"><bdi>Mentee') == 2
    html = page(client, program, pairs="4")
    assert html.count('<th scope="row"><bdi>Mentee') == 4 and "pairs=8#weeks" in html
    assert "#weeks" not in page(client, program, pairs="8")


def test_an_admin_does_not_see_the_weeks_of_their_own_pair(as_, program, running):
    make.enrollment(program, running.mentor, "admin")
    figures.take_snapshot(program, TODAY)
    html = page(as_(running.mentor), program, mentor=running.mentor_id)
    assert 'class="heat"' not in html and "Ada Lind" not in html.partition("<main")[2]
    table = as_(running.mentor).post(reverse("weeks_export", args=[program.pk])).content.decode("utf-8-sig")
    assert "Ada Lind" not in table


def test_headline_figures_compare_four_weeks_with_the_four_before(program):
    make.pair(program, started_on=FIRST)
    figures.take_snapshot(program, TODAY)
    counts = {"expected": 4, "kept": 0, "due": 0, "on_track": 1, "pairs": 2, "first_days": None, "first_n": 0}
    rows = [Week(FIRST + timedelta(weeks=n), held=held, **counts) for n, held in enumerate([2] * 4 + [3] * 4 + [0])]
    snapshot = program.snapshots.first()
    snapshot.weeks = [week.as_json() for week in rows]
    doing = Overview(program, make.user(), TODAY, snapshot, Filters(None, "16"))
    held, kept, on_track, first = doing.stats
    assert (held.value, held.change, held.better, held.arrow) == ("75%", "25 points", True, "up")
    assert "12 of 16 expected" in held.note
    assert (kept.value, kept.change, first.value) == ("–", "", "–")
    assert (on_track.value, on_track.unit, on_track.change) == ("1", "of 2", "")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_weeks_and_figures_are_exported(as_, program, running, kind):
    client = as_(make.admin(program))
    for name in ("weeks_export", "figures_export"):
        answer = client.post(reverse(name, args=[program.pk]), {"format": kind})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
        assert body.startswith(b"PK") if kind == "xlsx" else b"2026-11-02" in body or b"Match rate" in body


# --- Several pairs at once ---


@pytest.fixture
def two(program, running):
    other = make.pair(program, make.user("Zoe Abara"), make.user("Ben Moss"), started_on=FIRST)
    for pair in (running, other):
        flag(pair, FIRST, **{"days since the last session": 30})
    return [running, other]


def bulk(client, program, pairs, do: str, **sent):
    url = reverse("attention_bulk", args=[program.pk])
    data = {"do": do, "pair": [pair.pk for pair in pairs], **sent}
    return client.post(url, data) if sent else client.get(url, data)


def test_several_pairs_are_emailed_or_offered_a_pause(as_, program, two):
    client = as_(make.admin(program))
    html = bulk(client, program, two, "email").content.decode()
    assert "Email 2 pairs" in html and html.count("mailto:?bcc=") == 1
    html = bulk(client, program, two, "pause").content.decode()
    assert "Offer a pause to 2 pairs" in html and html.count("Would%20a%20pause%20help") == 2
    assert "mailto:?bcc" not in html


def test_a_confidential_flag_changes_both_emails_into_neutral_ones(as_, program, two):
    flag(two[0], FIRST, rule=FlagRule.NOT_GOING_WELL)
    for do in ("email", "pause"):
        html = bulk(as_(make.admin(program)), program, two[:1], do).content.decode()
        assert "Email Sam alone" in html and "Email Ada alone" in html and "Email both" not in html


def test_several_pairs_are_snoozed_with_one_reason(as_, program, two):
    client = as_(make.admin(program))
    assert bulk(client, program, two, "snooze", reason="", days="7").status_code == 422
    assert not Flag.objects.exclude(snoozed_until=None).exists()
    answer = bulk(client, program, two, "snooze", reason="Summer break", days="7")
    assert answer.status_code == 302
    assert set(Flag.objects.values_list("snoozed_until", "snooze_reason")) == {(date(2026, 12, 16), "Summer break")}


def test_pairs_that_need_no_attention_are_left_out(as_, program, two):
    Flag.objects.all().delete()
    answer = bulk(as_(make.admin(program)), program, two, "email")
    assert answer.status_code == 302
    assert bulk(as_(make.user()), program, two, "email").status_code == 404
