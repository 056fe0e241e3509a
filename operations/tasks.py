from celery import shared_task
from django.utils import timezone

from operations.own_data import closing, erasure, retention

LONG = {"soft_time_limit": 540, "time_limit": 570}


@shared_task(**LONG)
def erase_people() -> None:
    """Erase the people who asked for it twelve hours ago; an interrupted run is continued by the next one.

    Who has become the only admin of a program meanwhile is not erased until there is another one.
    """
    for person in erasure.due(timezone.now()):
        if not closing.hold_erasure(person):
            erasure.erase(person)


@shared_task(**LONG)
def delete_expired_people() -> None:
    """Delete what belongs to people and has passed its period; runs every night."""
    retention.delete_expired(timezone.now())
