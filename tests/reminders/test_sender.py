"""Tests the sender: no email is lost or late, and at most one extra copy is sent."""

import contextlib
import logging
import smtplib
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import get_connection
from django.db import connection as db_connection
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Installation, OutboxMail
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Delivery, Reminder
from sessions import closing
from tests import make

pytestmark = pytest.mark.usefixtures("only_always_sent")

State = Delivery.State


@pytest.fixture
def clock(db):
    with time_machine.travel(timezone.now(), tick=True) as clock:
        yield clock


@pytest.fixture
def due(pair, clock):
    """Two due recaps."""
    session = make.closed_session(pair)
    planner.plan()
    clock.shift(timedelta(seconds=61))
    return session


@pytest.fixture
def one_due(due):
    """One due recap, to Ada."""
    Reminder.objects.exclude(recipient=due.pair.mentee).delete()
    return Reminder.objects.get()


def states() -> Counter:
    return Counter(Delivery.objects.values_list("state", flat=True))


# --- Normal sending ------------------------------------------------------------------------------------------


def test_a_due_reminder_is_sent_once(due, sink):
    assert sender.send_due() == 2
    assert sender.send_due() == 0
    assert len(sink.received) == 2
    assert states() == {State.SENT: 2}
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.SENT}


def test_nothing_is_sent_before_it_is_due(pair, sink):
    make.closed_session(pair)
    planner.plan()
    assert sender.send_due() == 0
    assert sink.received == []


def test_a_reminder_no_longer_true_is_not_sent(due, sink, sam):
    type(due).objects.filter(pk=due.pk).update(closed_at=None)
    assert sender.send_due() == 0
    assert states() == {State.CANCELED: 2}
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.CANCELED}


def test_outdated_reminders_expire(due, sink, clock):
    clock.shift(timedelta(days=8))
    assert sender.send_due() == 0
    assert sink.received == []
    assert set(Reminder.objects.values_list("state", flat=True)) == {Reminder.State.EXPIRED}


def test_without_a_mail_server_reminders_stay_pending(due, settings, clock):
    settings.EMAIL_URL, settings.DEBUG = "", False
    Installation.objects.update(demo=False)
    assert sender.send_due() == 0
    assert mail.outbox == []
    assert set(Reminder.objects.values_list("state", flat=True)) == {Reminder.State.PLANNED}
    settings.EMAIL_URL = "smtp://localhost"  # now set up; sent emails are in the test outbox
    assert sender.send_due() == 2


def test_a_demo_shows_emails_on_its_outbox_page(due, settings):
    settings.EMAIL_URL, settings.EMAIL_BACKEND = "", "accounts.outbox.EmailBackend"
    Installation.objects.update_or_create(pk=1, defaults={"demo": True})
    assert sender.send_due() == 2
    assert OutboxMail.objects.count() == 2


# --- Refusals -------------------------------------------------------------------------------------------------


def test_a_busy_server_is_retried_with_growing_delays(one_due, sink, clock):
    sink.replies = ["451 try later"] * 5
    waited = []
    for _ in range(6):
        sender.send_due()
        delivery = Delivery.objects.get()
        if delivery.state == State.SENT:
            break
        waited.append(round((delivery.next_try_at - timezone.now()).total_seconds() / 60))
        clock.shift(delivery.next_try_at - timezone.now() + timedelta(seconds=1))
    assert waited == [1, 5, 15, 60, 60]
    assert len(sink.received) == 1


def test_an_unreachable_server_uses_up_no_attempts(due, sink, clock, settings, caplog):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for _ in range(4):
        assert sender.send_due() == 0
        clock.shift(timedelta(hours=1))
    assert states() == {State.WAITING: 2}
    assert "127.0.0.1" not in Delivery.objects.first().last_error
    settings.EMAIL_PORT = port
    assert sender.send_due() == 2
    assert len(sink.received) == 2


