"""Tests what is asked after a work event or a hard conversation: by email, in the inbox and on the home page."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from mentoring.models import Pair
from practice.models import Entry
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Reminder
from tests import make

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)  # 14:30 for Ada in Kolkata
NEXT_MORNING = datetime(2026, 12, 3, 3, 1, tzinfo=UTC)  # 08:31 for Ada on Thursday


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def event(pair):
    return make.work_event(pair, happens_on=date(2026, 12, 2))


def due(kind: str, row) -> list[str]:
    """Return the local times at which Ada, the only recipient, is due a reminder."""
    ada, intents = Pair.objects.get().mentee, KINDS[kind].intents_about([row.pk]).values()
    assert {intent.recipient_id for intent in intents} <= {ada.pk}
    return [f"{ada.local(intent.due_at):%a, %b %d, %H:%M}" for intent in intents]


def emails() -> dict[str, str]:
    mail.outbox.clear()
    planner.plan()
    sender.send_due()
    return {one.to[0]: one.body for one in mail.outbox}


class TestFeedbackAfterAWorkEvent:
    def test_the_mentee_is_asked_the_next_working_day(self, event, ada):
        assert due("event_feedback", event) == ["Thu, Dec 03, 08:30"]
        type(event).objects.filter(pk=event.pk).update(happens_on=date(2026, 12, 4))
        assert due("event_feedback", event) == ["Mon, Dec 07, 08:30"]

    def test_the_email_leads_to_the_form_with_the_event(self, as_, clock, pair, ada, event, settings):
        settings.EMAIL_URL = "smtp://localhost"
        clock.move_to(NEXT_MORNING)
        page = f"{reverse('feedback_start', args=[pair.pk])}?work_event={event.pk}"
        found = emails()
        assert list(found) == [ada.email] and page in found[ada.email] and event.title in found[ada.email]
        assert f'<option value="{event.pk}" selected>' in as_(ada).get(page).content.decode()

    def test_feedback_of_either_ends_it_but_a_draft_does_not(self, pair, sam, event):
        given = make.feedback(pair, created_by=sam, work_event=event, keep="The pause", shared_at=None)
        assert due("event_feedback", event)
        given.share()
        assert not due("event_feedback", event)

    def test_a_debrief_for_herself_ends_it_but_not_one_of_the_mentor(self, pair, ada, sam, event):
        for author, still_asked in ((sam, True), (ada, False)):
            entry = make.entry(author, pair, kind="success", project="The board agreed")
            Entry.objects.filter(pk=entry.pk).update(work_event=event)
            assert bool(due("event_feedback", event)) == still_asked

    def test_a_pair_can_turn_it_off(self, as_, sam, pair, event):
        client, url = as_(sam), reverse("event_feedback_switch", args=[pair.pk])
        page = reverse("pair_detail", args=[pair.pk])
        assert "Turn off reminders of feedback after work events" in client.get(page).content.decode()
        client.post(url, {"on": "0"})
        assert not due("event_feedback", event)
        assert "Turn on reminders of feedback after work events" in client.get(page).content.decode()
        client.post(url, {"on": "1"})
        assert due("event_feedback", event)

    def test_a_canceled_event_or_an_ended_pair_asks_nothing(self, ada, pair, event):
        event.drop(ada)
        assert not due("event_feedback", event)
        event.reopen(ada)
        pair.end()
        assert not due("event_feedback", event)

    def test_it_comes_up_although_the_event_was_added_long_ago(self, clock, pair, ada, settings):
        settings.EMAIL_URL = "smtp://localhost"
        event = make.work_event(pair, happens_on=date(2026, 12, 16))
        planner.plan()
        assert not Reminder.objects.filter(kind="event_feedback").exists()
        for day in range(1, 16):
            clock.move_to(datetime(2026, 12, 1 + day, 3, 1, tzinfo=UTC))
            assert event.title not in "".join(emails().values())
        clock.move_to(datetime(2026, 12, 17, 3, 1, tzinfo=UTC))
        assert event.title in emails()[ada.email]

    def test_the_home_page_asks_both(self, as_, clock, sam, ada, pair, event):
        link = f"{reverse('feedback_start', args=[pair.pk])}?work_event={event.pk}"
        for person in (sam, ada):
            assert link not in as_(person).get("/").content.decode()
        clock.move_to(NEXT_MORNING)
        for person in (sam, ada):
            assert link in as_(person).get("/").content.decode()


class TestLookingBack:
    @pytest.fixture
    def conversation(self, pair, ada, event):
        """A conversation that names its work event, but not its own date."""
        entry = make.entry(ada, pair, kind="conversation", topic="Asking Lin for the lead")
        Entry.objects.filter(pk=entry.pk).update(work_event=event)
        return entry

    def test_the_date_of_its_work_event_is_enough(self, conversation, event):
        assert due("debrief", conversation) == ["Thu, Dec 03, 08:30"]
        assert not due("event_feedback", event), "one question about one event"

    def test_its_own_date_comes_first(self, conversation):
        Entry.objects.filter(pk=conversation.pk).update(happens_on=date(2026, 12, 7))
        assert due("debrief", conversation) == ["Tue, Dec 08, 08:30"]

    def test_a_moved_or_canceled_event_moves_or_ends_the_question(self, clock, conversation, ada, event):
        planner.plan()
        clock.shift(timedelta(hours=1))
        event.change(event.version, ada, happens_on=date(2026, 12, 3))
        planner.plan()
        planned = Reminder.objects.filter(kind="debrief", state=Reminder.State.PLANNED)
        assert [f"{ada.local(row.due_at):%a, %b %d, %H:%M}" for row in planned] == ["Fri, Dec 04, 08:30"]
        event.drop(ada)
        assert not due("debrief", conversation)

    def test_the_home_page_asks_its_author_until_it_is_written(self, as_, clock, ada, sam, conversation):
        link = reverse("debrief_create", args=[conversation.pk])
        make.entry(sam, None)
        type(ada).objects.update(practice_since=TUESDAY)
        assert link not in as_(ada).get("/").content.decode()
        clock.move_to(NEXT_MORNING)
        assert link in as_(ada).get("/").content.decode()
        assert "Asking Lin" not in as_(sam).get("/").content.decode()
        as_(ada).post(as_(ada).post(link).url, {"lesson": "Ask early"})
        assert link not in as_(ada).get("/").content.decode()

    def test_after_two_weeks_the_home_page_asks_no_more(self, as_, clock, ada, conversation):
        type(ada).objects.update(practice_since=TUESDAY)
        clock.move_to(TUESDAY + timedelta(days=16))
        assert reverse("debrief_create", args=[conversation.pk]) not in as_(ada).get("/").content.decode()

    @pytest.mark.parametrize("day", [date.max, date.max - timedelta(days=1), date(9999, 12, 25), date(2126, 12, 2)])
    def test_a_date_at_the_end_of_the_calendar_is_no_error(self, clock, caplog, ada, conversation, event, day):
        Entry.objects.filter(pk=conversation.pk).update(happens_on=day, touched_at=TUESDAY)
        type(event).objects.update(happens_on=day)
        for _pass in range(2):
            clock.shift(timedelta(minutes=1))
            conversation.pair.touch()
            planner.plan()
        for kind, row in (("debrief", conversation), ("event_feedback", event)):
            assert len(due(kind, row)) <= 1
        assert not caplog.records and not Reminder.objects.filter(kind="debrief").exists()

    def test_a_date_that_comes_into_reach_is_planned(self, clock, conversation):
        Entry.objects.filter(pk=conversation.pk).update(happens_on=date(2026, 12, 21))
        planner.plan()
        assert not Reminder.objects.filter(kind="debrief").exists()
        for day in range(19, 22):
            clock.move_to(datetime(2026, 12, day, 9, tzinfo=UTC))
            planner.plan()
        assert Reminder.objects.filter(kind="debrief").count() == 1
