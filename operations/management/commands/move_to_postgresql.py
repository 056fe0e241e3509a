"""Move an installation from SQLite to PostgreSQL."""

import sys
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from config import env
from core.checks import is_sqlite
from operations import move
from operations.management.commands.serve import data_folder_lock


class Command(BaseCommand):
    help = (
        "Copy the SQLite database to an empty PostgreSQL database, after stopping Throughline, and compare both. "
        "The SQLite file is not changed, and the PostgreSQL database stays empty if anything fails."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "url", help="postgresql://name:password@host:5432/database, or - to read it from the standard input"
        )

    def handle(self, *args, url: str, **options):
        if not is_sqlite():
            raise CommandError(
                "This installation uses PostgreSQL already: remove DATABASE_URL to move the SQLite file."
            )
        url = sys.stdin.readline().strip() if url == "-" else url
        try:
            target = env.postgresql("The address", url)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        started = time.monotonic()
        try:
            with data_folder_lock():
                moved = move.move(settings.DATABASES["default"]["NAME"], target)
        except move.MoveError as error:
            raise CommandError(f"{error} Nothing was changed.") from None
        self.stdout.write(
            f"Copied {moved.rows:,} rows in {moved.tables} tables within {time.monotonic() - started:.0f} s. "
            "Number and checksum of the rows are the same in both databases."
        )
        self.stdout.write(
            f"Now set DATABASE_URL={without_password(url)} (with its password), and start Throughline. Keep the keys "
            "as they are. The SQLite file is unchanged and no longer used: delete it once you have a backup."
        )


def without_password(url: str) -> str:
    parts = urlsplit(url)
    name = f"{parts.username}:…@" if parts.password else f"{parts.username}@" if parts.username else ""
    return parts._replace(netloc=name + parts.netloc.rpartition("@")[2], query="").geturl()
