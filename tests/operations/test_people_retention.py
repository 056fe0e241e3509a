"""What belongs to people is deleted after its period, and not before (docs/rules.md, retention)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, User
from mentoring.models import Application, Enrollment, NeverPair, Pair, Preference, Profile, Program, TalkRequest
from operations import tasks
from operations.own_data import retention
from tests import make

YEAR = timedelta(days=366)


@pytest.fixture
def now(settings):
    settings.RETENTION_MONTHS = 12
    return timezone.now()


def end_program(program: Program, on) -> None:
    Program.objects.filter(pk=program.pk).update(starts_on=on - timedelta(days=100), ends_on=on)


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
    retention.delete_expired(now)
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
    retention.delete_expired(now)
    assert list(User.objects.exclude(erased_at=None)) == [gone]
    retention.delete_expired(now)
    assert AuditEvent.objects.filter(action="person erased").count() == 1
    Pair.objects.filter(pk=pair.pk).update(content_deleted_at=now)
    retention.delete_expired(now)
    assert set(User.objects.exclude(erased_at=None)) == {gone, with_content, pair.mentor}


def test_the_nightly_task_deletes_and_needs_few_queries(pair, now, django_assert_max_num_queries):
    make.application(pair.program, decided_at=now - YEAR)
    with django_assert_max_num_queries(30):
        tasks.delete_expired_people()
    assert not Application.objects.exists() and User.objects.exclude(erased_at=None).count() == 0
