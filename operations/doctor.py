"""The checks of `manage.py doctor`: one function each, with findings that name the problem and its fix.

All checks are read-only: nothing is sent, moved or repaired.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import redis
from celery.exceptions import CeleryError
from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import get_text_list
from kombu.exceptions import KombuError

from accounts.models import Bounce, Installation, User
from config.celery import app
from core.checks import is_sqlite, sqlite_problem
from core.pdf import NoPdf
from core.smtp import error_text
from mentoring.models import Enrollment
from operations import queue
from operations.broker import is_embedded
from records import growth
from reminders import health, restored
from reminders.bounces import ADDRESS_SUSPENDED
from reminders.models import Delivery

CLOCKS_MAY_DIFFER = timedelta(seconds=5)
MAIL_PERIOD = timedelta(days=7)
DISK_MB = 500
FONTS = "fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji"  # as in the Dockerfile; a test compares them
WEB_PAGE_WORKS = "The web page of a record is not affected."


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    level: Level
    text: str


def ok(text: str) -> Finding:
    return Finding(Level.OK, text)


def note(text: str) -> Finding:
    return Finding(Level.NOTE, text)


def wrong(text: str) -> Finding:
    return Finding(Level.WRONG, text)


def findings() -> Iterator[Finding]:
    """Run all checks and yield their findings; the first problem is usually the cause of the others."""
    for check in CHECKS:
        try:
            yield from check()
        except DatabaseError as error:
            yield wrong(
                f"{NAMES[check]} could not be checked because the database is not usable ({type(error).__name__})."
            )
        except Exception as error:  # one failing check must not stop the others
            yield wrong(f"{NAMES[check]} could not be checked ({type(error).__name__}: {error_text(error)}).")


# --- Settings, database, broker -----------------------------------------------------------------------------


def system_checks() -> Iterator[Finding]:
    """Report the warnings and errors of Django's system checks, including core/checks.py."""
    found = [
        message for message in checks.run_checks() if message.level >= checks.WARNING and not message.is_silenced()
    ]
    for message in found:
        hint = f" {message.hint.rstrip('.')}." if message.hint else ""
        yield wrong(f"{str(message.msg).rstrip('.')}.{hint}")
    if not found:
        yield ok(f"The settings are valid for {settings.SITE_URL}.")


def database() -> Iterator[Finding]:
    place = (
        f"SQLite in {settings.DATA_DIR}" if is_sqlite() else f"PostgreSQL on {settings.DATABASES['default']['HOST']}"
    )
    if problem := sqlite_problem(thorough=True):
        yield wrong(problem)
        return
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        yield wrong(f"The database ({place}) does not answer: {error_text(error)}. Start it, or correct DATABASE_URL.")
        return
    try:
        missing = len(health.unapplied_migrations())
    except DatabaseError:
        missing = len(health.known_migrations())
    for finding in checks.run_checks(tags=[checks.Tags.database], databases=["default"]):
        yield wrong(f"{finding.msg} {finding.hint or ''}".strip())
    if missing:
        yield wrong(f"The database ({place}) lacks migrations of this version ({missing}): run `manage.py prepare`.")
    else:
        yield ok(f"The database ({place}) answers and is up to date.")


def broker() -> Iterator[Finding]:
    embedded = is_embedded()
    try:
        with closing(queue.client()) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        todo = "`manage.py serve` (or make run) starts it" if embedded else "Start it, or correct REDIS_URL"
        name = "embedded broker" if embedded else "broker in REDIS_URL"
        yield wrong(f"The {name} does not answer ({type(error).__name__}). {todo}.")
    else:
        yield ok("The embedded broker answers." if embedded else "The broker in REDIS_URL answers.")


# --- Background processes -----------------------------------------------------------------------------------


