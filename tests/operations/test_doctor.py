"""The commands `doctor`, which checks the installation, and `sendtestmail`, which tests the mail server."""

import re
import shutil
import sys
from collections import namedtuple
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import Bounce, Installation, User
from core.pdf import NoPdf
from operations import doctor
from operations.doctor import Level
from records import growth
from reminders import planner
from reminders.models import Delivery
from tests import make

pytestmark = pytest.mark.usefixtures("durable_commits")


def report(check) -> str:
    return "\n".join(f"{finding.level} {finding.text}" for finding in check())


def delivery(person, state: str, **fields) -> Delivery:
    now = timezone.now()
    fields |= {"due_at": now, "next_try_at": now, "message_id": f"<{Delivery.objects.count()}@example.org>"}
    return Delivery.objects.create(recipient=person, state=state, **fields)


def test_doctor_prints_a_line_per_finding_and_exits_with_1(db, monkeypatch, capsys, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(doctor, "_worker_answers", lambda: None)
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    assert end.value.code == 1
    out, err = capsys.readouterr()
    assert all(line.split()[0] in set(Level) for line in out.splitlines())
    assert "wrong  The broker in REDIS_URL does not answer" in out
    assert "wrong  There has been no tick yet, and without the broker" in out
    assert "wrong  No mail server is set" in out and "EMAIL_URL" in out
    assert err.strip().endswith("problems found.")


@pytest.mark.real_time  # the database has the real time
def test_a_working_installation_has_no_problems(db, sink, monkeypatch, capsys):
    monkeypatch.setattr(doctor.redis.Redis, "ping", lambda self: True)
    planner.plan()
    call_command("doctor")
    out = capsys.readouterr().out
    assert out.endswith("No problems found.\n") and "wrong  " not in out
    assert sink.received == []


def test_a_failing_check_does_not_stop_the_others(db, monkeypatch):
    def breaks():
        raise RuntimeError("on purpose")

    monkeypatch.setattr(doctor, "CHECKS", [breaks, doctor.disk])
    monkeypatch.setitem(doctor.NAMES, breaks, "The broken check")
    assert [finding.level for finding in doctor.findings()] == [Level.WRONG, Level.OK]


def test_wrong_settings_and_readable_keys_are_named(settings, tmp_path):
    assert report(doctor.system_checks).startswith("ok")
    settings.DATA_DIR, settings.DEBUG, settings.HOST = tmp_path, True, "0.0.0.0"
    (tmp_path / "private_key").write_text("x")
    (tmp_path / "private_key").chmod(0o640)
    found = report(doctor.system_checks)
    assert "DEBUG=1" in found and "chmod 600" in found and "private_key" in found
    (tmp_path / "private_key").chmod(0o600)
    assert "chmod" not in report(doctor.system_checks)


def test_a_missing_migration_is_reported(db):
    assert report(doctor.database).startswith("ok")
    MigrationRecorder(connection).record_unapplied("api", "0001_initial")
    assert "lacks migrations of this version (1)" in report(doctor.database)


@pytest.mark.parametrize(
    ("worker", "queued", "expected"),
    [
        (False, 2, ["wrong The last tick was at", "no worker answers", "ok The scheduler is running"]),
        (True, 0, ["ok The worker answers", "no tick is queued"]),
        (None, None, ["neither scheduler nor worker can be checked"]),
    ],
)
def test_a_missing_tick_names_scheduler_or_worker(db, monkeypatch, worker, queued, expected):
    monkeypatch.setattr(doctor, "_worker_answers", lambda: worker)
    monkeypatch.setattr(doctor, "_queued", lambda: queued)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        planner.plan()
        assert report(doctor.background_processes) == "ok Scheduler and worker are running: the last tick was 0 s ago."
        clock.shift(timedelta(minutes=5))
        found = report(doctor.background_processes)
        assert all(word in found for word in expected), found
        clock.shift(timedelta(hours=-1))
        assert "in the future" in report(doctor.background_processes)


def test_the_mail_server_is_checked_without_sending(sink, db, settings):
    assert report(doctor.mail_server).startswith("ok The mail server 127.0.0.1")
    assert sink.received == []
    settings.EMAIL_PORT = 1
    assert "wrong The mail server 127.0.0.1:1 does not accept the connection: Connection refused" in report(
        doctor.mail_server
    )
    settings.EMAIL_URL = ""
    assert report(doctor.mail_server).startswith("wrong")
    Installation.objects.update_or_create(pk=1, defaults={"demo": True})
    assert report(doctor.mail_server).startswith("note")


def test_recent_emails_are_counted_with_the_last_error(ada):
    assert report(doctor.recent_mail).startswith("ok Emails of the last 7 days: 0 sent")
    delivery(ada, "sent")
    delivery(ada, "failed", last_error="SMTPDataError 554")
    delivery(ada, "failed", last_error="address suspended")
    Bounce.record(ada, is_permanent=True, status="5.1.1")
    assert report(doctor.recent_mail) == (
        "note Emails of the last 7 days: 1 sent, 1 failed, 0 unknown, 1 bounced. The last error was: SMTPDataError 554."
    )
    delivery(ada, "unknown", last_error="SMTPServerDisconnected")
    assert report(doctor.recent_mail).startswith("wrong")
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert report(doctor.recent_mail).startswith("ok")


def test_admins_without_a_second_factor_are_counted_where_it_is_needed(pair, settings):
    settings.ADMIN_SECOND_FACTOR = True
    priya, _ines = make.admin(pair.program), make.admin(pair.program, "Ines Duarte")
    make.enrollment(make.program("Another"), priya, "admin")
    assert report(doctor.second_factors).startswith("note Program admins without the second factor that they need: 2.")
    User.objects.update(has_second_factor=True)
    assert report(doctor.second_factors) == "ok All program admins have a second factor."
    User.objects.update(has_second_factor=False)
    settings.ADMIN_SECOND_FACTOR = False
    assert report(doctor.second_factors).startswith("ok")


def test_an_erasure_that_waits_is_named_with_what_to_do(pair):
    assert report(doctor.waiting_erasures).startswith("ok")
    priya = make.admin(pair.program)
    User.objects.filter(pk=priya.pk).update(erase_at=timezone.now(), erase_waits_since=timezone.now())
    found = report(doctor.waiting_erasures)
    assert found.startswith("wrong") and priya.email in found and pair.program.name in found and "make_admin" in found


def test_an_overdue_email_is_reported(pair, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        make.closed_session(pair)
        planner.plan()
        assert report(doctor.overdue_messages).startswith("ok")
        clock.shift(timedelta(minutes=10))
        assert report(doctor.overdue_messages).startswith("wrong Messages have been overdue since")


@pytest.mark.real_time  # the database has the real time
def test_clocks_time_zones_and_disk_space_are_checked(db, monkeypatch):
    assert "wrong" not in report(doctor.clock) and "wrong" not in report(doctor.disk)
    if not doctor.is_sqlite():
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            assert "wrong This machine's clock and the database's are 60 s apart" in report(doctor.clock)
    monkeypatch.setattr(doctor, "available_timezones", set)
    assert "wrong No time zone database found" in report(doctor.clock)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: namedtuple("Usage", "free")(499_000_000))
    assert "wrong Only 499 MB are free" in report(doctor.disk)


def test_scripts_without_a_font_are_named(monkeypatch, tmp_path):
    try:
        missing = growth.scripts_without_font()
    except NoPdf:
        assert "install Pango" in report(doctor.pdf_fonts)
        return
    found = report(doctor.pdf_fonts)
    assert found.startswith("note" if missing else "ok") and all(name in found for name in missing)
    monkeypatch.setattr(growth, "SCRIPTS", {"Latin": "Ana", "unassigned letters": "\u0378"})
    assert growth.scripts_without_font() == ["unassigned letters"]
    assert "No font has characters for unassigned letters;" in report(doctor.pdf_fonts)
    monkeypatch.setattr(growth, "SCRIPTS", {"Latin": "Ana"})
    assert report(doctor.pdf_fonts).startswith("ok PDFs can be created")


def test_without_pango_only_pdfs_are_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert report(doctor.pdf_fonts).startswith("note Growth records cannot be saved as PDF: install Pango.")


def test_the_named_fonts_are_installed_in_the_image(settings):
    installed = (settings.BASE_DIR / "Dockerfile").read_text().split()
    assert all(name in installed for name in re.findall(r"fonts-[\w-]+", doctor.FONTS))


# --- sendtestmail -------------------------------------------------------------------------------------------


def test_a_test_email_is_accepted_or_the_answer_is_printed(sink, capsys):
    call_command("sendtestmail", "you@example.org")
    assert capsys.readouterr().out.startswith("The mail server accepted the email to you@example.org.")
    assert sink.messages()[0]["Subject"] == "A test from Throughline"
    sink.replies = ["554 5.7.1 not from there"]
    with pytest.raises(CommandError, match=r"was rejected: 554 5\.7\.1 not from there"):
        call_command("sendtestmail", "you@example.org")


def test_without_a_mail_server_the_setting_is_named(settings):
    settings.EMAIL_URL = ""
    with pytest.raises(CommandError, match="EMAIL_URL") as refusal:
        call_command("sendtestmail", "you@example.org")
    assert refusal.value.returncode == 1 and mail.outbox == []
