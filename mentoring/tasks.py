from celery import shared_task
from django.utils import timezone

from mentoring import directory_groups, importing
from mentoring.models import GroupRole, ImportRun, MatchRequest, Program, StartRun

# Shorter than the time after which the broker gives a task to another worker.
LONG = {"soft_time_limit": 540, "time_limit": 570}


@shared_task(**LONG)
def import_people() -> None:
    """Read large files, import people, and delete files that were not imported within a month."""
    ImportRun.objects.forgotten().delete()
    for run in ImportRun.objects.unread().order_by("pk")[:3]:
        importing.read_in_worker(run)
    for run in ImportRun.objects.waiting().order_by("pk")[:3]:
        importing.import_people(run)


@shared_task(**LONG)
def start_pairs() -> None:
    """Start the pairs that admins chose."""
    StartRun.objects.forgotten().delete()
    for run in StartRun.objects.unfinished().select_related("program", "created_by").order_by("pk"):
        run.carry_out()


@shared_task
def ask_next_mentors() -> None:
    """Ask the next choice where a mentor did not answer in time, closed the account or has no place left."""
    waiting = MatchRequest.objects.waiting()
    for program in Program.objects.filter(pk__in=waiting.values("program")):
        MatchRequest.settle(program)
    for request in waiting.filter(answer_due_at__lt=timezone.now()).select_related("program", "mentee"):
        request.reply(MatchRequest.Answer.LATE)


@shared_task
def end_roles_of_groups() -> None:
    """End the role of people who left a group of the directory while they were in a pair, once it has ended."""
    for role in GroupRole.objects.select_related("program"):
        directory_groups.end_roles(role)
