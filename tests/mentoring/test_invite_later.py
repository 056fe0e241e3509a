"""People who are imported now and invited later, and the admin's personal message."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEvent
from mentoring import invitations
from mentoring.models import ImportRun
from mentoring.tasks import import_people
from reminders import planner, sender
from tests import make

MESSAGE = "Welcome to the third cohort!\nWe start on Monday."


@pytest.fixture
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(datetime(2026, 12, 4, 11, tzinfo=UTC), tick=False) as clock:
        yield clock


def upload_and_import(client, program, **options) -> None:
    file = SimpleUploadedFile("people.csv", b"email,name,role\nnia@example.org,Nia Cole,mentee\n")
    url = client.post(reverse("import_create", args=[program.pk]), {"file": file}).url
    chosen = {"column_0": "email", "column_1": "name", "column_2": "role"}
    client.post(url, chosen | options)
    client.post(reverse("import_start", args=[ImportRun.objects.first().pk]), chosen | options)
    import_people()


def sent_to_nia(clock) -> list[str]:
    for _minute in range(3):
        clock.shift(timedelta(minutes=1))
        planner.plan()
        sender.send_due()
    return [email.body for email in mail.outbox if email.to == ["nia@example.org"]]


def test_people_can_be_imported_now_and_invited_later(as_, clock):
    program = make.program()
    client = as_(make.admin(program))
    upload_and_import(client, program, invite_later="1")
    nia = program.enrollments.get(user__email="nia@example.org")
    assert nia.invited_at is None and sent_to_nia(clock) == []
    page = client.get(reverse("program_detail", args=[program.pk])).content.decode()
    assert "1 person is not invited yet." in page and "Not invited yet</span>" in page
    assert client.get(nia.invitation_path()).status_code == 410, "no link works before the invitation"
    invite = reverse("enrollment_invite", args=[program.pk])
    assert "Invite 1 person" in client.get(invite).content.decode()
    answer = client.post(invite, {"message": MESSAGE, "sure": "1"}, follow=True).content.decode()
    assert "1 person is invited." in answer and "not invited yet" not in answer
    client.post(invite, {"message": "Twice", "sure": "1"})
    nia.refresh_from_db()
    assert nia.invitation_message.splitlines() == MESSAGE.splitlines(), "a second submit invites nobody"
    [email] = sent_to_nia(clock)
    assert "We start on Monday." in email
    assert AuditEvent.objects.filter(action="invited as mentee").count() == 1
    client.logout()
    assert "We start on Monday." in client.get(nia.invitation_path()).content.decode()


def test_a_personal_message_goes_with_the_invitation(as_, clock):
    program = make.program()
    upload_and_import(as_(make.admin(program)), program, message=MESSAGE)
    [email] = sent_to_nia(clock)
    assert "We start on Monday." in email


def test_entering_an_imported_address_invites_that_person(db):
    program = make.program()
    admin = make.admin(program)
    row = make.enrollment(program, make.user("Nia Cole"), "mentee", accepted_at=None, invited_at=None)
    result = invitations.invite(admin, program, "mentee", [("", row.user.email)], "Hello")
    row.refresh_from_db()
    assert result.enrollments == [row] and row.invited_at and row.invitation_message == "Hello"