def test_a_permanent_refusal_is_parked_after_three_attempts(one_due, sink, clock):
    sink.replies = ["550 no such person"] * 9
    for _ in range(6):
        sender.send_due()
        clock.shift(timedelta(hours=2))
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.copies_sent) == (State.FAILED, 3, 0)
    assert sink.received == []
    assert Reminder.objects.get().state == Reminder.State.FAILED


def test_a_message_without_expiry_is_given_up_after_a_day(one_due, sink, clock):
    Reminder.objects.update(expires_at=None)
    sink.replies = ["451 try later"] * 99
    for _ in range(30):
        sender.send_due()
        clock.shift(timedelta(hours=1, minutes=1))
    assert states() == {State.FAILED: 1}


def test_a_broken_message_is_parked_alone(due, sink, clock, monkeypatch, caplog):
    """An error in one message does not stop the others or the loop."""
    sick, whole = Reminder.objects.order_by("pk")

    class Broken(type(KINDS["recap"])):
        def email(self, person, intent):
            if person == sick.recipient:
                raise ValueError("February 31")
            return super().email(person, intent)

    monkeypatch.setitem(KINDS, "recap", Broken())
    with caplog.at_level(logging.CRITICAL):
        for _ in range(5):
            sender.send_due()
            clock.shift(timedelta(hours=1))
    assert Delivery.objects.get(reminders=sick).state == State.FAILED
    assert Delivery.objects.get(reminders=sick).attempts == 3
    assert Delivery.objects.get(reminders=whole).state == State.SENT
    assert len(sink.received) == 1


def test_a_person_in_an_unknown_zone_still_gets_email(one_due, sink):
    type(one_due.recipient).objects.filter(pk=one_due.recipient_id).update(zone="Mars/X")
    assert sender.send_due() == 1


def test_reminders_of_an_unknown_kind_are_canceled(one_due, sink):
    Reminder.objects.update(kind="from_the_future")
    assert sender.send_due() == 0
    assert states() == {State.CANCELED: 1}


# --- Lost responses --------------------------------------------------------------------------------------------


def test_a_connection_lost_before_the_message_is_retried(one_due, sink, clock):
    sink.replies = ["drop before"] * 4
    for _ in range(5):
        sender.send_due()
        clock.shift(timedelta(hours=2))
    assert states() == {State.SENT: 1}
    assert len(sink.received) == 1
    assert Delivery.objects.get().copies_sent == 1


def test_one_lost_response_makes_one_copy_with_the_same_id(one_due, sink, clock):
    sink.replies = ["drop after"]
    for _ in range(4):
        sender.send_due()
        clock.shift(timedelta(hours=2))
    assert states() == {State.SENT: 1}
    assert list(sink.message_ids().values()) == [2]


def test_after_two_lost_responses_a_message_is_never_sent_again(one_due, sink, clock):
    sink.replies = ["drop after"] * 9
    for _ in range(6):
        sender.send_due()
        clock.shift(timedelta(hours=2))
    assert states() == {State.UNKNOWN: 1}
    assert Reminder.objects.get().state == Reminder.State.UNKNOWN
    assert list(sink.message_ids().values()) == [2]


def test_a_sent_message_is_settled_even_if_the_next_one_fails(due, sink, clock):
    sink.replies = ["250 OK", "drop before"]
    sender.send_due()
    assert states() == {State.SENT: 1, State.WAITING: 1}
    clock.shift(timedelta(hours=2))
    sender.send_due()
    assert sorted(sink.message_ids().values()) == [1, 1]


def test_one_lost_response_does_not_stop_the_others(due, sink, clock):
    sink.replies = ["drop after"]
    sender.send_due()
    clock.shift(timedelta(hours=2))
    sender.send_due()
    assert states() == {State.SENT: 2}
    assert sorted(sink.message_ids().values()) == [1, 2]


# --- Killed processes -------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As after kill -9: nothing more is stored."""


def die(*args, **kwargs):
    raise Killed


