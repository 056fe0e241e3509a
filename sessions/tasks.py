from celery import shared_task

from sessions import busy_times


@shared_task
def read_calendars() -> None:
    """Read when people are busy from the calendars that are due."""
    busy_times.read_due()
