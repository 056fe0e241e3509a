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

from accounts.models import Installation, MailTrouble
from config.celery import app
from core.checks import is_sqlite, sqlite_trouble
from core.smtp import words_of
from records import growth
from reminders import health
from reminders.bounces import ADDRESS_SUSPENDED
from reminders.models import Delivery

PATIENCE = 5  # seconds for each network request
CLOCKS_MAY_DIFFER = timedelta(seconds=5)
LOOKED_BACK = timedelta(days=7)
DISK_MB = 500
QUEUE = "celery"
FONTS = "fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji"  # as in the Dockerfile; a test compares them
AS_PAGE = "The web page of a record is not affected."


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    level: Level
    said: str


def ok(said: str) -> Finding:
    return Finding(Level.OK, said)


def note(said: str) -> Finding:
    return Finding(Level.NOTE, said)


def wrong(said: str) -> Finding:
    return Finding(Level.WRONG, said)


def look() -> Iterator[Finding]:
    """Run all checks and yield their findings; the first problem is usually the cause of the others."""
    for question in QUESTIONS:
        try:
            yield from question()
        except DatabaseError as error:
            yield wrong(f"{NAMES[question]} cannot be told while the database is not usable ({type(error).__name__}).")
        except Exception as error:  # one failing check must not stop the others
            yield wrong(f"{NAMES[question]} cannot be told ({type(error).__name__}: {words_of(error)}).")


# --- Settings, database, broker -----------------------------------------------------------------------------


def set_up() -> Iterator[Finding]:
    """Report the warnings and errors of Django's system checks, including core/checks.py."""
    found = [
        message for message in checks.run_checks() if message.level >= checks.WARNING and not message.is_silenced()
    ]
    for message in found:
        hint = f" {message.hint.rstrip('.')}." if message.hint else ""
        yield wrong(f"{str(message.msg).rstrip('.')}.{hint}")
    if not found:
        yield ok(f"The settings are right for {settings.SITE_URL}.")


def database() -> Iterator[Finding]:
    place = (
        f"SQLite in {settings.DATA_DIR}" if is_sqlite() else f"PostgreSQL on {settings.DATABASES['default']['HOST']}"
    )
    if trouble := sqlite_trouble(thorough=True):
        yield wrong(trouble)
        return
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        yield wrong(f"The database ({place}) does not answer: {words_of(error)}. Start it, or correct DATABASE_URL.")
        return
    try:
        missing = len(health.unapplied())
    except DatabaseError:
        missing = len(health.shipped())
    for finding in checks.run_checks(tags=[checks.Tags.database], databases=["default"]):
        yield wrong(f"{finding.msg} {finding.hint or ''}".strip())
    if missing:
        yield wrong(f"The database ({place}) lacks migrations of this version ({missing}): run `manage.py prepare`.")
    else:
        yield ok(f"The database ({place}) answers and is up to date.")


def broker() -> Iterator[Finding]:
    embedded = f"unix://{settings.BROKER_SOCKET}" == settings.REDIS_URL
    try:
        with closing(_redis()) as line:
            line.ping()
    except (redis.RedisError, OSError) as error:
        todo = "`manage.py serve` (or make run) starts it" if embedded else "Start it, or correct REDIS_URL"
        name = "embedded broker" if embedded else "broker in REDIS_URL"
        yield wrong(f"The {name} does not answer ({type(error).__name__}). {todo}.")
    else:
        yield ok("The embedded broker answers." if embedded else "The broker in REDIS_URL answers.")


def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


# --- Background processes -----------------------------------------------------------------------------------


def runs_by_itself() -> Iterator[Finding]:
    """Check beat and worker; if there is no tick, ask the worker and the queue to find out which is down."""
    found = health.pulse()
    if found.ticks:
        yield ok(f"Clock and worker are alive: the last tick was {_seconds(found.now - found.ticked_at)} ago.")
        return
    last = f"The last tick was at {_utc(found.ticked_at)}" if found.ticked_at else "There has been no tick yet"
    if found.ticked_at and found.ticked_at > found.now:
        yield wrong(
            f"{last}, which is in the future. If the clock of this machine is wrong, set it right; if it was wrong"
            " until now, the next tick plans all reminders again."
        )
        return
    worker, queued = _worker_answers(), _queued()
    if worker is None or queued is None:
        yield wrong(f"{last}, and without the broker neither clock nor worker can be asked.")
    elif not worker:
        yield wrong(f"{last}, and no worker answers: start or restart it (docs/configuration.md, what runs).")
        if queued:
            yield ok("The clock is alive: its ticks wait for the worker.")
    else:
        yield ok("The worker answers.")
        yield wrong(f"{last}, and the clock is silent: start `celery beat`, and wait a minute (docs/configuration.md).")


def _worker_answers() -> bool | None:
    try:
        return bool(app.control.ping(timeout=2))
    except (KombuError, CeleryError, redis.RedisError, OSError):
        return None