def run_until_killed():
    with contextlib.suppress(Killed):
        sender.send_due()


def test_killed_before_sending_it_is_sent_once_after_the_lease(one_due, sink, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sender, "recheck", die)
        run_until_killed()
    assert states() == {State.SENDING: 1}
    assert sender.send_due() == 0  # the lease has not expired
    clock.shift(sender.LEASE + timedelta(seconds=1))
    assert sender.send_due() == 1
    assert list(sink.message_ids().values()) == [1]


def test_killed_after_sending_makes_one_extra_copy(one_due, sink, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sender, "settle", die)
        run_until_killed()
    for _ in range(3):
        clock.shift(sender.LEASE + timedelta(seconds=1))
        sender.send_due()
    assert states() == {State.SENT: 1}
    assert list(sink.message_ids().values()) == [2]


def test_killed_twice_after_sending_makes_no_third_copy(one_due, sink, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sender, "settle", die)
        for _ in range(2):
            run_until_killed()
            clock.shift(sender.LEASE + timedelta(seconds=1))
    sender.send_due()
    assert states() == {State.UNKNOWN: 1}
    assert list(sink.message_ids().values()) == [2]


def test_a_sender_that_lost_its_claim_sends_nothing(one_due, sink, clock):
    sender.pack()
    [slow] = sender.claim()
    clock.shift(sender.LEASE + timedelta(seconds=1))
    [quick] = sender.claim()
    connection = get_connection()
    assert sender.send(connection, [slow]) == 0
    assert sink.received == []
    assert sender.send(connection, [quick]) == 1
    sender.close(connection)
    assert states() == {State.SENT: 1}
    assert len(sink.received) == 1


def test_an_expired_lease_sends_nothing_even_if_unclaimed(one_due, sink, clock):
    sender.pack()
    [slow] = sender.claim()
    clock.shift(sender.LEASE + timedelta(seconds=1))
    connection = get_connection()
    assert sender.send(connection, [slow]) == 0
    sender.close(connection)
    assert sink.received == []


def test_a_reminder_undone_after_its_claim_is_not_sent(one_due, sink, sam):
    """The last check is after the claim, so that an undo in time takes effect."""
    sender.pack()
    [claimed] = sender.claim()
    type(one_due.pair.sessions.get()).objects.update(closed_at=None)
    connection = get_connection()
    assert sender.send(connection, [claimed]) == 0
    sender.close(connection)
    assert sink.received == []
    assert states() == {State.CANCELED: 1}


def test_claims_left_at_the_end_of_a_tick_are_released(due, sink):
    assert sender.send_due(seconds=-1) == 0
    sender.pack()
    sender.release(sender.claim())
    assert {(d.state, d.attempts) for d in Delivery.objects.all()} == {(State.WAITING, 0)}
    assert sender.send_due() == 2


def test_a_claim_is_limited(pair, clock):
    for _ in range(6):
        make.closed_session(make.pair(pair.program))
    planner.plan()
    clock.shift(timedelta(seconds=61))
    sender.pack()
    assert [len(sender.claim(limit=10)) for _ in range(3)] == [10, 2, 0]


@pytest.fixture
def bundles(db, sink):
    """Two packed emails about a commitment that is due today."""
    program = make.program()
    with time_machine.travel(datetime(2026, 11, 25, 6, tzinfo=UTC)) as clock:
        on = date(2026, 12, 2)
        commitments = [make.commitment(make.pair(program), due_on=on).pk for _ in range(2)]
        clock.move_to(datetime(2026, 12, 2, 3, 1, tzinfo=UTC))  # 08:31 in Kolkata
        planner.save_intents(KINDS["commitment_due"].intents_about(commitments))
        sender.pack()
        yield clock


def reminder_states() -> Counter:
    return Counter(Reminder.objects.values_list("state", flat=True))


