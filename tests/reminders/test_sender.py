"""From the ledger to a mail server: nothing lost, at most one extra copy, nothing late (R2, R3, R4, R8)."""

import contextlib
import logging
import smtplib
import threading
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import get_connection
from django.db import connections
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
    """Two recaps that have fallen due."""
    session = make.closed_session(pair)
    planner.plan()
    clock.shift(timedelta(seconds=61))
    return session


@pytest.fixture
def one_due(due):
    """One recap, Ada's."""
    Reminder.objects.exclude(recipient=due.pair.mentee).delete()
    return Reminder.objects.get()


def states() -> Counter:
    return Counter(Delivery.objects.values_list("state", flat=True))


# --- The straight way ----------------------------------------------------------------------------------------


def test_what_is_due_goes_out_once(due, sink):
    assert sender.send_due() == 2
    assert sender.send_due() == 0
    assert len(sink.received) == 2
    assert states() == {State.SENT: 2}
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.SENT}


def test_nothing_goes_out_before_it_is_due(pair, sink):
    make.closed_session(pair)
    planner.plan()
    assert sender.send_due() == 0
    assert sink.received == []


def test_what_became_untrue_is_not_sent(due, sink, sam):
    type(due).objects.filter(pk=due.pk).update(closed_at=None)
    assert sender.send_due() == 0
    assert states() == {State.CANCELED: 2}
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.CANCELED}


def test_what_nobody_needs_any_more_expires(due, sink, clock):
    clock.shift(timedelta(days=8))
    assert sender.send_due() == 0
    assert sink.received == []
    assert set(Reminder.objects.values_list("state", flat=True)) == {Reminder.State.EXPIRED}


def test_without_a_mail_server_everything_waits(due, settings, clock):
    settings.EMAIL_URL, settings.DEBUG = "", False
    Installation.objects.update(demo=False)
    assert sender.send_due() == 0
    assert mail.outbox == []
    assert set(Reminder.objects.values_list("state", flat=True)) == {Reminder.State.PLANNED}
    settings.EMAIL_URL = "smtp://localhost"  # set up at last; the tests' own outbox takes it
    assert sender.send_due() == 2


def test_in_a_demo_the_mail_page_shows_it(due, settings):
    settings.EMAIL_URL, settings.EMAIL_BACKEND = "", "accounts.outbox.EmailBackend"
    Installation.objects.update_or_create(pk=1, defaults={"demo": True})
    assert sender.send_due() == 2
    assert OutboxMail.objects.count() == 2


# --- The server says no ---------------------------------------------------------------------------------------


def test_a_busy_server_is_tried_again_up_the_ladder(one_due, sink, clock):
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


def test_a_server_that_is_down_costs_nothing(due, sink, clock, settings, caplog):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for _ in range(4):
        assert sender.send_due() == 0
        clock.shift(timedelta(hours=1))
    assert states() == {State.WAITING: 2}
    assert "127.0.0.1" not in Delivery.objects.first().last_error
    settings.EMAIL_PORT = port
    assert sender.send_due() == 2
    assert len(sink.received) == 2


def test_a_refusal_for_good_is_parked_after_three_tries(one_due, sink, clock):
    sink.replies = ["550 no such person"] * 9
    for _ in range(6):
        sender.send_due()
        clock.shift(timedelta(hours=2))
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.copies_sent) == (State.FAILED, 3, 0)
    assert sink.received == []
    assert Reminder.objects.get().state == Reminder.State.FAILED


def test_a_message_without_an_end_is_given_up_after_a_day(one_due, sink, clock):
    Reminder.objects.update(expires_at=None)
    sink.replies = ["451 try later"] * 99
    for _ in range(30):
        sender.send_due()
        clock.shift(timedelta(hours=1, minutes=1))
    assert states() == {State.FAILED: 1}


def test_a_poison_row_parks_alone(due, sink, clock, monkeypatch, caplog):
    """Whatever is wrong with one message, the others arrive and the loop goes on (R8)."""
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


def test_a_person_in_an_unknown_zone_still_gets_the_mail(one_due, sink):
    type(one_due.recipient).objects.filter(pk=one_due.recipient_id).update(zone="Mars/X")
    assert sender.send_due() == 1


def test_a_kind_that_this_version_does_not_know_is_left_alone(one_due, sink):
    Reminder.objects.update(kind="from_the_future")
    assert sender.send_due() == 0
    assert states() == {State.CANCELED: 1}


# --- The answer is lost ----------------------------------------------------------------------------------------


def test_a_connection_lost_before_the_text_left_is_simply_tried_again(one_due, sink, clock):
    sink.replies = ["drop before"] * 4
    for _ in range(5):
        sender.send_due()
        clock.shift(timedelta(hours=2))
    assert states() == {State.SENT: 1}
    assert len(sink.received) == 1
    assert Delivery.objects.get().copies_sent == 1


