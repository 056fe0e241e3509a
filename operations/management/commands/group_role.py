from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Q

from accounts.models import ProvisionedGroup
from core.http import whole_number
from mentoring import directory_groups
from mentoring.models import Enrollment, GroupRole
from operations.management.lookup import program_with


class Command(BaseCommand):
    help = (
        "Invite the members of a group of the directory to a program, now and when the directory adds some. Who leaves "
        "the group leaves the program. Without arguments: print the groups. See docs/sign-in.md."
    )

    def add_arguments(self, parser):
        parser.add_argument("group", nargs="?", help="its name, its external id, or its number here")
        parser.add_argument("program", nargs="?", help="the number of the program in its address, or its whole name")
        parser.add_argument("role", nargs="?", choices=Enrollment.Role.values)
        parser.add_argument("--stop", action="store_true", help="invite and remove nobody any more; who is in stays")
        parser.add_argument("--dry-run", action="store_true", help="only print what would happen")

    def handle(self, *args, group: str | None, program: str | None, role: str | None, stop, dry_run, **options):
        if not group:
            return self.print_groups()
        if not program or not role:
            raise CommandError("Name the group, the program and the role: mentor, mentee or admin.")
        facts = {"group": self.group_with(group), "program": program_with(program), "role": role}
        row = GroupRole.objects.filter(**facts).first()
        if stop:
            return self.stop(row, dry_run)
        if row:
            raise CommandError(f"Members of {row.group} are already invited to {row.program} as {role}.")
        return self.start(GroupRole(**facts), dry_run)

    def print_groups(self) -> None:
        groups = ProvisionedGroup.objects.annotate(size=Count("memberships")).prefetch_related("roles__program")
        for group in groups.order_by("display_name", "pk"):
            roles = "; ".join(f"{row.role} in {row.program}" for row in group.roles.all()) or "invited to no program"
            self.stdout.write(f"{group.pk}\t{group}\t{group.size} members\t{roles}")
        if not groups:
            self.stdout.write("The directory has sent no groups.")

    def group_with(self, text: str) -> ProvisionedGroup:
        named = ProvisionedGroup.objects.filter(Q(display_name__iexact=text) | Q(external_id=text))
        found = named or ProvisionedGroup.objects.filter(pk=whole_number(text))
        if len(found) != 1:
            raise CommandError(f"{len(found)} groups match {text!r}. Without arguments, this command prints them.")
        return found[0]

    def start(self, row: GroupRole, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write(f"{row.group.memberships.count()} members would be invited to {row.program}.")
            return
        result = directory_groups.start(row)
        self.stdout.write(
            f"Invited to {row.program} as {row.role}: {len(result.enrollments)}. Already in it: {len(result.already)}."
        )

    def stop(self, row: GroupRole | None, dry_run: bool) -> None:
        if row is None:
            raise CommandError("The group does not invite to this program in this role.")
        text = f"{row.group} {'would no longer change' if dry_run else 'no longer changes'} who is in {row.program}."
        if not dry_run:
            directory_groups.stop(row)
        self.stdout.write(text)
