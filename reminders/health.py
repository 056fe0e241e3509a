"""Health of the reminders (docs/rules.md, health), as reported by /healthz, the doctor command and the banner.

The database has the evidence: the planner updates the watermark at every tick, and the ledger shows what is overdue.
"""

import logging
import urllib.request
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from http.client import HTTPException

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Case, F, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Installation
from core.checks import is_sqlite, sqlite_problem
from reminders.models import Delivery, Reminder, Watermark

TICK_WITHIN = timedelta(seconds=90)
SENT_WITHIN = timedelta(seconds=180)
FIRST_TICK_WITHIN = timedelta(seconds=180)  # no alarm on a fresh installation before this
CLOCK_WARNING_SHOWN_FOR = timedelta(days=7)
CACHED_FOR = 30  # seconds that the banner's result is cached
PING_EVERY = 55  # seconds: once per tick, and a tick may be slightly early
PING_TIMEOUT = 5
INTEGRITY_CHECKED_EVERY = 300

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LedgerState:
    """The state of the ledger now: when the planner last ran, and since when something is overdue."""

    now: datetime
    last_run_at: datetime | None
    overdue_since: datetime | None
    clock_set_back_at: datetime | None = None  # when this machine's clock was set back, in the last week
    clock_set_back_by: timedelta | None = None

    @property
    def is_planning(self) -> bool:
        """Return True if the last tick is recent; one in the future means that the clock was set back."""
        return self.last_run_at is not None and abs(self.now - self.last_run_at) < TICK_WITHIN

    @property
    def is_sending(self) -> bool:
        """Return True unless messages are late; without a mail server, they are expected to wait."""
        late = self.overdue_since is not None and self.now - self.overdue_since >= SENT_WITHIN
        return not late or not Installation.email_is_on()


def ledger_state() -> LedgerState:
    """Return the current state of the ledger, with one query."""
    now = timezone.now()
    unsent = {"reminder": Subquery(_unpacked(now)), "message": Subquery(_unsent(now))}
    columns = ("last_run_at", "clock_set_back_at", "clock_set_back_by", *unsent)
    row = Watermark.objects.filter(pk=1).annotate(**unsent).values(*columns).first() or {}
    waiting = [row[name] for name in unsent if row.get(name)]
    found = LedgerState(now, row.get("last_run_at"), min(waiting, default=None))
    if row.get("clock_set_back_at") and row["clock_set_back_at"] > now - CLOCK_WARNING_SHOWN_FOR:
        found = replace(found, clock_set_back_at=row["clock_set_back_at"], clock_set_back_by=row["clock_set_back_by"])
    return found


def _unpacked(now: datetime) -> QuerySet:
    """Query when the oldest unpacked reminder was due, or had its turn if that is later."""
    due = Reminder.objects.filter(state=Reminder.State.PLANNED, delivery=None, due_at__lte=now)
    current = due.filter(Q(expires_at=None) | Q(expires_at__gt=now)).annotate(since=Coalesce("held_until", "due_at"))
    return current.filter(since__lte=now).order_by("since").values("since")[:1]


def _unsent(now: datetime) -> QuerySet:
    """Query when the oldest unsent message was due.

    A message that the server refuses temporarily is not late before its next attempt, because one full mailbox does
    not make an outage. Neither is a message that waits for a window without an error.
    """
    refused = Q(last_error__startswith="SMTPRecipientsRefused") | Q(last_error__startswith="SMTPDataError")
    is_scheduled = Q(state=Delivery.State.WAITING) & (refused | Q(last_error=""))
    unsent = Delivery.objects.emails().filter(state__in=(Delivery.State.WAITING, Delivery.State.SENDING))
    unsent = unsent.filter(due_at__lte=now)
    since = Case(When(is_scheduled, then=F("next_try_at")), default=F("due_at"))
    return unsent.annotate(since=since).filter(since__lte=now).order_by("since").values("since")[:1]


def checks() -> dict[str, bool]:
    """Return each requirement for sending reminders and whether it is met, with at most three queries."""
    return check()[0]


def check() -> tuple[dict[str, bool], LedgerState | None]:
    """Return the checks, and the state of the ledger if the database can be queried."""
    if not database_is_intact():
        return {"database": False, "migrations": False, "tick": False, "due": False}, None
    try:
        found = ledger_state()
        return {
            "database": True,
            "migrations": not unapplied_migrations(),
            "tick": found.is_planning,
            "due": found.is_sending,
        }, found
    except DatabaseError as error:
        logger.warning("Health: the database cannot be used (%s)", type(error).__name__)
        return {"database": database_responds(), "migrations": False, "tick": False, "due": False}, None


def database_is_intact() -> bool:
    """Return True if the SQLite file is readable and writable; its integrity is checked every five minutes."""
    if not is_sqlite():
        return True
    checked = cache.get("health:pages-read")
    trouble = sqlite_problem(thorough=checked is None)
    if trouble:
        logger.error("Health: %s", trouble)
    elif checked is None:
        cache.set("health:pages-read", 1, INTEGRITY_CHECKED_EVERY)
    return not trouble


def database_responds() -> bool:
    """Return True if the database answers a trivial query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def unapplied_migrations() -> set[tuple[str, str]]:
    """Return the migrations of this version that are not applied, as (app, name)."""
    return set(known_migrations()) - set(MigrationRecorder(connection).migration_qs.values_list("app", "name"))


@lru_cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return all migrations of this version, cached because they cannot change while it runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


# --- Alarms -------------------------------------------------------------------------------------------------


def stuck_since() -> datetime | None:
    """Return since when no reminders are sent, or None if all is well; cached for 30 seconds, two queries at most."""
    cached = cache.get("reminders:stuck-since")
    if cached is None:
        cached = (_stuck_since(),)
        cache.set("reminders:stuck-since", cached, CACHED_FOR)
    return cached[0]


def _stuck_since() -> datetime | None:
    found = ledger_state()
    if found.last_run_at is None:
        installation = Installation.current()
        started = installation.started_at if installation else found.now
        return started if found.now - started >= FIRST_TICK_WITHIN else None
    if not found.is_planning:
        return found.last_run_at
    return None if found.is_sending else found.overdue_since


def ping() -> None:
    """Ping HEALTH_PING_URL at most once a minute while all is well, so that a monitor can alert on silence."""
    if not settings.HEALTH_PING_URL or not all(checks().values()):
        return
    if not cache.add("reminders:pinged", 1, timeout=PING_EVERY):
        return
    try:
        # settings.py accepts only http and https
        with urllib.request.urlopen(settings.HEALTH_PING_URL, timeout=PING_TIMEOUT):  # nosec B310
            pass
    except (OSError, HTTPException, ValueError) as error:
        logger.warning("HEALTH_PING_URL cannot be reached: %s", type(error).__name__)