def _queued() -> int | None:
    try:
        with closing(_redis()) as line:
            return line.llen(QUEUE)
    except (redis.RedisError, OSError):
        return None


def due() -> Iterator[Finding]:
    found = health.pulse()
    if found.sends:
        yield ok("Nothing that is due waits longer than it should.")
    else:
        since = _utc(found.unsent_since)
        yield wrong(f"Messages that are due have been waiting since {since}: look at the worker and the mail server.")


# --- Mail ---------------------------------------------------------------------------------------------------


def mail_server() -> Iterator[Finding]:
    """Connect to the mail server, sign in and send NOOP; `sendtestmail` sends a real message."""
    if not settings.EMAIL_URL:
        if Installation.mail_arrives():
            yield note("No mail server is set: mail is kept and shown on the Mail page, as in every demo.")
        else:
            yield wrong("No mail server is set, so no mail leaves: put its address into EMAIL_URL.")
        return
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection(timeout=PATIENCE) as line:
            code, text = line.connection.noop()
    except OSError as error:  # every SMTP and network error is an OSError
        yield wrong(f"The mail server {server} does not let us in: {words_of(error)}. Look at EMAIL_URL.")
        return
    if code == 250:
        yield ok(f"The mail server {server} answers.")
    else:
        yield wrong(f"The mail server {server} answers {code} {text.decode(errors='replace')}.")


def mail_of_the_week() -> Iterator[Finding]:
    """Report the mail of the last seven days: wrong if more was lost than sent, a note if any was."""
    since, state = timezone.now() - LOOKED_BACK, Delivery.State
    week = Delivery.objects.filter(due_at__gte=since)
    held_back = Q(last_error=ADDRESS_SUSPENDED)
    n = week.aggregate(
        sent=Count("pk", Q(state=state.SENT)),
        failed=Count("pk", Q(state=state.FAILED) & ~held_back),
        unknown=Count("pk", Q(state=state.UNKNOWN)),
    )
    bounced = MailTrouble.objects.filter(at__gte=since).count()
    said = (
        f"Mail of the last 7 days: {n['sent']} sent, {n['failed']} failed, {n['unknown']} unknown, {bounced} came back."
    )
    lost = n["failed"] + n["unknown"]
    if lost or bounced:
        errors = week.exclude(last_error="").exclude(held_back).order_by("-due_at", "-pk")
        last = errors.values_list("last_error", flat=True).first()
        last = last or MailTrouble.objects.order_by("-at").values_list("said", flat=True).first()
        said += f" The last error was: {last}."
    yield wrong(said) if lost > n["sent"] else note(said) if lost or bounced else ok(said)


# --- The machine --------------------------------------------------------------------------------------------


def clock() -> Iterator[Finding]:
    found = health.pulse()
    if found.set_back_at:
        yield note(
            f"The clock of this machine was ahead by {_span(found.set_back_by)}, which was noticed at"
            f" {_utc(found.set_back_at)}. All reminders were planned again;"
            " some emails may have left too early. Turn on NTP."
        )
    if is_sqlite():
        yield ok("The database goes by this machine's clock.")
    else:
        with connection.cursor() as cursor:
            before = datetime.now(UTC)
            cursor.execute("SELECT clock_timestamp()")
            theirs = cursor.fetchone()[0]
        apart = abs(theirs - before)
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
        yield ok(f"The time zone database is there, with {known} zones.")
    else:
        yield wrong("There is no time zone database: install tzdata.")


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free // 1_000_000
    if free < DISK_MB:
        yield wrong(f"Only {free} MB are free in {settings.DATA_DIR}: make room, {DISK_MB} MB at least.")
    else:
        yield ok(f"{free} MB are free in {settings.DATA_DIR}.")


def pdf() -> Iterator[Finding]:
    """Check that PDFs can be created; never an error, as only a download depends on it."""
    try:
        missing = growth.scripts_without_font()
    except growth.NoPdf:
        yield note(f"Growth records cannot be saved as PDF: install Pango. {AS_PAGE}")
        return
    if missing:
        yield note(
            f"No font here has letters for {get_text_list(missing, 'and')}, which a PDF would show as empty boxes:"
            f" install {FONTS}, or what your system calls them. {AS_PAGE}"
        )
    else:
        yield ok("PDFs can be made, with fonts for every script that is looked for.")


NAMES: dict[Callable[[], Iterator[Finding]], str] = {
    set_up: "Whether the settings are right",
    database: "Whether the database is usable",
    broker: "Whether the broker answers",
    runs_by_itself: "Whether clock and worker are alive",
    due: "Whether something waits",
    mail_server: "Whether the mail server answers",
    mail_of_the_week: "What became of the last week's mail",
    clock: "Whether the clocks agree",
    disk: "How much room is left",
    pdf: "Whether PDFs can be made",
}
QUESTIONS = list(NAMES)


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
