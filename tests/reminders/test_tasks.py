"""Tests that a second run of a task, in a row or at once, changes nothing. A new task needs a case here."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail, serializers
from django.core.management import call_command
from django.db import connections
from django.db.models import F
from django.utils import timezone

from accounts.models import ProvisionedGroup, User
from api.models import WebhookDelivery
from config.celery import app
from dashboard.models import Digest, Flag, Snapshot
from mentoring.models import Enrollment, GroupRole, ImportRun, MatchRequest, Pair, Preference, Proposal, StartRun
from reminders import planner, sender
from reminders.models import Delivery, PlannedPair, Reminder
from sessions.models import BusyCalendar
from tests import make


def due_reminders():
    """Two recaps and an invitation are due."""
    pair = make.pair()
    session = make.closed_session(pair)
    before = timezone.now() - timedelta(minutes=2)
    type(session).objects.filter(pk=session.pk).update(closed_at=before)
    make.enrollment(pair.program, make.user("Noor"), "mentee", accepted_at=None, invited_at=before)


def queued_pair():
    """The two recaps are not planned yet."""
    pair = make.closed_session(make.pair()).pair
    planner.queue([pair.pk], timezone.now())


def packed_reminders():
    """The same three emails are waiting to be sent."""
    due_reminders()
    planner.plan()
    sender.pack()


def import_file():
    """Two recaps and an invitation are due, and a file with a new person is imported."""
    due_reminders()
    run = make.import_run(make.program("Elsewhere"), "email,role\nnia@example.org,mentee")
    run.begin(skip_errors=False)


def late_match_request():
    """A mentor did not answer a match request in time, and the mentee has a second choice."""
    due_reminders()
    program, mentee, first = make.program("Elsewhere"), make.user(), make.user()
    for person, role in ((mentee, "mentee"), (first, "mentor"), (make.user(), "mentor")):
        make.enrollment(program, person, role)
    Preference.choose(program, mentee, [first, make.user()])
    request = make.match_request(program, mentee, first)
    MatchRequest.objects.filter(pk=request.pk).update(answer_due_at=timezone.now() - timedelta(hours=1))


def chosen_proposals():
    """An admin chose two proposals to start."""
    due_reminders()
    program = make.program("Elsewhere")
    for mentor, mentee in (("Nia", "Omar"), ("Yan", "Zoe")):
        people = make.participant(program, "mentor", mentor), make.participant(program, "mentee", mentee)
        program.proposals.create(mentor=people[0], mentee=people[1], score=50)
    StartRun.begin(program, make.admin(program), list(program.proposals.values_list("pk", flat=True)))


def former_group_member():
    """Somebody left a group of the directory while they were in a pair, which has ended."""
    due_reminders()
    pair = make.pair(ended_at=timezone.now())
    GroupRole.objects.create(group=ProvisionedGroup.objects.create(), program=pair.program, role="mentee")
    Enrollment.objects.filter(user=pair.mentee).update(group_invited_at=F("invited_at"))


def inactive_pair():
    """A pair that has not met for weeks."""
    due_reminders()
    make.pair(started_on=timezone.localdate() - timedelta(days=60))


def program_with_admin():
    """A program with an admin."""
    due_reminders()
    make.admin(make.program("Elsewhere"))


def ended_pairs():
    """One pair is to be notified, and the content of the other is to be deleted."""
    due_reminders()
    for days, kept_until in ((310, None), (400, timezone.localdate() - timedelta(days=1))):
        pair = make.pair(make.program("Elsewhere"), make.user(), make.user())
        make.topic(pair)
        Pair.objects.filter(pk=pair.pk).update(ended_at=timezone.now() - timedelta(days=days), kept_until=kept_until)
        if kept_until:
            make.retention_notices(pair, kept_until)


def person_to_erase():
    """A person asked to be erased more than twelve hours ago."""
    due_reminders()
    User.objects.filter(pk=make.user("Nia Cole").pk).update(erase_at=timezone.now() - timedelta(minutes=1))


def expired_application():
    """An application was declined years ago."""
    due_reminders()
    decided_at = timezone.now() - timedelta(days=1000)
    make.application(make.program("Elsewhere"), decided_at=decided_at)


def webhook_to_send():
    """A message for the address of a program is due; the address is private, so sending fails without network."""
    due_reminders()
    hook = make.webhook(make.program("Elsewhere"), "https://127.0.0.1/in")
    values = {"key": "test-1", "event": "pair.ended", "data": {"pair": 1}, "happened_at": timezone.now()}
    WebhookDelivery.objects.create(endpoint=hook, **values)


def calendar_to_read():
    """The calendar of a person is due; its address is private, so reading it fails without network."""
    due_reminders()
    make.busy_calendar(make.user("Nia"), "https://127.0.0.1/a.ics")


def sent_email_of_somebody_with_a_chat():
    """An email with a reminder was sent a moment ago; the chat is at a private address, so nothing leaves."""
    due_reminders()
    pair = Pair.objects.first()
    make.chat_webhook(pair.mentee, "https://127.0.0.1/hook")
    make.sent_email(make.reminder(pair.mentee, make.commitment(pair)))


CASES = {
    "api.tasks.send_webhooks": webhook_to_send,
    "sessions.tasks.read_calendars": calendar_to_read,
    "reminders.tasks.send_chat_messages": sent_email_of_somebody_with_a_chat,
    "reminders.tasks.plan_and_send": due_reminders,
    "reminders.tasks.plan_waiting": queued_pair,
    "reminders.tasks.send_waiting": packed_reminders,
    "mentoring.tasks.import_people": import_file,
    "mentoring.tasks.start_pairs": chosen_proposals,
    "mentoring.tasks.end_roles_of_groups": former_group_member,
    "mentoring.tasks.ask_next_mentors": late_match_request,
    "dashboard.tasks.update_flags": inactive_pair,
    "dashboard.tasks.update_all_flags": inactive_pair,
    "dashboard.tasks.prepare_digests": program_with_admin,
    "reminders.tasks.delete_expired_data": ended_pairs,
    "dashboard.tasks.count_figures": inactive_pair,
    "operations.tasks.erase_people": person_to_erase,
    "operations.tasks.delete_expired_people": expired_application,
}
SENDS = dict.fromkeys(CASES, 0) | {"reminders.tasks.plan_and_send": 3, "reminders.tasks.send_waiting": 3}


def our_tasks() -> set[str]:
    return {name for name in app.tasks if not name.startswith("celery.")}


def stored_rows() -> tuple:
    ledger = [*Reminder.objects.order_by("key"), *Delivery.objects.order_by("pk"), *PlannedPair.objects.order_by("pk")]
    people = [*User.objects.order_by("pk"), *Enrollment.objects.order_by("pk"), *ImportRun.objects.order_by("pk")]
    people += [*Flag.objects.order_by("pk"), *Snapshot.objects.order_by("pk")]
    people += Digest.objects.order_by("pk").defer("updated_at")
    people += MatchRequest.objects.order_by("pk")
    people += Pair.objects.order_by("pk")
    people += [*WebhookDelivery.objects.order_by("pk"), *BusyCalendar.objects.order_by("pk")]
    people += [*Proposal.objects.order_by("pk"), *StartRun.objects.order_by("pk")]
    return serializers.serialize("json", [*ledger, *people]), len(mail.outbox)


@pytest.fixture(autouse=True)
def _mail_server(settings):
    app.loader.import_default_modules()
    settings.EMAIL_URL = "smtp://localhost"


def test_every_task_has_a_case():
    assert our_tasks() == set(CASES)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(CASES))
def test_a_second_run_changes_nothing(name):
    CASES[name]()
    with time_machine.travel(timezone.now(), tick=False):
        app.tasks[name]()
        once = stored_rows()
        app.tasks[name]()
    assert stored_rows() == once
    assert once[1] == SENDS[name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(CASES))
def test_two_simultaneous_runs_act_once(name):
    CASES[name]()
    sent = Delivery.objects.filter(state=Delivery.State.SENT)
    before = sent.count()
    start, errors = threading.Barrier(2), []

    def run():
        start.wait()
        try:
            app.tasks[name]()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    app.tasks[name]()
    assert not errors
    assert len(mail.outbox) == SENDS[name]
    assert sent.count() == before + SENDS[name]


@pytest.mark.django_db
def test_an_operator_can_send_what_is_due_by_hand(capsys):
    due_reminders()
    call_command("send_due")
    assert capsys.readouterr().out == "3 sent\n"
    call_command("send_due")
    assert capsys.readouterr().out == "0 sent\n"
