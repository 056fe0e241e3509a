from django.core.management.base import BaseCommand, CommandError

from accounts.management.lookup import person_with
from operations.own_data import closing


class Command(BaseCommand):
    help = "Open a closed account again. Ended pairs stay ended: an admin can start a new one."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--dry-run", action="store_true", help="only print what would happen")

    def handle(self, *args, email: str, dry_run: bool, **options):
        person = person_with(email)
        if person.is_active or person.erased_at:
            raise CommandError(f"The account of {person.email} is not closed.")
        if dry_run:
            self.stdout.write(f"The account of {person.email} would be opened.")
        elif closing.reopen(person):
            self.stdout.write(f"The account of {person.email} is open. They sign in as before.")
