"""Every task may run twice, in a row or at once: the second run changes nothing (R9). A new task needs a case here."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail, serializers
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from accounts.models import User
from config.celery import app
from dashboard.models import Digest, Flag, Snapshot
from mentoring.models import Enrollment, ImportRun, MatchRequest, Pair, Preference, Proposal, StartRun
from reminders.models import Delivery, Reminder
from tests import make


def something_due():
    """Two recaps and an invitation, due."""
    pair = make.pair()
    session = make.closed_session(pair)
    before = timezone.now() - timedelta(minutes=2)
    type(session).objects.filter(pk=session.pk).update(closed_at=before)
    make.enrollment(pair.program, make.user("Noor"), "mentee", accepted_at=None, invited_at=before)


def a_file_of_people():
    """Two recaps and an invitation, due; and a file with somebody new."""
    something_due()
    run = make.import_run(make.program("Elsewhere"), "email,role\nnia@example.org,mentee")
    run.begin(skip_errors=False)


def a_late_answer():
    """A mentor who was asked did not answer in time, and there is a second choice."""
    something_due()
    program, mentee, first = make.program("Elsewhere"), make.user(), make.user()
    for person, role in ((mentee, "mentee"), (first, "mentor"), (make.user(), "mentor")):
        make.enrollment(program, person, role)
    Preference.choose(program, mentee, [first, make.user()])
    request = make.match_request(program, mentee, first)
    MatchRequest.objects.filter(pk=request.pk).update(answer_due_at=timezone.now() - timedelta(hours=1))


def chosen_proposals():
    """Two proposals that an admin chose to start."""
    something_due()
    program = make.program("Elsewhere")
    for mentor, mentee in (("Nia", "Omar"), ("Yan", "Zoe")):
        people = make.participant(program, "mentor", mentor), make.participant(program, "mentee", mentee)
        program.proposals.create(mentor=people[0], mentee=people[1], score=50)
    StartRun.begin(program, make.admin(program), list(program.proposals.values_list("pk", flat=True)))


def a_pair_that_never_met():
    """A pair that has not met for weeks."""
    something_due()
    make.pair(started_on=timezone.localdate() - timedelta(days=60))


def somebody_runs_it():
    """A program with an admin."""
    something_due()
    make.admin(make.program("Elsewhere"))


def two_pairs_that_ended():
    """One of which is to be told, and one whose content has been kept long enough."""
    something_due()
    for days, kept_until in ((310, None), (400, timezone.localdate() - timedelta(days=1))):
        pair = make.pair(make.program("Elsewhere"), make.user(), make.user())
        make.topic(pair)
        Pair.objects.filter(pk=pair.pk).update(ended_at=timezone.now() - timedelta(days=days), kept_until=kept_until)
        if kept_until:
            make.retention_notices(pair, kept_until)


CASES = {
    "reminders.tasks.plan_and_send": something_due,
    "mentoring.tasks.import_people": a_file_of_people,
    "mentoring.tasks.start_pairs": chosen_proposals,
    "mentoring.tasks.ask_next_mentors": a_late_answer,
    "dashboard.tasks.update_flags": a_pair_that_never_met,
    "dashboard.tasks.update_all_flags": a_pair_that_never_met,
    "dashboard.tasks.prepare_digests": somebody_runs_it,
    "reminders.tasks.delete_expired_data": two_pairs_that_ended,
    "dashboard.tasks.count_figures": a_pair_that_never_met,
}
SENDS = dict.fromkeys(CASES, 0) | {"reminders.tasks.plan_and_send": 3}


def our_tasks() -> set[str]:
    return {name for name in app.tasks if not name.startswith("celery.")}


def what_is_stored() -> tuple:
    ledger = [*Reminder.objects.order_by("key"), *Delivery.objects.order_by("pk")]
    people = [*User.objects.order_by("pk"), *Enrollment.objects.order_by("pk"), *ImportRun.objects.order_by("pk")]
    people += [*Flag.objects.order_by("pk"), *Snapshot.objects.order_by("pk")]
    people += Digest.objects.order_by("pk").defer("updated_at")
    people += MatchRequest.objects.order_by("pk")
    people += Pair.objects.order_by("pk")
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
        once = what_is_stored()
        app.tasks[name]()
    assert what_is_stored() == once
    assert once[1] == SENDS[name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(CASES))
def test_two_runs_at_once_do_it_once(name):
    CASES[name]()
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
    assert Delivery.objects.filter(state=Delivery.State.SENT).count() == SENDS[name]


@pytest.mark.django_db
def test_an_operator_can_send_what_is_due_by_hand(capsys):
    something_due()
    call_command("send_due")
    assert capsys.readouterr().out == "3 sent\n"
    call_command("send_due")
    assert capsys.readouterr().out == "0 sent\n"
