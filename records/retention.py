"""What is kept how long (P22; docs/rules.md, retention): a pair's content a year after its end, and no longer.

Both hear of it sixty days before, whatever happened to the server in between: the day is fixed here, and the room that
sends says whom it has told.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from django.conf import settings
from django.contrib.sessions.models import Session as WebSession
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts import audit_guard
from accounts.models import AuditEvent, OutboxMail
from mentoring.models import ExitAnswer, Pair

WARNED = timedelta(days=60)
OUTBOX, SIGN_INS, AUDIT = timedelta(days=30), timedelta(days=90), timedelta(days=audit_guard.KEPT_DAYS)
MONTH = timedelta(days=365) / 12
AT_ONCE = 200  # pairs in one run: a night is long, and the next one goes on

# Facts about a pair, not its content: dates, states, counts and kinds. Whatever else belongs to a pair is deleted.
FACTS = {"mentoring.Pause", "mentoring.ExitAnswer", "dashboard.Flag", "records.HandedOver", "reminders.Reminder"}
SIGN_IN_EVENTS = (
    "password changed",
    "e-mail confirmed",
    "address changed",
    "signed in",
    "sign-in failed",
    "sign-in locked for a while",
)

# What else holds words about a pair: an app above adds a function of the pair when it starts.
ERASERS: list[Callable[[Pair], object]] = []


def content() -> list[tuple[type[Model], str]]:
    """The models whose rows belong to a pair and go with its content, each with the name of its way to the pair."""
    ways = Pair._meta.get_fields(include_hidden=True)
    found = [(w.related_model, w.field.name) for w in ways if w.auto_created and (w.one_to_many or w.one_to_one)]
    return [(model, name) for model, name in found if model._meta.label not in FACTS]


def keeping() -> timedelta:
    """How long content is kept after the end."""
    return settings.RETENTION_MONTHS * MONTH


def announce(today: date) -> int:
    """Fix the day of deletion where it comes near; the planner then tells both. How many pairs."""
    near = today + WARNED - keeping()
    ended_before = datetime.combine(near, time.max, UTC)
    rows = Pair.objects.filter(ended_at__lte=ended_before, kept_until=None, content_deleted_at=None)
    count = 0
    for pair in rows.select_related("program").order_by("pk")[:AT_ONCE]:
        kept_until = max(pair.ended_on + keeping(), today + WARNED)
        if Pair.objects.filter(pk=pair.pk, kept_until=None).update(kept_until=kept_until):
            pair.touch()
            count += 1
    return count


def over(today: date) -> QuerySet[Pair]:
    """Pairs whose content was kept until a day that has passed."""
    return Pair.objects.filter(ended_at__isnull=False, kept_until__lt=today, content_deleted_at=None)


def forget_content(today: date, told: Iterable[int]) -> int:
    """Delete the content of pairs whose day is over, of those in `told`, one pair at a time. How many."""
    count = 0
    for pk in list(islice(told, AT_ONCE)):
        with transaction.atomic():
            pair = over(today).select_for_update().filter(pk=pk).first()
            if pair is None:
                continue
            for model, way in content():
                model._base_manager.filter(**{way: pair}).delete()
            ExitAnswer.objects.filter(pair=pair).update(took="")
            for erase in ERASERS:
                erase(pair)
            Pair.objects.filter(pk=pk).update(content_deleted_at=timezone.now())
            AuditEvent.record(None, "content of a pair deleted", pair)
            count += 1
    return count


def forget_traces(now) -> None:
    """Mails of the demo's outbox, signs of signing in, the audit, and web sessions that ended."""
    OutboxMail.objects.filter(sent_at__lt=now - OUTBOX).delete()
    with audit_guard.unlocked():
        AuditEvent.objects.filter(at__lt=now - SIGN_INS, what__in=SIGN_IN_EVENTS).delete()
        AuditEvent.objects.filter(at__lt=now - AUDIT).delete()
    WebSession.objects.filter(expire_date__lt=now).delete()
