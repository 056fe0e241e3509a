"""Tests bounced emails: the address is suspended, and its owner and the program admin are notified."""

import io
import smtplib
import sys
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Bounce, User
from reminders import bounces, inbox, planner, sender
from reminders.models import Delivery, Reminder
from tests import make

BOUNCE_NOTICE = "so you get no reminders there"


def report(status: str = "5.1.1", action: str = "failed", kind: str = "multipart/report") -> bytes:
    """Build a delivery report as Postfix writes it."""
    fields = [f"{name}: {value}" for name, value in (("Action", action), ("Status", status)) if value]
    return "\r\n".join(
        [
            "From: MAILER-DAEMON@mail.example.org",
            "Subject: Undelivered Mail Returned to Sender",
            f'Content-Type: {kind}; report-type=delivery-status; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            "I'm sorry to have to inform you, status 4.4.4 it says here.",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mail.example.org",
            "",
            "Final-Recipient: rfc822; ada@example.org",
            *fields,
            "Diagnostic-Code: smtp; 550 5.1.1 user unknown",
            "--b--",
            "",
        ]
    ).encode()


def suspended(person) -> bool:
    return User.objects.get(pk=person.pk).mail_suspended_at is not None


@pytest.fixture
def due(pair):
    """Two due recaps, one to Sam and one to Ada."""
    session = make.closed_session(pair)
    type(session).objects.filter(pk=session.pk).update(closed_at=timezone.now() - timedelta(minutes=2))
    planner.plan()
    return session


# --- Bounce reports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "hard", "detail"),
    [
        (report("5.1.1"), True, "5.1.1"),
        (report(" 5.4.4 (no route)"), True, "5.4.4"),
        (report(status=""), True, "failed"),
        (report("5.2.2"), False, "5.2.2"),
        (report("4.4.1"), False, "4.4.1"),
        (report("5.7.1"), None, "5.7.1"),
        (report("4.4.1", "delayed"), None, "delayed"),
        (report("2.1.5", "delivered"), None, "delivered"),
    ],
)
def test_bounce_reports_are_read(raw, hard, detail):
    assert bounces.parse_report(raw) == bounces.Verdict(hard, detail)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        report(status="", action=""),
        report("nonsense", "perhaps"),
        report(kind="multipart/mixed"),
        b"Subject: I am away until Monday\r\nAuto-Submitted: auto-replied\r\n\r\n5.1.1 people are here instead",
        # a report quoted inside a returned message is not a report
        b'Content-Type: multipart/report; boundary="a"\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\r\n' + report(),
    ],
)
def test_other_messages_are_not_bounces(raw):
    assert bounces.parse_report(raw) is None


PIECES = [
    *(b"Content-Type: ", b"multipart/report", b"message/delivery-status", b"; boundary=", b'"b"', b"Action: failed"),
    *(b"Status: ", b"5.1.1", b"\r\n", b"--b", b"\xff\x00", b"=?utf-8?q?=ff?=", b"; report-type*0*=x''%f", b":", b" "),
]
A_FEW = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)), max_size=40).map(b"".join)


@given(st.one_of(st.binary(max_size=300), A_FEW))
def test_the_bounce_reader_survives_any_message(raw):
    for whole in (raw, report().replace(b"Status: 5.1.1", raw), report().replace(b"; boundary", raw + b"; boundary")):
        verdict = bounces.parse_report(whole)
        assert verdict is None or len(verdict.status) <= 40


@pytest.mark.parametrize(
    ("code", "words", "hard"),
    [
        (550, b"No such user", True),
        (550, b"5.1.1 No such user", True),
        (551, b"moved", True),
        (550, b"5.7.1 Blocked by a list", None),
        (552, b"5.2.2 Mailbox full", False),
        (552, b"full", None),
        (450, b"4.2.0 Greylisted", None),
    ],
)
def test_refusals_are_classified_by_their_code(code, words, hard):
    assert bounces.judge_refusal(code, words).is_permanent is hard


def test_three_temporary_bounces_in_a_week_suspend_an_address(ada):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for days, reached in ((0, False), (0.5, False), (1, False), (6, False), (5, False), (1, True)):
            clock.shift(timedelta(days=days, seconds=1))
            Bounce.record(ada, is_permanent=False, status="4.2.2")
            assert suspended(ada) is reached
        ada.resume_email()
        clock.shift(timedelta(days=1, seconds=1))
        Bounce.record(ada, is_permanent=False, status="4.2.2")
        assert not suspended(ada), "earlier bounces no longer count"


# --- Sending ------------------------------------------------------------------------------------------------


def test_a_refused_address_gets_no_reminders_until_it_works(due, sink, ada, as_):
    async def refuse(server, session, envelope, address, options):
        if address == ada.email:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    sink.handle_RCPT = refuse
    assert sender.send_due() == 1
    assert suspended(ada) and Bounce.objects.get().status == "550 5.1.1"
    Delivery.objects.update(next_try_at=timezone.now())
    del sink.handle_RCPT
    assert sender.send_due() == 0
    lost = Delivery.objects.get(recipient=ada)
    assert (lost.state, lost.last_error) == ("failed", bounces.ADDRESS_SUSPENDED)

    client = as_(User.objects.get(pk=ada.pk))
    page = client.get("/commitments/").content.decode()
    assert BOUNCE_NOTICE in page and ada.email in page
    assert client.get("/preferences/email/resume/").status_code == 405
    page = client.post("/preferences/email/resume/", follow=True).content.decode()
    assert BOUNCE_NOTICE not in page and not suspended(ada)


