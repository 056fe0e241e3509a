"""Storing an uploaded file of people, and reading it again with other choices."""

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from mentoring.importing import columns, table_reader
from mentoring.models import ImportRun, Program

READ_FIELDS = ["table", "total", "columns", "role_choices", "state", "progress_at"]  # written when a file is read


def create_run(program: Program, by, name: str, content: bytes, role: str) -> ImportRun:
    """Store a file with its table; a large one is left for a worker. Raises table_reader.Unreadable."""
    run = ImportRun(program=program, created_by=by, file_name=name[:200], content=content, role=role)
    try:
        if table_reader.is_heavy(content):
            run.state = ImportRun.State.UNREAD
        else:
            set_table(run, table_reader.read(content, columns.field_of, seconds=table_reader.LIGHT_SECONDS))
    except table_reader.TooSlow:
        run.state = ImportRun.State.UNREAD
    run.save()
    return run


def set_table(run: ImportRun, table: table_reader.Table) -> None:
    """Set the table of the run, and guess its columns."""
    run.table, run.total = table.as_data(), len(table.rows)
    run.columns = columns.guess(table.headings, [row.cells for row in table.rows])
    run.role_choices = {}
    run.state, run.progress_at = ImportRun.State.READY, timezone.now()


def reread(run: ImportRun, choices: table_reader.ReadChoices) -> None:
    """Read the file with other choices; a large one is left for a worker. Raises table_reader.Unreadable."""
    content = bytes(run.content)
    run.read_choices = asdict(choices)
    try:
        if table_reader.is_heavy(content):
            run.state = ImportRun.State.UNREAD
        else:
            set_table(run, table_reader.read(content, columns.field_of, choices, table_reader.LIGHT_SECONDS))
    except table_reader.TooSlow:
        run.state = ImportRun.State.UNREAD
    with transaction.atomic():
        if ImportRun.objects.select_for_update().filter(pk=run.pk, state__in=ImportRun.OPEN).exists():
            run.save(update_fields=["read_choices", *READ_FIELDS])


def read_in_worker(run: ImportRun) -> None:
    """Read a large file, with more time than a web request has; an error is shown on the page of the run."""
    if not run.claim_reading():
        return
    try:
        choices = table_reader.ReadChoices(**run.read_choices)
        set_table(run, table_reader.read(bytes(run.content), columns.field_of, choices))
    except table_reader.Unreadable as error:
        run.state, run.result, run.content, run.table = ImportRun.State.UNUSABLE, {"error": str(error)}, b"", {}
    run.save(update_fields=[*READ_FIELDS, "result", "content"])