def test_an_answer_lost_once_is_one_more_copy_with_the_same_message_id(one_due, sink, clock):
    sink.replies = ["drop after"]
    for _ in range(4):
        sender.send_due()
        clock.shift(timedelta(hours=2))
    assert states() == {State.SENT: 1}
    assert list(sink.message_ids().values()) == [2]


def test_an_answer_lost_twice_is_unknown_and_never_sent_again(one_due, sink, clock):
    sink.replies = ["drop after"] * 9
    for _ in range(6):
        sender.send_due()
        clock.shift(timedelta(hours=2))
    assert states() == {State.UNKNOWN: 1}
    assert Reminder.objects.get().state == Reminder.State.UNKNOWN
    assert list(sink.message_ids().values()) == [2]


def test_one_lost_answer_does_not_stop_the_others(due, sink, clock):
    sink.replies = ["drop after"]
    sender.send_due()
    clock.shift(timedelta(hours=2))
    sender.send_due()
    assert states() == {State.SENT: 2}
    assert sorted(sink.message_ids().values()) == [1, 2]


# --- Processes that die -----------------------------------------------------------------------------------------


class Killed(BaseException):
    """As after kill -9: nothing more is written down."""


def die(*args, **kwargs):
    raise Killed


def run_until_killed():
    with contextlib.suppress(Killed):
        sender.send_due()


def test_killed_between_claim_and_send_it_goes_out_once_after_the_lease(one_due, sink, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sender, "recheck", die)
        run_until_killed()
    assert states() == {State.SENDING: 1}
    assert sender.send_due() == 0  # the lease still holds
    clock.shift(sender.LEASE + timedelta(seconds=1))
    assert sender.send_due() == 1
    assert list(sink.message_ids().values()) == [1]


def test_killed_between_send_and_completion_makes_one_extra_copy(one_due, sink, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sender, "settle", die)
        run_until_killed()
    for _ in range(3):
        clock.shift(sender.LEASE + timedelta(seconds=1))
        sender.send_due()
    assert states() == {State.SENT: 1}
    assert list(sink.message_ids().values()) == [2]


def test_killed_twice_after_sending_there_is_no_third_copy(one_due, sink, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sender, "settle", die)
        for _ in range(2):
            run_until_killed()
            clock.shift(sender.LEASE + timedelta(seconds=1))
    sender.send_due()
    assert states() == {State.UNKNOWN: 1}
    assert list(sink.message_ids().values()) == [2]


def test_who_lost_the_claim_sends_nothing_and_completes_nothing(one_due, sink, clock):
    sender.pack()
    [slow] = sender.claim()
    clock.shift(sender.LEASE + timedelta(seconds=1))
    [quick] = sender.claim()
    connection = get_connection()
    assert sender.send(connection, slow) == 0
    assert sink.received == []
    assert sender.send(connection, quick) == 1
    sender.close(connection)
    assert states() == {State.SENT: 1}
    assert len(sink.received) == 1


def test_a_lease_that_ran_out_sends_nothing_even_if_nobody_claimed_it(one_due, sink, clock):
    sender.pack()
    [slow] = sender.claim()
    clock.shift(sender.LEASE + timedelta(seconds=1))
    connection = get_connection()
    assert sender.send(connection, slow) == 0
    sender.close(connection)
    assert sink.received == []


def test_undone_while_it_was_claimed_is_not_sent(one_due, sink, sam):
    """The last look is after the claim, so that whoever undoes in time is heard (R22)."""
    sender.pack()
    [claimed] = sender.claim()
    type(one_due.pair.sessions.get()).objects.update(closed_at=None)
    connection = get_connection()
    assert sender.send(connection, claimed) == 0
    sender.close(connection)
    assert sink.received == []
    assert states() == {State.CANCELED: 1}


def test_what_has_no_time_left_in_this_tick_is_free_for_the_next(due, sink):
    assert sender.send_due(seconds=-1) == 0
    sender.pack()
    for delivery in sender.claim():
        sender.release(delivery)
    assert {(d.state, d.attempts) for d in Delivery.objects.all()} == {(State.WAITING, 0)}
    assert sender.send_due() == 2


def test_a_claim_takes_ten_at_most(pair, clock):
    for _ in range(6):
        make.closed_session(make.pair(pair.program))
    planner.plan()
    clock.shift(timedelta(seconds=61))
    sender.pack()
    assert [len(sender.claim()) for _ in range(3)] == [10, 2, 0]


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


def test_the_error_that_is_kept_names_no_address():
    refused = smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"no ada@example.org here")})
    assert sender.describe(refused) == "SMTPRecipientsRefused [550]"
    assert "ada" not in sender.describe(smtplib.SMTPDataError(554, b"ada@example.org is spam"))


def test_reopening_races_sending_and_nobody_gets_a_recap_of_an_open_session(due, sink, sam):
    """Both look at the same minute: once a recap may leave, the session may no longer be opened again."""
    assert not closing.reopen(due, sam)
    assert sender.send_due() == 2
