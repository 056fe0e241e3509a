"""Groups of the directory that invite their members to programs, and end their roles (docs/sign-in.md, groups).

Only a change in the directory does anything: who left a program, or was removed, is not invited again as long as they
stay in the group. A role that somebody gave or renewed here is not ended.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from accounts.models import AuditEvent, GroupMembership, ProvisionedGroup, User
from mentoring import invitations
from mentoring.invitations import Invited
from mentoring.models import Enrollment, GroupRole


def start(role: GroupRole) -> Invited:
    """Invite the members of the group from now on; those of today at once."""
    with transaction.atomic():
        ProvisionedGroup.objects.select_for_update().get(pk=role.group_id)
        role.save()
        AuditEvent.record(None, AuditEvent.Action.GROUP_ROLE_STARTED, role.program, detail=role.role)
        return invite(role, User.objects.filter(group_memberships__group=role.group_id).order_by("pk"))


def stop(role: GroupRole) -> None:
    """Let the program alone decide from now on: the roles that the group gave stay."""
    with transaction.atomic():
        ProvisionedGroup.objects.select_for_update().get(pk=role.group_id)
        role.delete()
        AuditEvent.record(None, AuditEvent.Action.GROUP_ROLE_STOPPED, role.program, detail=role.role)
        rows = role.program.enrollments.held_by_groups().filter(role=role.role)
        rows.exclude(user__in=role.members().values("user")).update(group_invited_at=None)


def add_members(group: ProvisionedGroup, people: Iterable[User]) -> None:
    """Add people who are not members yet, and invite them; the caller has locked the group."""
    people = list(people)
    GroupMembership.objects.bulk_create((GroupMembership(group=group, user=person) for person in people), 500)
    for role in group.roles.select_related("program").order_by("program", "role"):
        invite(role, people)


def remove_members(group: ProvisionedGroup, keys: Iterable[int]) -> None:
    """Remove people by their keys, and end what the group gave them; the caller has locked the group."""
    group.memberships.filter(user__in=list(keys)).delete()
    for role in group.roles.select_related("program").order_by("program", "role"):
        end_roles(role)


def invite(role: GroupRole, people: Iterable[User]) -> Invited:
    with transaction.atomic():
        role.program.lock()
        wanted = [(_name_to_show(person), person.email) for person in people]
        result = invitations.invite(None, role.program, role.role, wanted)
        rows = Enrollment.objects.filter(pk__in=[row.pk for row in result.enrollments])
        rows.update(group_invited_at=F("invited_at"))
    return result


def _name_to_show(person: User) -> str:
    """Return the name from the directory; a program sees that of an account only once they accept."""
    has_account = person.last_login or person.has_usable_password() or person.enrollments.exists()
    return "" if has_account else person.name


def end_roles(role: GroupRole) -> None:
    """End the roles of people who are in none of their groups any more: those with a running pair once it has ended."""
    with transaction.atomic():
        role.program.lock()
        rows = role.program.enrollments.held_by_groups().filter(role=role.role)
        for row in rows.exclude(user__in=role.members().values("user")).select_related("user").order_by("pk"):
            row.leave(None)
