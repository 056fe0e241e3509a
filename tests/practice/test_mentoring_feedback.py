"""Feedback on the mentoring: asked after every third session, a draft until shared, answered with a commitment."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from dashboard.home import read_home, read_pairs
from goals.models import Commitment
from mentoring.models import Pair
from practice.mentoring_feedback import asked_in
from practice.models import Entry, MentoringFeedback
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Reminder
from sessions.models import Session
from tests import make

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


def hold(pair, *days_ago: int, **fields) -> None:
    for days in days_ago:
        session = make.past_session(pair, days=days, **fields)
        at = session.ends_at
        Session.objects.filter(pk=session.pk).update(closed_at=at, held_at=at)


def is_asked(pair) -> bool:
    return pair.pk in asked_in([pair.pk])


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def give(client, pair, **texts) -> Entry:
    """Start the answer, write it, and share it."""
    client.post(url("mentoring_feedback_create", pair.pk))
    entry = Entry.objects.filter(kind="mentoring").latest("pk")
    client.post(url("entry_edit", entry.pk), texts or {"try": "Ask first"})
    client.post(url("entry_share", entry.pk, pair.pk), {"on": "1"})
    return entry


def reply(client, pair, entry, text="Ask what Ada tried before I advise"):
    return client.post(url("mentoring_answer", pair.pk), {"entry": entry.pk, "text": text})


class TestWhenItIsAsked:
    def test_after_the_third_and_the_sixth_session(self, pair):
        found = []
        for days in (40, 30, 20, 13, 9, 5, 1):
            hold(pair, days)
            found.append(is_asked(pair))
        assert found == [False, False, False, False, False, True, False], "the third one was too long ago"

    def test_check_ins_and_sessions_that_were_not_held_do_not_count(self, pair):
        hold(pair, 9, 5)
        hold(pair, 3, kind=Session.Kind.CHECK_IN)
        make.past_session(pair, days=2)
        assert not is_asked(pair)
        hold(pair, 1)
        assert is_asked(pair)

    def test_for_fourteen_days_and_never_after_the_end(self, pair, clock):
        hold(pair, 9, 5, 1)
        clock.move_to(TUESDAY + timedelta(days=12))
        assert is_asked(pair)
        pair.end()
        assert not is_asked(pair)
        Pair.objects.update(ended_at=None)
        clock.move_to(TUESDAY + timedelta(days=14))
        assert not is_asked(pair)

    def test_the_home_page_of_the_mentee_asks_until_it_is_shared(self, as_, pair, ada, sam):
        hold(pair, 9, 5, 1)
        link = url("mentoring_feedback_create", pair.pk)
        assert link in as_(ada).get("/").content.decode()
        assert link not in as_(sam).get("/").content.decode()
        as_(ada).post(link)
        assert link in as_(ada).get("/").content.decode(), "a draft is not an answer"
        give(as_(ada), pair)
        assert link not in as_(ada).get("/").content.decode()

    def test_it_can_be_skipped_until_three_more_sessions(self, as_, pair, ada):
        hold(pair, 19, 15, 11)
        as_(ada).post(url("mentoring_feedback_skip", pair.pk))
        as_(ada).post(url("mentoring_feedback_skip", pair.pk))
        assert not is_asked(pair) and MentoringFeedback.objects.count() == 1
        hold(pair, 8, 5, 1)
        assert is_asked(pair)

    def test_a_pause_asks_nothing(self, pair, ada):
        hold(pair, 9, 5, 1)
        pair.pauses.create(from_on=ada.today(), resume_on=ada.today() + timedelta(days=9), created_by=ada)
        assert read_home(ada, read_pairs(ada), {}).asked_for_feedback == []

    def test_before_the_third_session_nothing_can_be_started(self, as_, pair, ada):
        page = as_(ada).get(url("mentoring_feedback_create", pair.pk)).content.decode()
        assert "after your third session" in page
        as_(ada).post(url("mentoring_feedback_create", pair.pk))
        assert not Entry.objects.exists()


class TestAnswering:
    def test_two_devices_start_one_answer(self, as_, pair, ada):
        hold(pair, 9, 5, 1)
        for _device in range(2):
            as_(ada).post(url("mentoring_feedback_create", pair.pk))
        assert Entry.objects.count() == MentoringFeedback.objects.count() == 1

    def test_a_draft_that_stayed_empty_is_used_for_the_next_round(self, as_, pair, ada):
        hold(pair, 19, 15, 11)
        as_(ada).post(url("mentoring_feedback_create", pair.pk))
        hold(pair, 8, 5, 1)
        as_(ada).post(url("mentoring_feedback_create", pair.pk))
        assert MentoringFeedback.objects.get(entry=Entry.objects.get()).after_sessions == 6

    def test_it_has_three_questions_and_starts_nowhere_else(self, as_, pair, ada):
        hold(pair, 9, 5, 1)
        entry = give(as_(ada), pair)
        assert entry.texts.count() == 3
        assert as_(ada).post(url("entry_create", "mentoring")).status_code == 404

    def test_the_mentor_reads_it_only_while_it_is_shared(self, as_, pair, ada, sam):
        hold(pair, 9, 5, 1)
        as_(ada).post(url("mentoring_feedback_create", pair.pk))
        entry = Entry.objects.get()
        as_(ada).post(url("entry_edit", entry.pk), {"try": "Ask first"})
        assert as_(sam).get(entry.get_absolute_url()).status_code == 404
        as_(ada).post(url("entry_share", entry.pk, pair.pk), {"on": "1"})
        assert "Ask first" in as_(sam).get(entry.get_absolute_url()).content.decode()
        as_(ada).post(url("entry_share", entry.pk, pair.pk), {"on": "0"})
        assert as_(sam).get(entry.get_absolute_url()).status_code == 404


class TestWhatComesOfIt:
    @pytest.fixture
    def entry(self, as_, pair, ada):
        hold(pair, 9, 5, 1)
        return give(as_(ada), pair)

    def test_one_button_makes_it_a_commitment_of_the_mentor(self, as_, pair, ada, sam, entry):
        for _click in range(2):
            assert reply(as_(sam), pair, entry).status_code == 302
        commitment = Commitment.objects.get()
        assert (commitment.owner, commitment.text) == (sam, "Ask what Ada tried before I advise")
        entry.refresh_from_db()
        assert entry.commitment == commitment
        for person in (ada, sam):
            assert commitment.text in as_(person).get(entry.get_absolute_url()).content.decode()

    def test_another_answer_does_not_replace_the_first_and_is_kept(self, as_, pair, sam, entry):
        reply(as_(sam), pair, entry)
        answer = reply(as_(sam), pair, entry, "Listen for a minute")
        page = answer.content.decode()
        assert answer.status_code == 409 and "Listen for a minute" in page and "Ask what Ada tried" in page
        assert Commitment.objects.count() == 1

    def test_the_text_survives_that_the_feedback_is_no_longer_shared(self, as_, pair, ada, sam, entry):
        as_(ada).post(url("entry_share", entry.pk, pair.pk), {"on": "0"})
        answer = reply(as_(sam), pair, entry, "Listen for a minute")
        assert answer.status_code == 409 and "Listen for a minute" in answer.content.decode()
        assert "Ask first" not in answer.content.decode() and not Commitment.objects.exists()
        as_(sam).post(url("commitment_create", pair.pk), {"line": "Listen for a minute"})
        assert Commitment.objects.get().owner == sam

    def test_the_answer_is_the_same_whether_there_is_a_draft(self, as_, pair, ada, sam, entry):
        as_(ada).post(url("entry_share", entry.pk, pair.pk), {"on": "0"})
        draft, nothing = (reply(as_(sam), pair, it, "Listen").content for it in (entry, Entry(pk=99)))
        assert [page.count(b"taken the feedback back") for page in (draft, nothing)] == [1, 1]

    @pytest.mark.parametrize("text", ["", "x" * 100_000])
    def test_an_empty_or_very_long_answer_is_refused_and_kept(self, as_, pair, sam, entry, text):
        answer = reply(as_(sam), pair, entry, text)
        assert answer.status_code == 422 and text in answer.content.decode()
        assert not Commitment.objects.exists()

    def test_the_next_feedback_shows_what_the_mentor_tried(self, as_, pair, ada, sam, entry, clock):
        reply(as_(sam), pair, entry)
        commitment = Commitment.objects.get()
        clock.move_to(TUESDAY + timedelta(days=9))
        hold(pair, 7, 4, 1)
        start = url("mentoring_feedback_create", pair.pk)
        assert commitment.text in as_(ada).get(start).content.decode()
        as_(ada).post(start)
        newest = Entry.objects.latest("pk")
        assert newest != entry
        page = as_(ada).get(url("entry_edit", newest.pk)).content.decode()
        assert commitment.text in page and "still open" in page
        commitment.complete(sam, commitment.version)
        assert "still open" not in as_(ada).get(url("entry_edit", newest.pk)).content.decode()

    def test_an_ended_pair_is_read_only(self, as_, pair, sam, entry):
        pair.end()
        assert '<form class="stack stack-2"' not in as_(sam).get(entry.get_absolute_url()).content.decode()
        assert reply(as_(sam), pair, entry).status_code == 404

    def test_admins_see_nothing_of_it(self, as_, pair, entry):
        admin = make.admin(pair.program)
        for name in ("program_overview", "program_figures", "program_detail"):
            page = as_(admin).get(url(name, pair.program_id)).content.decode()
            assert "Ask first" not in page and "eedback on the mentoring" not in page
        assert all(KINDS[name].confidential for name in ("mentoring_feedback", "feedback_to_mentor"))


class TestReminders:
    def test_the_mentee_gets_it_the_working_day_after(self, pair, ada):
        hold(pair, 29, 15, 1)
        intents = KINDS["mentoring_feedback"].intents_about([pair.pk]).values()
        assert [(it.recipient_id, f"{ada.local(it.due_at):%a %H:%M}") for it in intents] == [(ada.pk, "Tue 08:30")]

    def test_none_once_it_is_shared_or_skipped(self, as_, pair, ada):
        hold(pair, 29, 15, 1)
        kind = KINDS["mentoring_feedback"]
        give(as_(ada), pair)
        assert not kind.intents_about([pair.pk])
        hold(pair, 0.9, 0.6, 0.3)
        assert kind.intents_about([pair.pk])
        as_(ada).post(url("mentoring_feedback_skip", pair.pk))
        assert not kind.intents_about([pair.pk])

    def test_the_mentor_is_notified_until_they_answer(self, as_, pair, ada, sam):
        hold(pair, 9, 5, 1)
        entry = give(as_(ada), pair)
        share, kind = entry.shares.get(), KINDS["feedback_to_mentor"]
        assert [it.recipient_id for it in kind.intents_about([share.pk]).values()] == [sam.pk]
        reply(as_(sam), pair, entry)
        assert not kind.intents_about([share.pk])

    def test_emails_and_the_ledger_quote_nothing(self, as_, pair, ada, clock, settings):
        settings.EMAIL_URL = "smtp://localhost"
        hold(pair, 9, 5, 1)
        give(as_(ada), pair, helps="Canary silence", **{"try": "Canary questions"})
        for hours in (7.2, 23.7):
            clock.move_to(TUESDAY + timedelta(hours=hours))
            planner.plan()
            sender.send_due()
        sent = str([(message.subject, message.body) for message in mail.outbox])
        assert "shared feedback on the mentoring" in sent and "Canary" not in sent
        assert "Canary" not in str(list(Reminder.objects.values()))


def test_deleting_the_content_of_a_pair_deletes_it(as_, pair, ada):
    from records.retention import content_models

    assert MentoringFeedback in [model for model, _link in content_models()]
    hold(pair, 9, 5, 1)
    entry = give(as_(ada), pair)
    as_(ada).post(url("entry_delete", entry.pk))
    assert not Entry.objects.exists()
