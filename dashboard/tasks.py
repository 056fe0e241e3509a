from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from dashboard.figures import count
from dashboard.flags import raise_flags
from dashboard.models import Digest
from mentoring.models import Pair, Program

A_YEAR = timedelta(days=365)
# Shorter than the time after which the broker hands a task to somebody else.
LONG = {"soft_time_limit": 540, "time_limit": 570}
LATELY = timedelta(minutes=25)  # twice the time between two looks, and a little


@shared_task
def look_after_pairs() -> None:
    """Pairs in which something happened lately."""
    raise_flags(Pair.objects.active().filter(touched_at__gt=timezone.now() - LATELY).order_by("pk"))


@shared_task(**LONG)
def look_after_all_pairs() -> None:
    """Once a night: rules that come true because time passes."""
    raise_flags(Pair.objects.active().order_by("pk").iterator(chunk_size=2000))


@shared_task
def prepare_digests() -> None:
    """Once a night, after all pairs were looked after: what Monday's mail to admins will say may have changed."""
    Digest.prepare(timezone.localdate())


@shared_task(**LONG)
def count_figures() -> None:
    """Once a night, for the page of each program."""
    for program in Program.objects.filter(ends_on__gte=timezone.localdate() - A_YEAR).order_by("pk"):
        count(program, program.today())
