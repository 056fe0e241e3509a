from celery import shared_task

from reminders import health, planner, sender


@shared_task
def tick() -> None:
    """Wake up: plan what changed, send what is due."""
    planner.plan()
    sender.send_due()
    health.ping()