def background_processes() -> Iterator[Finding]:
    """Check beat and worker; if there is no tick, ask the worker and the queue to find out which is down."""
    found = health.ledger_state()
    if found.is_planning:
        yield ok(f"Scheduler and worker are running: the last tick was {_seconds(found.now - found.last_run_at)} ago.")
        return
    last = f"The last tick was at {_utc(found.last_run_at)}" if found.last_run_at else "There has been no tick yet"
    if found.last_run_at and found.last_run_at > found.now:
        yield wrong(
            f"{last}, which is in the future. If the clock of this machine is wrong, correct it; if it was wrong"
            " until now, the next tick plans all reminders again."
        )
        return
    worker, queued = _worker_answers(), _queued()
    if worker is None or queued is None:
        yield wrong(f"{last}, and without the broker neither scheduler nor worker can be checked.")
    elif not worker:
        yield wrong(f"{last}, and no worker answers: start or restart it (docs/configuration.md, Processes).")
        if queued:
            yield ok("The scheduler is running: its ticks are queued for the worker.")
    else:
        yield ok("The worker answers.")
        yield wrong(
            f"{last}, and no tick is queued: start `celery beat`, and wait a minute (docs/configuration.md, Processes)."
        )


def _worker_answers() -> bool | None:
    try:
        return bool(app.control.ping(timeout=2))
    except (KombuError, CeleryError, redis.RedisError, OSError):
        return None


def _queued() -> int | None:
    try:
        return queue.length()
    except (redis.RedisError, OSError):
        return None


def overdue_messages() -> Iterator[Finding]:
    found = health.ledger_state()
    if found.is_sending:
        yield ok("No message is overdue.")
    else:
        since = _utc(found.overdue_since)
        yield wrong(f"Messages have been overdue since {since}: check the worker and the mail server.")


def held_reminders() -> Iterator[Finding]:
    """Report reminders that wait for the operator since a backup was restored."""
    restored_at = restored.waiting_since()
    if restored_at is None:
        yield ok("No reminders are held.")
        return
    yield wrong(
        f"A backup was restored at {_utc(restored_at)}; reminders that were due before then are held"
        f" ({restored.held_reminders().count()}): run `manage.py held_reminders` with --send or --drop."
    )


# --- People -------------------------------------------------------------------------------------------------


def waiting_erasures() -> Iterator[Finding]:
    """Report people who are not erased yet, because they are the only admin of a program."""
    waiting = User.objects.filter(erase_waits_since__isnull=False, erased_at=None, is_active=True)
    for person in waiting.order_by("erase_waits_since"):
        programs = get_text_list([program.name for program in Enrollment.objects.programs_run_only_by(person)], "and")
        if programs:
            yield wrong(
                f"The erasure of {person.email} has waited since {_utc(person.erase_waits_since)}, because nobody else"
                f" is an admin of {programs}. Name one with `manage.py make_admin`."
            )
            continue
        yield note(f"The erasure of {person.email} continues within ten minutes.")
    if not waiting:
        yield ok("No erasure waits for another program admin.")


def second_factors() -> Iterator[Finding]:
    """Count the program admins who cannot open their programs until they set up a second factor."""
    installation = Installation.current()
    if settings.IDENTITY_PROVIDER and settings.IDENTITY_PROVIDER.asks_second_factor:
        yield ok("The identity provider takes care of the second factor of program admins who sign in there.")
        return
    if not settings.ADMIN_SECOND_FACTOR or (installation and installation.demo):
        yield ok("Program admins need no second factor here.")
        return
    admins = Enrollment.objects.admins().filter(program__ends_on__gte=timezone.localdate())
    without = admins.filter(user__has_second_factor=False).values("user").distinct().count()
    if without:
        yield note(
            f"Program admins without the second factor that they need: {without}. Their programs stay closed to them"
            " until they set it up at their next visit."
        )
    else:
        yield ok("All program admins have a second factor.")


# --- Mail ---------------------------------------------------------------------------------------------------


def mail_server() -> Iterator[Finding]:
    """Connect to the mail server, sign in and send NOOP; `sendtestmail` sends a real message."""
    if not settings.EMAIL_URL:
        if Installation.email_is_on():
            yield note("No mail server is set: emails are stored and shown on the page Emails, as in every demo.")
        else:
            yield wrong("No mail server is set, so no email is sent: set EMAIL_URL to its address.")
        return
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection(timeout=queue.TIMEOUT) as mail:
            code, text = mail.connection.noop()
    except OSError as error:  # every SMTP and network error is an OSError
        yield wrong(f"The mail server {server} does not accept the connection: {error_text(error)}. Check EMAIL_URL.")
        return
    if code == 250:
        yield ok(f"The mail server {server} answers.")
    else:
        yield wrong(f"The mail server {server} answers {code} {text.decode(errors='replace')}.")


