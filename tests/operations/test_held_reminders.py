"""After a restore, nothing that was due before it is sent until the operator decides."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from operations import doctor
from reminders import planner, restored, sender
from reminders.models import Delivery, Reminder
from tests import make

NOON = datetime(2026, 12, 4, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("only_always_sent")


@pytest.fixture
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def recipients(clock, minutes: int = 2) -> list[str]:
    """Run background work for some minutes, and return who got an email."""
    mail.outbox.clear()
    for _minute in range(minutes):
        clock.shift(timedelta(minutes=1))
        planner.plan()
        sender.send_due()
    return sorted(message.to[0] for message in mail.outbox)


def decide(*arguments: str, capsys=None) -> str:
    call_command("held_reminders", *arguments)
    return capsys.readouterr().out if capsys else ""


@pytest.fixture
def closed(clock, pair):
    """A session closed just now, whose recap is planned and due in a minute."""
    session = make.closed_session(pair)
    planner.plan()
    return session


@pytest.fixture
def both(sam, ada):
    return sorted([sam.email, ada.email])


def test_a_reminder_due_before_the_restore_is_not_sent_again(clock, closed):
    clock.shift(timedelta(hours=1))
    assert restored.hold_missed(timezone.now()) == 2
    assert recipients(clock, minutes=5) == []


def test_nor_is_one_that_waits_in_a_message(clock, closed, sam):
    clock.shift(timedelta(minutes=2))
    planner.plan()
    sender.pack()
    assert Delivery.objects.filter(state=Delivery.State.WAITING).count() == 2
    restored.hold_missed(timezone.now())
    assert recipients(clock, minutes=5) == []


def test_nor_is_one_that_the_backup_did_not_know_yet(clock, pair):
    make.closed_session(pair)
    clock.shift(timedelta(hours=1))
    assert restored.hold_missed(timezone.now()) == 0
    assert recipients(clock, minutes=5) == []
    assert Reminder.objects.filter(state=Reminder.State.HELD).count() == 2


def test_what_happens_after_the_restore_is_sent_as_usual(clock, pair, both):
    restored.hold_missed(timezone.now())
    clock.shift(timedelta(minutes=1))
    make.closed_session(pair)
    assert recipients(clock, minutes=3) == both


def test_the_operator_sends_what_is_held(clock, closed, both, capsys):
    clock.shift(timedelta(hours=1))
    restored.hold_missed(timezone.now())
    assert recipients(clock) == []
    assert "recap\t2" in decide(capsys=capsys)
    assert "2 reminders will be sent" in decide("--send", capsys=capsys)
    assert recipients(clock) == both
    assert recipients(clock) == []


def test_the_operator_drops_what_is_held_for_good(clock, closed):
    clock.shift(timedelta(hours=1))
    restored.hold_missed(timezone.now())
    assert recipients(clock) == []
    decide("--drop")
    Reminder.objects.all().delete()  # even if the planner finds it again
    assert recipients(clock, minutes=5) == []


def test_there_is_nothing_to_decide_without_a_restore_or_twice(clock, closed):
    with pytest.raises(CommandError, match="No reminders are held"):
        decide("--send")
    clock.shift(timedelta(hours=1))
    restored.hold_missed(timezone.now())
    with pytest.raises(CommandError, match="Start Throughline first"):
        decide("--send")
    recipients(clock)
    decide("--drop")
    with pytest.raises(CommandError, match="No reminders are held"):
        decide("--send")


def test_a_held_reminder_stays_in_the_inbox(clock, pair, ada, as_, monkeypatch):
    monkeypatch.undo()  # all kinds
    make.commitment(pair, owner=ada, due_on=NOON.date() - timedelta(days=1))
    planner.plan()
    page = as_(ada).get("/inbox/").content.decode()
    restored.hold_missed(timezone.now())
    assert as_(ada).get("/inbox/").content.decode().count("Send the draft") == page.count("Send the draft") > 0


def test_doctor_names_the_held_reminders_until_the_operator_decides(clock, closed):
    def findings():
        return [str(finding.level) for finding in doctor.held_reminders()]

    assert findings() == ["ok"]
    clock.shift(timedelta(hours=1))
    restored.hold_missed(timezone.now())
    recipients(clock)
    assert findings() == ["wrong"]
    decide("--drop")
    assert findings() == ["ok"]
