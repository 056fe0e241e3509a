from django.core.management.base import BaseCommand, CommandError

from accounts.management.lookup import person_with
from operations.own_data import closing


class Command(BaseCommand):
    help = (
        "Close the account of a person: their pairs end, planned sessions are canceled, and they cannot sign in. "
        "Nothing is deleted; reopen_account opens it again."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--dry-run", action="store_true", help="only print what would happen")

    def handle(self, *args, email: str, dry_run: bool, **options):
        person = person_with(email)
        for program in closing.programs_without_other_admin(person):
            self.stdout.write(f"{program.name} will have no admin. Name one with make_admin.")
        if dry_run:
            self.stdout.write(f"{person.email} would be closed. {closing.running_pairs(person)} pairs would end.")
        elif not closing.close(person, None):
            raise CommandError(f"The account of {person.email} is already closed.")
        else:
            self.stdout.write(f"The account of {person.email} is closed.")
