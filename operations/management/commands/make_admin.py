from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.management.lookup import person_with
from accounts.models import AuditEvent, User
from mentoring.models import Enrollment, Program
from operations.management.lookup import program_with


class Command(BaseCommand):
    help = "Make a person an admin of a program, for example if its only admin has left."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("program", help="the number of the program in its address, or its whole name")
        parser.add_argument("--dry-run", action="store_true", help="only print what would happen")

    def handle(self, *args, email: str, program: str, dry_run: bool, **options):
        person, row = person_with(email), program_with(program)
        if not person.is_active:
            raise CommandError(f"The account of {person.email} is closed. Open it with reopen_account first.")
        if Enrollment.objects.admins().filter(user=person, program=row).exists():
            raise CommandError(f"{person.email} is already an admin of {row.name}.")
        if not dry_run:
            self.make_admin(person, row)
        self.stdout.write(f"{person.email} {'would be' if dry_run else 'is'} an admin of {row.name}.")

    def make_admin(self, person: User, program: Program) -> None:
        now, role = timezone.now(), Enrollment.Role.ADMIN
        with transaction.atomic():
            facts = {"accepted_at": now, "left_at": None, "group_invited_at": None}
            new = facts | {"name": person.name, "invited_at": now}
            row, _is_new = Enrollment.objects.update_or_create(
                program=program, user=person, role=role, defaults=facts, create_defaults=new
            )
            AuditEvent.record(None, AuditEvent.Action.ADDED, row, detail=role)
