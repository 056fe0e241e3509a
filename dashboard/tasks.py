from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from dashboard.figures import take_snapshot
from dashboard.flags import raise_flags
from dashboard.library import publish_usefulness
from dashboard.models import Digest
from mentoring.models import Pair, Program

A_YEAR = timedelta(days=365)
# Shorter than the time after which the broker gives a task to another worker.
LONG = {"soft_time_limit": 540, "time_limit": 570}
LATELY = timedelta(minutes=25)  # a little more than twice the interval of the task


@shared_task
def update_flags() -> None:
    """Update the flags of pairs in which something happened recently."""
    raise_flags(Pair.objects.active().filter(touched_at__gt=timezone.now() - LATELY).order_by("pk"))


@shared_task(**LONG)
def update_all_flags() -> None:
    """Update the flags of all pairs once a night, as some rules depend on time alone."""
    raise_flags(Pair.objects.active().order_by("pk").iterator(chunk_size=2000))


@shared_task
def prepare_digests() -> None:
    """Prepare the weekly emails to admins once a night, after all flags are updated."""
    Digest.prepare(timezone.localdate())


@shared_task(**LONG)
def count_figures() -> None:
    """Count the figures of each program once a night."""
    for program in Program.objects.filter(ends_on__gte=timezone.localdate() - A_YEAR).order_by("pk"):
        take_snapshot(program, program.today())
        publish_usefulness(program)
