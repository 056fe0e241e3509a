import shutil
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.management.lookup import person_with
from accounts.models import AuditEvent
from operations.own_data import download


class Command(BaseCommand):
    help = (
        "Write the ZIP file that a person gets on the page Your data, for somebody who cannot sign in. It contains "
        "private text: give it only to that person."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("file", type=Path, nargs="?", help="the ZIP file to write; it must not exist")
        parser.add_argument(
            "--dry-run", action="store_true", help="print how many rows each part would have; write nothing"
        )

    def handle(self, *args, email: str, file: Path | None, dry_run: bool, **options):
        person = person_with(email)
        if dry_run:
            for name, n in download.counts(person).items():
                self.stdout.write(f"{name}\t{n:,}")
            self.stdout.write("Nothing was written. Leave out --dry-run to write the file.")
            return
        if file is None:
            raise CommandError("Name the ZIP file to write, or pass --dry-run.")
        try:
            target = file.open("xb")
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        with target:
            file.chmod(0o600)
            with download.as_zip(person) as source:
                shutil.copyfileobj(source, target)
        AuditEvent.record(None, AuditEvent.Action.OWN_DATA_EXPORTED, person)
        self.stdout.write(f"Everything that {person.email} wrote or may read is in {file}.")
