"""Tests check-ins, questions answered before a session, and requests to talk to the program admin."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from mentoring.models import TalkRequest
from mentoring.models.talk_request import talk_request_recipients
from sessions.checkins import due_on
from sessions.models import AgendaItem, CheckIn
from tests import make

TWO_WEEKS = timedelta(days=14)


@pytest.mark.parametrize(
    ("last", "following", "on"),
    [
        (date(2026, 12, 1), date(2026, 12, 15), date(2026, 12, 8)),
        (date(2026, 12, 1), None, date(2026, 12, 8)),
        (date(2026, 12, 1), date(2026, 12, 6), date(2026, 12, 3)),
        (date(2026, 12, 1), date(2026, 12, 5), None),
    ],
)
def test_a_check_in_is_due_halfway_between_two_sessions(last, following, on):
    assert due_on(last, following, TWO_WEEKS) == on


def test_the_mentor_reads_a_check_in_before_the_next_session(pair, sam, ada, as_):
    session = make.session(pair)
    page = as_(ada).post(f"/pairs/{pair.pk}/check-in/", {"answer": "stuck", "note": "The numbers for Lin"}, follow=True)
    assert "Sam sees it when preparing your next session" in page.content.decode()
    prepare = as_(sam).get(f"/sessions/{session.pk}/prepare/").content.decode()
    assert "Ada’s check-ins since last time" in prepare
    assert "pill-watch" in prepare and "Stuck" in prepare
    assert "The numbers for Lin" in prepare
    home = as_(sam).get("/").content.decode()
    assert "pill-watch" in home and "stuck" in home and "Reply" in home


def test_stuck_first_shows_recent_successes(pair, ada, as_):
    for n in range(4):
        done = make.commitment(pair, text=f"Win {n}")
        done.complete(ada, 1)
        type(done).objects.filter(pk=done.pk).update(settled_at=timezone.now() + timedelta(minutes=n))
    page = as_(ada).get(f"/pairs/{pair.pk}/check-in/?answer=stuck").content.decode()
    assert [f"Win {n}" in page for n in range(4)] == [False, True, True, True]
    assert "Win 3" not in as_(ada).get(f"/pairs/{pair.pk}/check-in/?answer=on_track").content.decode()


def test_a_check_in_replaces_one_of_the_last_two_days(pair, sam, ada):
    with time_machine.travel(datetime(2026, 12, 8, 9, tzinfo=UTC), tick=False) as clock:
        CheckIn.record(pair, ada, "stuck")
        CheckIn.record(pair, ada, "on_track")
        assert [check_in.answer for check_in in pair.check_ins.all()] == ["on_track"]
        clock.shift(timedelta(hours=1))
        make.past_session(pair, days=0).answer(sam, met=True)
        clock.shift(timedelta(hours=1))
        CheckIn.record(pair, ada, "help")
        clock.shift(timedelta(days=3))
        CheckIn.record(pair, ada, "stuck")
        assert [check_in.answer for check_in in pair.check_ins.all()] == ["stuck", "help", "on_track"]


def test_a_check_in_is_open_until_the_pair_meets_or_is_on_track(pair, sam, ada):
    def is_open() -> bool:
        listed = list(pair.check_ins.asking_for_help().current())
        assert listed == [one for one in [CheckIn.open_of(pair)] if one]  # one row and lists follow the same rule
        return bool(listed)

    with time_machine.travel(datetime(2026, 12, 8, 9, tzinfo=UTC), tick=False) as clock:
        assert not is_open()
        CheckIn.record(pair, ada, "stuck")
        assert is_open()
        clock.shift(timedelta(days=3))
        CheckIn.record(pair, ada, "on_track")
        assert not is_open()
        clock.shift(timedelta(days=3))
        CheckIn.record(pair, ada, "help")
        assert is_open()
        clock.shift(timedelta(days=2))
        for person in (sam, ada):
            make.past_session(pair, days=0).answer(person, met=True)
        assert not is_open()


def test_an_invalid_answer_is_refused_and_the_note_kept(pair, ada, as_):
    answer = as_(ada).post(f"/pairs/{pair.pk}/check-in/", {"answer": "great", "note": "Kept words"})
    assert answer.status_code == 422
    assert "Kept words" in answer.content.decode()
    assert not pair.check_ins.exists()


def test_home_asks_for_a_check_in_once_due_and_turned_on(pair, ada, as_):
    pair = type(pair).objects.get(pk=pair.pk)
    assert "Check-in: how is it going?" not in as_(ada).get("/").content.decode()
    as_(ada).post(f"/pairs/{pair.pk}/check-ins/", {"on": "1"})
    assert "Check-in: how is it going?" in as_(ada).get("/").content.decode()
    CheckIn.record(pair, ada, "on_track")
    assert "Check-in: how is it going?" not in as_(ada).get("/").content.decode()


def test_a_check_in_does_not_count_as_a_session(pair, ada, as_):
    before = as_(ada).get(f"/pairs/{pair.pk}/").context["rhythm"]
    CheckIn.record(pair, ada, "on_track")
    assert as_(ada).get(f"/pairs/{pair.pk}/").context["rhythm"] == before


# --- Questions answered before the session ------------------------------------------------------------------


@pytest.fixture
def question(pair, ada):
    make.session(pair)
    return AgendaItem.add(pair, ada, "Who decides on the budget?")


def test_the_mentor_answers_and_the_mentee_marks_it_answered(question, sam, ada, as_):
    as_(sam).post(f"/agenda-items/{question.pk}/reply/", {"version": 1, "reply": "Lin, in the Monday round"})
    question.refresh_from_db()
    assert question.state == "open", "the person who asked decides when it is answered"
    session = question.pair.sessions.get()
    page = as_(ada).get(f"/sessions/{session.pk}/prepare/").content.decode()
    assert "Sam answered:" in page
    assert "Lin, in the Monday round" in page
    as_(ada).post(f"/agenda-items/{question.pk}/mark-answered/")
    question.refresh_from_db()
    assert question.state == "discussed"
    as_(ada).post(f"/agenda-items/{question.pk}/reopen/")
    question.refresh_from_db()
    assert (question.state, question.reply) == ("open", "Lin, in the Monday round")


def test_a_changed_question_is_shown_and_the_reply_kept(question, sam, ada, as_):
    question.edit(1, title="Who pays for it?")
    answer = as_(sam).post(f"/agenda-items/{question.pk}/reply/", {"version": 1, "reply": "Lin does"})
    assert answer.status_code == 409
    assert "Who pays for it?" in answer.content.decode()
    assert "Lin does" in answer.content.decode()
    question.refresh_from_db()
    assert question.reply == ""


def test_a_too_long_reply_is_reported_and_kept(question, sam, as_):
    answer = as_(sam).post(f"/agenda-items/{question.pk}/reply/", {"version": 1, "reply": "x" * 501})
    assert answer.status_code == 422
    assert "x" * 501 in answer.content.decode()


# --- Talking to the program admin ---------------------------------------------------------------------------


def test_only_admins_see_a_talk_request_and_can_handle_it(pair, sam, ada, as_):
    admin = make.admin(pair.program)
    page = as_(ada).get(f"/programs/{pair.program_id}/talk-request/").content.decode()
    assert str(admin) in page
    for _press in range(2):
        as_(ada).post(f"/programs/{pair.program_id}/talk-request/")
    wish = TalkRequest.objects.get()
    assert str(ada) in as_(admin).get(f"/programs/{pair.program_id}/").content.decode().split('id="people-head"')[0]
    assert "1 person wants to talk to you" in as_(admin).get(f"/programs/{pair.program_id}/overview/").content.decode()
    as_(admin).post(f"/talk-requests/{wish.pk}/handle/")
    wish.refresh_from_db()
    assert wish.handled_by == admin
    assert "Priya was in touch" in as_(ada).get(f"/programs/{pair.program_id}/talk-request/").content.decode()


def test_an_admin_who_is_the_partner_does_not_see_the_request(pair, sam, ada, as_):
    make.enrollment(pair.program, sam, "admin")
    assert talk_request_recipients(ada, pair.program) == []
    answer = as_(ada).post(f"/programs/{pair.program_id}/talk-request/")
    assert "nobody else would see your request" in answer.content.decode()
    assert not TalkRequest.objects.exists()
    other = make.admin(pair.program)
    assert talk_request_recipients(ada, pair.program) == [other]
    wish = TalkRequest.ask(ada, pair.program)
    assert "Want to talk" not in as_(sam).get(f"/programs/{pair.program_id}/").content.decode()
    assert as_(sam).post(f"/talk-requests/{wish.pk}/handle/").status_code == 404
    assert "Want to talk" in as_(other).get(f"/programs/{pair.program_id}/").content.decode()
