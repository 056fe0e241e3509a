"""What belongs to people is deleted after its period, and not before (docs/rules.md, retention)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from mentoring.models import Application, Enrollment, NeverPair, Pair, Preference, Profile, Program, TalkRequest
from operations import tasks
from operations.own_data import retention
from reminders import planner, sender
from reminders.models import Reminder
from tests import make
from tests.examples import IN_A_RELEASE

YEAR, MONTH = timedelta(days=366), timedelta(days=32)


@pytest.fixture
def now(settings):
    settings.RETENTION_MONTHS = 12
    return timezone.now()


def end_program(program: Program, on) -> None:
    Program.objects.filter(pk=program.pk).update(starts_on=on - timedelta(days=100), ends_on=on)


def warned(now) -> None:
    """Let the night pass in which people are warned, the email be sent, and the thirty days."""
    retention.delete_expired(now)
    for person in User.objects.exclude(kept_until=None):
        key = f"account_expires:{person.pk}:person:{person.pk}:{person.kept_until.isoformat()}"
        sent = {"kind": "account_expires", "subject": f"person:{person.pk}", "due_at": now, "state": "sent"}
        Reminder.objects.get_or_create(key=key, defaults=sent | {"recipient": person})
    retention.delete_expired(now + MONTH)


def old_person(name: str, now) -> User:
    """Create somebody with an account for more than a year, who has not signed in since."""
    return make.user(name, date_joined=now - 2 * YEAR, last_login=now - YEAR)


def test_applications_go_ninety_days_after_the_decision(db, now):
    program = make.program()
    for name, decided, created in (
        ("Declined long ago", 91, 200),
        ("Declined lately", 89, 200),
        ("Waiting for a year", None, 366),
        ("Waiting", None, 300),
    ):
        decided_at = now - timedelta(days=decided) if decided else None
        make.application(program, name, decided_at=decided_at, created_at=now - timedelta(days=created))
    retention.delete_expired(now)
    assert set(Application.objects.values_list("name", flat=True)) == {"Declined lately", "Waiting"}


def test_talk_requests_go_ninety_days_after_they_were_handled(pair, ada, sam, now):
    handled = {ada: now - timedelta(days=91), sam: now - timedelta(days=89)}
    for person, at in handled.items():
        TalkRequest.objects.create(program=pair.program, user=person, handled_at=at)
    TalkRequest.objects.create(program=pair.program, user=ada, created_at=now - timedelta(days=300))
    TalkRequest.objects.create(program=pair.program, user=sam, created_at=now - YEAR)
    retention.delete_expired(now)
    assert set(TalkRequest.objects.values_list("user", "handled_at")) == {(sam.pk, handled[sam]), (ada.pk, None)}


def test_facts_for_the_matching_go_a_year_after_the_person_left(db, now):
    program = make.program()
    left, lately, here = (make.participant(program, "mentor", name) for name in ("Left", "Lately", "Here"))
    mentee = make.participant(program, "mentee", "Mentee")
    Preference.choose(program, mentee, [left, here])
    for other in (left, here):
        NeverPair.objects.create(program=program, user=mentee, other=other)
    Enrollment.objects.filter(user=left).update(left_at=now - YEAR)
    Enrollment.objects.filter(user=lately).update(left_at=now - timedelta(days=300))
    retention.delete_expired(now)
    assert set(Profile.objects.values_list("user", flat=True)) == {lately.pk, here.pk, mentee.pk}
    assert [row.mentor for row in Preference.objects.all()] == [here]
    assert [row.other for row in NeverPair.objects.all()] == [here]
    end_program(program, (now - YEAR).date())
    retention.delete_expired(now)
    assert not Profile.objects.exists() and not NeverPair.objects.exists()


def test_an_unused_invitation_goes_after_a_year_with_its_person(db, now):
    program = make.program()
    never, invited, again = (make.user(name, date_joined=now - YEAR) for name in ("Never", "Invited", "Again"))
    for person, days in ((never, 366), (invited, 300), (again, 300)):
        at = now - timedelta(days=days)
        make.enrollment(program, person, "mentee", accepted_at=None, invited_at=at)
    retention.delete_expired(now)
    assert set(Enrollment.objects.values_list("user", flat=True)) == {invited.pk, again.pk}
    warned(now)
    assert User.objects.get(pk=never.pk).erased_at and User.objects.get(pk=never.pk).name == "Former member"
    assert User.objects.filter(erased_at=None, pk__in=(invited.pk, again.pk)).count() == 2


def test_somebody_invited_to_a_pair_stays(db, now):
    program = make.program()
    nia = make.user("Nia Cole", date_joined=now - 2 * YEAR)
    make.enrollment(program, nia, "mentee", accepted_at=None, invited_at=now - YEAR)
    pair = make.pair(program, mentee=nia)
    retention.delete_expired(now)
    assert Enrollment.objects.filter(user=nia).exists() and User.objects.get(pk=nia.pk).name == "Nia Cole"
    Pair.objects.filter(pk=pair.pk).update(ended_at=now - 2 * YEAR, content_deleted_at=now)
    warned(now)
    assert User.objects.get(pk=nia.pk).erased_at


def test_people_who_left_are_erased_a_year_after_everything_ended(db, now):
    ended, running = make.program("Ended"), make.program("Running")
    end_program(ended, (now - YEAR).date())
    gone, member, with_content, visitor = (old_person(name, now) for name in ("Gone", "Member", "Content", "Visitor"))
    admin, operator = old_person("Admin", now), old_person("Operator", now)
    User.objects.filter(pk=operator.pk).update(is_staff=True)
    User.objects.filter(pk=visitor.pk).update(seen_at=now - timedelta(days=20))
    for person in (gone, member, with_content, visitor):
        make.enrollment(ended, person, "mentee", accepted_at=now - 2 * YEAR)
    make.enrollment(running, member, "mentor")
    make.enrollment(ended, admin, "admin")
    pair = make.pair(ended, old_person("Mentor", now), with_content)
    Pair.objects.filter(pk=pair.pk).update(ended_at=now - YEAR)
    warned(now)
    assert list(User.objects.exclude(erased_at=None)) == [gone]
    retention.delete_expired(now + MONTH)
    assert AuditEvent.objects.filter(action="person erased").count() == 1
    Pair.objects.filter(pk=pair.pk).update(content_deleted_at=now)
    warned(now)
    assert set(User.objects.exclude(erased_at=None)) == {gone, with_content, pair.mentor}


def test_the_nightly_task_deletes_and_needs_few_queries(pair, now, django_assert_max_num_queries):
    make.application(pair.program, decided_at=now - YEAR)
    with django_assert_max_num_queries(30):
        tasks.delete_expired_people()
    assert not Application.objects.exists() and User.objects.exclude(erased_at=None).count() == 0


# --- The warning before an account is erased ------------------------------------------------------------------------


@pytest.fixture
def gone(db, settings):
    """Somebody whose account nobody has needed for a year."""
    settings.EMAIL_URL, settings.RETENTION_MONTHS = "smtp://localhost", 12
    make.installation()
    ended = make.program("Ended")
    end_program(ended, (timezone.now() - YEAR).date())
    person = old_person("Gone", timezone.now())
    make.enrollment(ended, person, "mentee", accepted_at=timezone.now() - 2 * YEAR)
    return person


def nights(clock, count: int) -> None:
    """Let days pass; emails leave in the windows of 8:30 and 16:00.

    In the usual run the server is off in most of the nights between the first and the last ones.
    """
    for night in range(count):
        clock.move_to(timezone.now().replace(hour=4) + timedelta(days=1))
        if 2 < night < count - 2 and not IN_A_RELEASE:
            continue
        retention.delete_expired(timezone.now())
        for hour in (8, 16):
            clock.move_to(timezone.now().replace(hour=hour, minute=31))
            planner.plan()
            sender.send_due()


def test_a_person_is_warned_and_erased_thirty_days_later(gone, mailoutbox):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        nights(clock, 30)
        assert [message.to for message in mailoutbox] == [[gone.email]]
        assert "sign in once before then" in mailoutbox[0].body and "/" in mailoutbox[0].body
        assert not User.objects.get(pk=gone.pk).erased_at
        nights(clock, 5)
    assert User.objects.get(pk=gone.pk).erased_at and len(mailoutbox) == 1


def test_a_visit_keeps_the_account(gone, mailoutbox):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        nights(clock, 20)
        client = Client()
        client.force_login(User.objects.get(pk=gone.pk))
        client.get("/preferences/")
        nights(clock, 30)
    person = User.objects.get(pk=gone.pk)
    assert person.erased_at is person.kept_until is None and len(mailoutbox) == 1


def test_nobody_is_erased_without_a_warning(gone, settings):
    settings.EMAIL_URL = ""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        nights(clock, 40)
        nights(clock, 40)
    assert not User.objects.get(pk=gone.pk).erased_at


def test_a_closed_account_is_erased_without_an_email(gone, mailoutbox):
    User.objects.filter(pk=gone.pk).update(is_active=False, closed_at=timezone.now())
    with time_machine.travel(timezone.now(), tick=False) as clock:
        nights(clock, 33)
    assert User.objects.get(pk=gone.pk).erased_at and not mailoutbox
