from celery import shared_task
from django.utils import timezone

from practice.models import Opportunity
from records import retention
from reminders import chat, health, planner, sender
from reminders.retention_notices import pairs_to_delete

# Shorter than the broker's visibility timeout, after which another worker would get the task.
LONG = {"soft_time_limit": 540, "time_limit": 570}


@shared_task
def plan_and_send() -> None:
    """Plan what changed, send what is due, and ping the monitor."""
    planner.plan()
    sender.send_due()
    health.ping()


@shared_task
def plan_waiting() -> None:
    """Plan pairs that are waiting, so that an idle worker shares the work of the one that has just queued them."""
    planner.plan_waiting(seconds=15)


@shared_task
def send_waiting() -> None:
    """Send messages that are waiting, so that an idle worker shares the work of the one that has just packed them."""
    sender.send_waiting(seconds=15)


@shared_task
def send_chat_messages() -> None:
    """Repeat reminder emails in the chats of those who want that."""
    chat.plan()
    chat.send_due()


@shared_task(**LONG)
def delete_expired_data() -> None:
    """Delete content and logs whose retention has ended, and schedule further deletions; runs every night."""
    today = timezone.localdate()
    retention.schedule_deletions(today)
    retention.schedule_purges(today)
    retention.delete_content(today, pairs_to_delete(today))
    Opportunity.note_orphans()
    retention.delete_old_program_texts(timezone.now())
    retention.delete_old_logs(timezone.now())
