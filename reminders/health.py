"""Whether reminders go out (docs/rules.md, health): what /healthz answers, what the doctor and the banner read.

The database tells: the planner's watermark moves at every tick, and what is due and unsent lies in the ledger.
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
from core.checks import is_sqlite, sqlite_trouble
from reminders.models import Delivery, Reminder, Watermark

TICK_WITHIN = timedelta(seconds=90)
SENT_WITHIN = timedelta(seconds=180)
FIRST_TICK_WITHIN = timedelta(seconds=180)  # a fresh installation tells nobody before that
SET_BACK_SHOWN = timedelta(days=7)
REMEMBERED = 30  # seconds that the banner goes by an earlier look
PING_EVERY = 55  # seconds: once a tick, and a tick may come a little early
PING_PATIENCE = 5
PAGES_READ_EVERY = 300

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pulse:
    """What the ledger says at this moment: the last tick, and the moment since which something should be sent."""

    now: datetime
    ticked_at: datetime | None
    unsent_since: datetime | None
    set_back_at: datetime | None = None  # the clock of this machine, in the last week
    set_back_by: timedelta | None = None

    @property
    def ticks(self) -> bool:
        """A tick from the future is none: a clock was set back, and nothing would be planned until then."""
        return self.ticked_at is not None and abs(self.now - self.ticked_at) < TICK_WITHIN

    @property
    def sends(self) -> bool:
        """Where no mail can leave, messages wait as they should."""
        late = self.unsent_since is not None and self.now - self.unsent_since >= SENT_WITHIN
        return not late or not Installation.mail_arrives()


def pulse() -> Pulse:
    """One query."""
    now = timezone.now()
    unsent = {"reminder": Subquery(_unpacked(now)), "message": Subquery(_unsent(now))}
    columns = ("ticked_at", "set_back_at", "set_back_by", *unsent)
    row = Watermark.objects.filter(pk=1).annotate(**unsent).values(*columns).first() or {}
    waiting = [row[name] for name in unsent if row.get(name)]
    found = Pulse(now, row.get("ticked_at"), min(waiting, default=None))
    if row.get("set_back_at") and row["set_back_at"] > now - SET_BACK_SHOWN:
        found = replace(found, set_back_at=row["set_back_at"], set_back_by=row["set_back_by"])
    return found


def _unpacked(now: datetime) -> QuerySet:
    """Since when the longest due reminder should be in a message: from its time, or from its turn if that is later."""
    due = Reminder.objects.filter(state=Reminder.State.PLANNED, delivery=None, due_at__lte=now)
    due = due.filter(Q(expires_at=None) | Q(expires_at__gt=now)).annotate(since=Coalesce("waits_until", "due_at"))
    return due.filter(since__lte=now).order_by("since").values("since")[:1]


def _unsent(now: datetime) -> QuerySet:
    """Since when the longest due message should be out.

    A message that the server itself refuses for now is not late before its next try: one full mailbox is no outage.
    Nor is one that waits for a window, without an error.
    """
    refused = Q(last_error__startswith="SMTPRecipientsRefused") | Q(last_error__startswith="SMTPDataError")
    its_turn_comes = Q(state=Delivery.State.WAITING) & (refused | Q(last_error=""))
    unsent = Delivery.objects.filter(state__in=(Delivery.State.WAITING, Delivery.State.SENDING), due_at__lte=now)
    since = Case(When(its_turn_comes, then=F("next_try_at")), default=F("due_at"))
    return unsent.annotate(since=since).filter(since__lte=now).order_by("since").values("since")[:1]


def parts() -> dict[str, bool]:
    """What has to be right for reminders to go out, by name. At most three queries."""
    return look()[0]


def look() -> tuple[dict[str, bool], Pulse | None]:
    """The same, with what the ledger says where the database can be asked."""
    if not intact():
        return {"database": False, "migrations": False, "tick": False, "due": False}, None
    try:
        found = pulse()
        return {
            "database": True,
            "migrations": not unapplied(),
            "tick": found.ticks,
            "due": found.sends,
        }, found
    except DatabaseError as error:
        logger.warning("Health: the database cannot be used (%s)", type(error).__name__)
        return {"database": answers(), "migrations": False, "tick": False, "due": False}, None


def intact() -> bool:
    """Whether a SQLite file can be read and written; that its pages are whole is looked at every five minutes."""
    if not is_sqlite():
        return True
    looked = cache.get("health:pages-read")
    trouble = sqlite_trouble(thorough=looked is None)
    if trouble:
        logger.error("Health: %s", trouble)
    elif looked is None:
        cache.set("health:pages-read", 1, PAGES_READ_EVERY)
    return not trouble


def answers() -> bool:
    """Whether the database can be asked at all."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def unapplied() -> set[tuple[str, str]]:
    """Migrations of this version that the database has not seen, as (room, name)."""
    return set(shipped()) - set(MigrationRecorder(connection).migration_qs.values_list("app", "name"))


@lru_cache
def shipped() -> frozenset[tuple[str, str]]:
    """The migrations that this version brings; they do not change while it runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


# --- Who is told --------------------------------------------------------------------------------------------


def stuck_since() -> datetime | None:
    """Since when no reminder goes out, if so; looked up every 30 seconds, with two queries at most."""
    remembered = cache.get("reminders:stuck-since")
    if remembered is None:
        remembered = (_stuck_since(),)
        cache.set("reminders:stuck-since", remembered, REMEMBERED)
    return remembered[0]


def _stuck_since() -> datetime | None:
    found = pulse()
    if found.ticked_at is None:
        installation = Installation.current()
        started = installation.started_at if installation else found.now
        return started if found.now - started >= FIRST_TICK_WITHIN else None
    if not found.ticks:
        return found.ticked_at
    return None if found.sends else found.unsent_since


def ping() -> None:
    """Tell HEALTH_PING_URL that all is well, at most once a minute. Whoever listens there notices silence."""
    if not settings.HEALTH_PING_URL or not all(parts().values()):
        return
    if not cache.add("reminders:pinged", 1, timeout=PING_EVERY):
        return
    try:
        # settings.py accepts http and https alone
        with urllib.request.urlopen(settings.HEALTH_PING_URL, timeout=PING_PATIENCE):  # nosec B310
            pass
    except (OSError, HTTPException, ValueError) as error:
        logger.warning("HEALTH_PING_URL cannot be told: %s", type(error).__name__)
