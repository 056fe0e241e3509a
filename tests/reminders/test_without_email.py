"""Tests an installation without email: nothing is shown as sent, and links can be shared."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from mentoring.models import Enrollment
from reminders import planner, sender
from tests import make

BANNER, NOT_SENT = "Email is not set up: no invitations", "Invitation not sent yet"


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def clock(db):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def priya(program):
    return make.admin(program)


def links_in(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_undelivered_invitations_are_listed_with_their_links(as_, program, priya):
    admin = as_(priya)
    people = "=Ada, ada@example.org\nSam, sam@example.org"
    answer = admin.post(f"/programs/{program.pk}/people/new/", {"role": "mentee", "people": people}, follow=True)
    page = answer.content.decode()
    assert BANNER in page and "nothing was sent" in page and page.count(NOT_SENT) == 2
    assert f'href="/programs/{program.pk}/invitations/"' in page

    ada = Enrollment.objects.get(user__email="ada@example.org")
    page = admin.get(f"/programs/{program.pk}/invitations/").content.decode()
    assert ada.invitation_path() in page and page.count("/invitation/") == 2
    head, *rows = links_in(admin.post(f"/programs/{program.pk}/invitations.csv"))
    assert head[:4] == ["Name", "Email", "Role", "Invitation link"]
    name, _email, role, link, _until = next(row for row in rows if row[1] == "ada@example.org")
    assert (name, role) == ("'=Ada", "mentee") and len(rows) == 2
    assert AuditEvent.objects.filter(user=priya, action=AuditEvent.Action.INVITATION_LINKS_EXPORTED).count() == 1
    assert Client().get(link.removeprefix("http://testserver")).status_code == 200

    ada.accept()
    assert [row[1] for row in links_in(admin.post(f"/programs/{program.pk}/invitations.csv"))[1:]] == [
        "sam@example.org"
    ]
    assert BANNER not in as_(ada.user).get("/").content.decode(), "only for people who run a program"


def test_an_invitation_counts_as_sent_once_its_email_is_sent(as_, program, priya, settings, clock):
    admin, page = as_(priya), f"/programs/{program.pk}/"
    admin.post(f"{page}people/new/", {"role": "mentee", "people": "Ada, ada@example.org"})
    settings.EMAIL_URL = "smtp://localhost"
    text = admin.get(page).content.decode()
    assert BANNER not in text and NOT_SENT in text
    planner.plan()
    clock.shift(timedelta(minutes=16))
    assert sender.send_due() == 1 and [message.to for message in mail.outbox] == [["ada@example.org"]]
    text = admin.get(page).content.decode()
    assert NOT_SENT not in text and "Invited</span>" in text
    assert "/invitation/" not in admin.get(f"{page}invitations/").content.decode()

    User.objects.filter(email="ada@example.org").update(mail_suspended_at="2026-01-01T00:00Z")
    assert "/invitation/" in admin.get(f"{page}invitations/").content.decode()
    clock.shift(timedelta(minutes=1))
    admin.post(f"/enrollments/{Enrollment.objects.get(user__email='ada@example.org').pk}/resend/")
    assert NOT_SENT in admin.get(page).content.decode(), "the link that was sent no longer works"


def test_without_email_the_code_page_explains_how_to_sign_in(client, program):
    page = client.get("/accounts/login/code/").content.decode()
    assert "setup_link" in page and "invite you again" not in page
    assert client.get("/outbox/").status_code == 404
