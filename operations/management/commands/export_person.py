import shutil
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import AuditEvent
from operations.own_data import download
from operations.own_data.lookup import person_with


class Command(BaseCommand):
    help = (
        "Write the ZIP file that a person gets on the page Your data, for somebody who cannot sign in. It contains "
        "private text: give it only to that person."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("file", type=Path, help="the ZIP file to write; it must not exist")

    def handle(self, *args, email: str, file: Path, **options):
        person = person_with(email)
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
