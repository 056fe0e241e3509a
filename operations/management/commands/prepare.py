"""Prepare a new version for its first request: apply migrations and collect static files."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from accounts.local_access import setup_link
from accounts.models import Installation

# While a migration waits for a table, everything else that needs the table waits behind it.
LOCK_TIMEOUT = "2s"
PAUSES = (1, 2, 4, 8, 15)  # seconds before each further try


class Command(BaseCommand):
    help = "Check the settings, and bring the database and the static files up to date."
    requires_system_checks = []  # handle() runs them, including the database checks

    def handle(self, *args, verbosity: int, **options) -> None:
        self.check(databases=["default"])
        with lock_timeout():
            self.migrate()
        if settings.STATIC_ROOT.is_relative_to(settings.DATA_DIR):
            call_command("collectstatic", interactive=False, verbosity=0)
        if verbosity and not Installation.current():
            self.stdout.write(f"Nobody has set up this installation yet. Begin here: {setup_link()}")

    def migrate(self) -> None:
        """Apply the migrations; try again when a table is in use. Those that were applied stay applied."""
        for pause in (*PAUSES, None):
            try:
                return call_command("migrate", interactive=False, verbosity=0)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                if pause is None:
                    raise CommandError(
                        "A table that the upgrade changes is in use for too long. Stop what uses the database, such as "
                        "a backup or a report, and run this again: it continues where it stopped."
                    ) from error
            self.stderr.write(f"A table that the upgrade changes is in use. Next try in {pause} s.")
            time.sleep(pause)


@contextmanager
def lock_timeout() -> Iterator[None]:
    """Let no statement wait longer than two seconds for a lock, so that the pages in use do not stand still."""
    if connection.vendor != "postgresql" or connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        yield  # SQLite has one lock for everything and its own timeout; a pooler would pass the setting on to others
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
