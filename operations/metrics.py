"""Metrics in the text format of Prometheus: numbers about the installation, never names or content."""

from collections.abc import Iterator

import redis
from django.db.models import Count
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from accounts.models import Bounce, User
from config.version import VERSION
from mentoring.models import Pair
from operations import queue
from reminders import health
from reminders.models import Delivery, Reminder

CONTENT_TYPE = CONTENT_TYPE_LATEST
PREFIX = "throughline_"


def text() -> bytes:
    """Return all metrics, read from the database and the broker just now."""
    registry = CollectorRegistry()
    registry.register(Collector())
    return generate_latest(registry)


class Collector:
    """Collects the metrics of this installation with a fixed number of queries."""

    def collect(self) -> Iterator[Metric]:
        yield _labeled("version_info", "The running version.", "version", {VERSION: 1})
        yield from self.reminders()
        yield from self.people_and_pairs()

    def reminders(self) -> Iterator[Metric]:
        found, now = health.ledger_state(), timezone.now()
        age = (now - found.last_run_at).total_seconds() if found.last_run_at else float("nan")
        yield _gauge("tick_age_seconds", "Seconds since the planner last ran.", age)
        overdue = (now - found.overdue_since).total_seconds() if found.overdue_since else 0
        yield _gauge("overdue_seconds", "Seconds for which the oldest unsent reminder or message is overdue.", overdue)
        due = Reminder.objects.filter(state=Reminder.State.PLANNED, delivery=None, due_at__lte=now)
        yield _gauge("reminders_due", "Reminders that are due and not yet in an email.", due.count())
        states = Delivery.objects.emails().values_list("state").annotate(n=Count("pk"))
        counts = dict.fromkeys(Delivery.State.values, 0) | dict(states)
        yield _labeled("emails", "Emails in the database, by state.", "state", counts)
        bounces = CounterMetricFamily(PREFIX + "bounces", "Bounced emails since the installation began.")
        bounces.add_metric([], Bounce.objects.count())
        yield bounces
        try:
            waiting = queue.length()
        except (redis.RedisError, OSError):
            waiting = float("nan")
        yield _gauge("queue_length", "Tasks that wait for a worker; NaN if the broker does not answer.", waiting)

    def people_and_pairs(self) -> Iterator[Metric]:
        yield _gauge("people", "Accounts that are not closed.", User.objects.filter(is_active=True).count())
        today = timezone.localdate()
        running = Pair.objects.active()
        paused = running.filter(pauses__from_on__lte=today, pauses__resume_on__gt=today).distinct().count()
        ended = Pair.objects.exclude(ended_at=None).count()
        counts = {"running": running.count() - paused, "paused": paused, "ended": ended}
        yield _labeled("pairs", "Pairs, by state.", "state", counts)


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, documentation, value=value)


def _labeled(name: str, documentation: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, documentation, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
