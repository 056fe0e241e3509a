from celery import shared_task
from django.utils import timezone

from records import retention
from reminders import health, planner, sender
from reminders.retention_notices import forewarned

# Shorter than the time after which the broker hands a task to somebody else.
LONG = {"soft_time_limit": 540, "time_limit": 570}


@shared_task
def tick() -> None:
    """Wake up: plan what changed, send what is due."""
    planner.plan()
    sender.send_due()
    health.ping()


@shared_task(**LONG)
def forget_what_is_old() -> None:
    """Once a night: what is kept long enough goes, and both of a pair are told sixty days before."""
    today = timezone.localdate()
    retention.schedule_deletions(today)
    retention.delete_content(today, forewarned(today))
    retention.delete_old_logs(timezone.now())
