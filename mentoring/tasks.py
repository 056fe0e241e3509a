from celery import shared_task

from mentoring import importing
from mentoring.models import ImportRun


@shared_task
def import_people() -> None:
    """Files of people that wait to be brought in."""
    for run in ImportRun.objects.waiting().order_by("pk")[:3]:
        importing.carry_out(run)