def test_reminders_not_sent_are_shown_on_the_persons_pages(ada, pair, sink, as_):
    with time_machine.travel("2026-11-30 03:01+00:00", tick=True) as clock:  # a Monday, 08:31 for Ada
        made = make.commitment(pair, due_on=timezone.now().date() + timedelta(days=2))
        Bounce.record(ada, is_permanent=True, status="5.1.1")
        planner.plan()
        clock.shift(timedelta(days=2))
        planner.plan()
        sender.send_due()
        states = set(Reminder.objects.filter(recipient=ada, due_at__lte=timezone.now()).values_list("state", flat=True))
        assert states == {"failed"}
        assert made.text in as_(ada).get("/inbox/").content.decode()
        made.complete(ada, made.version)
        planner.plan()
        assert inbox.lines(ada) == []


def test_sign_in_codes_are_sent_to_a_suspended_address(ada, client, sink):
    Bounce.record(ada, is_permanent=True, status="5.1.1")
    client.post("/accounts/login/code/", {"email": ada.email})
    assert len(sink.received) == 1


def test_the_return_path_is_signed_and_the_sender_stays(due, sink, ada, settings):
    settings.BOUNCES_TO = "bounces@example.org"
    paths = []

    async def note_path(server, session, envelope, address, options):
        paths.append(address)
        envelope.mail_from = address
        return "250 OK"

    sink.handle_MAIL = note_path
    assert sender.send_due() == 2
    assert {message["From"] for message in sink.messages()} == {settings.DEFAULT_FROM_EMAIL}
    assert {bounces.recipient_of(path.upper()) for path in paths} == {due.pair.mentor, ada}
    assert all(len(path.partition("@")[0]) <= 64 for path in paths)


def test_without_the_setting_the_return_path_is_the_sender(due, settings):
    settings.EMAIL_URL = "smtp://localhost"
    assert sender.send_due() == 2
    assert {message.from_email for message in mail.outbox} == {settings.DEFAULT_FROM_EMAIL}


# --- The command for a mail server -------------------------------------------------------------------------


def bounce(monkeypatch, address: str, raw: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("bounce", address)


def test_a_bounced_message_suspends_its_recipient(ada, sam, settings, monkeypatch, capsys):
    settings.BOUNCES_TO = "bounces@example.org"
    bounce(monkeypatch, bounces.return_path(ada), report("4.2.2"))
    bounce(monkeypatch, bounces.return_path(ada), report("5.7.1"))
    assert not suspended(ada)
    bounce(monkeypatch, bounces.return_path(ada), report("5.1.1"))
    assert suspended(ada) and not suspended(sam)
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "Noted",
        "The report has nothing against the address (5.7.1)",
        "Noted",
    ]


def test_forged_or_old_reports_record_nothing(ada, sam, settings, monkeypatch):
    settings.BOUNCES_TO = "bounces@example.org"
    path = bounces.return_path(ada)
    _mailbox, mark = path.partition("@")[0].split("-")
    for address, raw, code in [
        (path, b"Subject: Hello\n\nI am away", 65),
        (f"bounces+{sam.pk}-{mark}@example.org", report(), 67),
        (f"bounces+987654321-{mark}@example.org", report(), 67),
        ("bounces@example.org", report(), 67),
        ("", report(), 67),
    ]:
        with pytest.raises(CommandError) as refusal:
            bounce(monkeypatch, address, raw)
        assert refusal.value.returncode == code, address
    User.objects.filter(pk=ada.pk).update(email="new@example.org")
    with pytest.raises(CommandError, match="changed since"):
        bounce(monkeypatch, path, report())
    assert not Bounce.objects.exists()

    def away(*args):
        raise DatabaseError

    monkeypatch.setattr(bounces, "recipient_of", away)
    with pytest.raises(CommandError) as refusal:
        bounce(monkeypatch, path, report())
    assert refusal.value.returncode == 75


# --- Notices ------------------------------------------------------------------------------------------------


def test_the_program_admin_sees_bouncing_addresses(as_, pair, ada, sam):
    client, url = as_(make.admin(pair.program)), f"/programs/{pair.program_id}/"
    assert "bounces" not in client.get(url).content.decode()
    make.enrollment(pair.program, ada, "mentor")
    Bounce.record(ada, is_permanent=True, status="5.1.1")
    page = client.get(url).content.decode()
    assert page.count("Email bounces") == 2  # the filter, and once for a person with two roles
    Bounce.record(sam, is_permanent=True, status="5.1.1")
    filtered = client.get(url, {"state": "bouncing"}).content.decode()
    assert (
        "Contact them some other way." in filtered and "Sam Okafor" in filtered and filtered.count("Email bounces") == 3
    )
    assert BOUNCE_NOTICE not in client.get(url).content.decode()


def test_a_bounced_invitation_is_listed_with_its_link(as_, pair, settings):
    settings.EMAIL_URL = "smtp://localhost"
    noor = make.user("Noor")
    link = make.enrollment(pair.program, noor, "mentee", accepted_at=None).invitation_path()
    client, url = as_(make.admin(pair.program)), f"/programs/{pair.program_id}/"
    assert link not in client.get(url).content.decode()
    Bounce.record(noor, is_permanent=True, status="5.1.1")
    assert link in client.get(url).content.decode()


def test_other_errors_suspend_no_address(ada):
    for error in (OSError(), smtplib.SMTPDataError(550, b"spam"), smtplib.SMTPServerDisconnected()):
        bounces.record_refusals(ada, error)
    assert not Bounce.objects.exists()