def recent_mail() -> Iterator[Finding]:
    """Report the emails of the last seven days: wrong if more was lost than sent, a note if any was."""
    since, state = timezone.now() - MAIL_PERIOD, Delivery.State
    week = Delivery.objects.emails().filter(due_at__gte=since)
    held_back = Q(last_error=ADDRESS_SUSPENDED)
    n = week.aggregate(
        sent=Count("pk", Q(state=state.SENT)),
        failed=Count("pk", Q(state=state.FAILED) & ~held_back),
        unknown=Count("pk", Q(state=state.UNKNOWN)),
    )
    bounced = Bounce.objects.filter(created_at__gte=since).count()
    text = (
        f"Emails of the last 7 days: {n['sent']} sent, {n['failed']} failed, {n['unknown']} unknown, {bounced} bounced."
    )
    lost = n["failed"] + n["unknown"]
    if lost or bounced:
        errors = week.exclude(last_error="").exclude(held_back).order_by("-due_at", "-pk")
        last = errors.values_list("last_error", flat=True).first()
        last = last or Bounce.objects.order_by("-created_at").values_list("status", flat=True).first()
        text += f" The last error was: {last}."
    yield wrong(text) if lost > n["sent"] else note(text) if lost or bounced else ok(text)


# --- The machine --------------------------------------------------------------------------------------------


def clock() -> Iterator[Finding]:
    found = health.ledger_state()
    if found.clock_set_back_at:
        yield note(
            f"The clock of this machine was ahead by {_span(found.clock_set_back_by)}, which was noticed at"
            f" {_utc(found.clock_set_back_at)}. All reminders were planned again;"
            " some emails may have left too early. Turn on NTP."
        )
    if is_sqlite():
        yield ok("The database uses the clock of this machine.")
    else:
        with connection.cursor() as cursor:
            before = datetime.now(UTC)
            cursor.execute("SELECT clock_timestamp()")
            database_time = cursor.fetchone()[0]
        apart = abs(database_time - before)
        if apart <= CLOCKS_MAY_DIFFER:
            yield ok("The clocks of this machine and of the database agree.")
        else:
            yield wrong(f"This machine's clock and the database's are {_seconds(apart)} apart: turn on NTP on both.")
    try:
        ZoneInfo("Europe/London")
        known = len(available_timezones())
    except ZoneInfoNotFoundError:
        known = 0
    if known:
        yield ok(f"The time zone database has {known} zones.")
    else:
        yield wrong("No time zone database found: install tzdata.")


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free // 1_000_000
    if free < DISK_MB:
        yield wrong(f"Only {free} MB are free in {settings.DATA_DIR}: free at least {DISK_MB} MB.")
    else:
        yield ok(f"{free} MB are free in {settings.DATA_DIR}.")


def pdf_fonts() -> Iterator[Finding]:
    """Check that PDFs can be created; never an error, as only a download depends on it."""
    try:
        missing = growth.scripts_without_font()
    except NoPdf:
        yield note(f"Growth records cannot be saved as PDF: install Pango. {WEB_PAGE_WORKS}")
        return
    if missing:
        yield note(
            f"No font has characters for {get_text_list(missing, 'and')}; a PDF shows empty boxes instead:"
            f" install {FONTS}, or the same fonts under the names of your system. {WEB_PAGE_WORKS}"
        )
    else:
        yield ok("PDFs can be created, with fonts for all scripts that were checked.")


NAMES: dict[Callable[[], Iterator[Finding]], str] = {
    system_checks: "The settings",
    database: "The database",
    broker: "The broker",
    background_processes: "Scheduler and worker",
    overdue_messages: "Overdue messages",
    held_reminders: "The held reminders",
    waiting_erasures: "Erasures that wait",
    second_factors: "The second factors of program admins",
    mail_server: "The mail server",
    recent_mail: "The emails of the last week",
    clock: "The clocks",
    disk: "The disk space",
    pdf_fonts: "PDF creation",
}
CHECKS = list(NAMES)


def _span(span: timedelta) -> str:
    """Format a duration in days, hours or minutes, rounded down."""
    minutes = int(span.total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"


def _seconds(span: timedelta) -> str:
    return f"{round(span.total_seconds())} s"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