def test_a_process_killed_before_the_end_of_its_batch_loses_nothing(bundles, sink, monkeypatch):
    """The first email is settled but not its reminder; only the last one may arrive twice."""
    with monkeypatch.context() as patch:
        patch.setattr(sender.Batch, "finish", die)
        run_until_killed()
    assert states() == {State.SENT: 1, State.SENDING: 1}
    assert reminder_states() == {Reminder.State.PLANNED: 2}
    assert sender.send_due() == 0
    assert reminder_states() == {Reminder.State.PLANNED: 1, Reminder.State.SENT: 1}
    bundles.shift(sender.LEASE + timedelta(seconds=1))
    assert sender.send_due() == 1
    assert states() == {State.SENT: 2}
    assert reminder_states() == {Reminder.State.SENT: 2}
    assert sorted(sink.message_ids().values()) == [1, 2]


def test_a_reminder_canceled_while_its_batch_is_sent_counts_as_sent(bundles, sink, monkeypatch):
    finish = sender.Batch.finish

    def after_canceling(batch):
        Reminder.objects.update(state=Reminder.State.CANCELED)
        finish(batch)

    monkeypatch.setattr(sender.Batch, "finish", after_canceling)
    assert sender.send_due() == 2
    assert reminder_states() == {Reminder.State.SENT: 2}


def test_emails_of_a_lost_claim_leave_their_reminders_alone(bundles, sink, monkeypatch):
    finish = sender.Batch.finish

    def after_losing_it(batch):
        Delivery.objects.filter(pk=batch.last.pk).update(lease_token=None)
        finish(batch)

    monkeypatch.setattr(sender.Batch, "finish", after_losing_it)
    sender.send_due()
    assert states() == {State.SENT: 1, State.SENDING: 1}
    assert reminder_states() == {Reminder.State.PLANNED: 1, Reminder.State.SENT: 1}


def reads_of_a_batch(people: int) -> int:
    """Return how many queries read something while the reminders of a commitment are sent to so many people."""
    program = make.program()
    with time_machine.travel(datetime(2026, 11, 25, 6, tzinfo=UTC)) as clock:
        on = date(2026, 12, 2)
        commitments = [make.commitment(make.pair(program), due_on=on).pk for _ in range(people)]
        clock.move_to(datetime(2026, 12, 2, 3, 1, tzinfo=UTC))  # 08:31 in Kolkata
        planner.save_intents(KINDS["commitment_due"].intents_about(commitments))
        sender.pack()
        claimed, connection = sender.claim(), get_connection()
        with CaptureQueriesContext(db_connection) as queries:
            assert sender.send(connection, claimed) == people
        sender.close(connection)
    return sum(query["sql"].startswith("SELECT") for query in queries)


def test_what_a_batch_needs_is_read_once(db, sink):
    assert reads_of_a_batch(2) == reads_of_a_batch(7)


def test_several_dispatchers_at_once_send_each_message_once(transactional_db, sink):
    program = make.program()
    for _ in range(12):
        session = make.closed_session(make.pair(program))
        type(session).objects.filter(pk=session.pk).update(closed_at=timezone.now() - timedelta(seconds=61))
    planner.plan()
    start, errors = threading.Barrier(4), []

    def dispatching():
        start.wait()
        try:
            sender.send_due()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=dispatching) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    sender.send_due()
    assert states() == {State.SENT: 24}
    assert set(sink.message_ids().values()) == {1}
    assert len(sink.message_ids()) == 24


def test_stored_errors_contain_no_address():
    refused = smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"no ada@example.org here")})
    assert sender.describe(refused) == "SMTPRecipientsRefused [550]"
    assert "ada" not in sender.describe(smtplib.SMTPDataError(554, b"ada@example.org is spam"))


def test_no_recap_is_sent_for_a_session_reopened_in_time(due, sink, sam):
    """Both use the same minute: once a recap can be sent, the session can no longer be reopened."""
    assert not closing.reopen(due, sam)
    assert sender.send_due() == 2
