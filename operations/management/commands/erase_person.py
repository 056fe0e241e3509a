from django.core.management.base import BaseCommand, CommandError

from accounts.management.lookup import person_with
from operations.own_data import closing, erasure, erasure_policy


class Command(BaseCommand):
    help = (
        "Erase a person. Without --yes, print what would be deleted, and change nothing. What they shared in a pair "
        "stays for their partner, as written by a former member. It cannot be undone."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="erase the person now")

    def handle(self, *args, email: str, yes: bool, **options):
        person = person_with(email)
        for program in closing.programs_without_other_admin(person):
            self.stdout.write(f"{program.name} will have no admin. Name one with make_admin.")
        if not yes:
            for label, n in erasure_policy.rows_of(person):
                self.stdout.write(f"{label}\t{n:,}\t{erasure_policy.POLICY_OF[label].value}")
            self.stdout.write(f"Nothing was changed. Pass --yes to erase {person.email}.")
        elif erasure.erase(person):
            self.stdout.write(
                f"{email} is erased. Earlier backups still contain their data: delete them within 30 days."
            )
        else:
            raise CommandError("This person is already erased.")
