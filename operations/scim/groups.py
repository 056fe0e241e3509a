"""Groups as a directory sees and changes them: a name and its members, who may be invited to programs by that."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.models import AuditEvent, GroupMembership, ProvisionedGroup
from core.http import whole_number
from mentoring import directory_groups
from operations.scim import people
from operations.scim.schema import GROUP, url
from operations.scim.syntax import OF_MEMBERS, Operation, ScimError, comparisons, operations_in, text_of

FILTERS = ["displayName", "externalId", "id", "members", "members.value"]
MOST_MEMBERS = 5000


@dataclass
class Changes:
    """What a request makes of a group: its values afterwards, and the keys of its members."""

    name: str
    external_id: str
    members: set[int]


def all_groups() -> QuerySet[ProvisionedGroup]:
    there = GroupMembership.objects.filter(user__in=people.people()).order_by("user")
    return ProvisionedGroup.objects.prefetch_related(Prefetch("memberships", there))


def group_with_id(text: str) -> ProvisionedGroup:
    if group := all_groups().filter(pk=whole_number(text)).first():
        return group
    raise ScimError(404, "There is no such group.")


def filtered(text: str) -> QuerySet[ProvisionedGroup]:
    found = all_groups()
    for attribute, value in comparisons(text, FILTERS):
        found = found.filter(_condition(attribute, value))
    return found


def _condition(attribute: str, value: str) -> Q:
    if attribute == "id":
        return Q(pk=whole_number(value))
    if attribute == "externalid":
        return Q(external_id=value)
    if attribute == "displayname":
        return Q(display_name__iexact=value)
    return Q(pk__in=GroupMembership.objects.filter(user=whole_number(value)).values("group"))


def as_resource(group: ProvisionedGroup) -> dict:
    members = [
        {"value": str(row.user_id), "$ref": url(f"Users/{row.user_id}"), "type": "User"}
        for row in group.memberships.all()
    ]
    resource = {
        "schemas": [GROUP],
        "id": str(group.pk),
        "externalId": group.external_id,
        "displayName": group.display_name,
        "members": members,
        "meta": {
            "resourceType": "Group",
            "created": group.created_at.isoformat(),
            "lastModified": group.updated_at.isoformat(),
            "location": url(f"Groups/{group.pk}"),
        },
    }
    return {name: value for name, value in resource.items() if value not in ("", [])}


# --- What a request asks for --------------------------------------------------------------------------------


def changes_in(resource: dict) -> Changes:
    """Read a whole resource, as POST and PUT send it; without `members`, the group is empty."""
    name = text_of(resource, "displayName")
    if not name:
        raise ScimError(400, "displayName is required.", "invalidValue")
    return Changes(name, text_of(resource, "externalId") or "", members_in(resource.get("members") or []))


def patched(group: ProvisionedGroup, operations: list[Operation]) -> Changes:
    """Return what the operations make of the group, one after the other."""
    members = set(group.memberships.values_list("user", flat=True))
    wanted = Changes(group.display_name, group.external_id, members)
    for operation in operations:
        if operation.path.startswith("members"):
            _patch_members(wanted, operation)
        else:
            _patch_text(wanted, operation)
    return wanted


def _patch_text(wanted: Changes, operation: Operation) -> None:
    """Set the name or the external id; other attributes are ignored."""
    value = None if operation.verb == "remove" else operation.value
    text = text_of({operation.path: value}, operation.path) or ""
    if operation.path == "displayname":
        if not text:
            raise ScimError(400, "displayName cannot be removed.", "mutability")
        wanted.name = text
    elif operation.path == "externalid":
        wanted.external_id = text


def _patch_members(wanted: Changes, operation: Operation) -> None:
    if one := OF_MEMBERS.fullmatch(operation.path):
        if operation.verb != "remove":
            raise ScimError(400, "A member can be removed, and not be changed.", "mutability")
        wanted.members.discard(whole_number(one[1]))
    elif operation.path != "members":
        raise ScimError(400, 'Members have the path members or members[value eq "id"].', "invalidPath")
    elif operation.verb == "add":
        wanted.members |= members_in(operation.value)
    elif operation.verb == "replace":
        wanted.members = members_in(operation.value or [])
    elif operation.value is None:
        wanted.members = set()
    else:  # as Microsoft Entra ID removes members
        wanted.members -= keys_in(operation.value)


def members_in(value: object) -> set[int]:
    """Return the keys of the people in a list of members; each of them must exist."""
    keys = keys_in(value)
    if missing := keys - set(people.people().filter(pk__in=keys).values_list("pk", flat=True)):
        raise ScimError(400, f"members has nobody with the id {min(missing)}: add the person first.", "invalidValue")
    return keys


def keys_in(value: object) -> set[int]:
    rows = value if isinstance(value, list) else [value]
    if len(rows) > MOST_MEMBERS:
        raise ScimError(413, f"A request has at most {MOST_MEMBERS} members.")
    return {_key(row) for row in rows}


def _key(row: object) -> int:
    if not isinstance(row, dict) or not isinstance(row.get("value"), str):
        raise ScimError(400, "Each of members must be an object whose value is the id of a person.", "invalidValue")
    if str(row.get("type") or "User").lower() != "user":
        raise ScimError(400, "Groups within groups are not supported: members must be people.", "invalidValue")
    if not (key := whole_number(row["value"])):
        raise ScimError(400, f"members has nobody with the id {row['value'][:40]!r}.", "invalidValue")
    return key


# --- Changing -----------------------------------------------------------------------------------------------


def create(wanted: Changes) -> ProvisionedGroup:
    with transaction.atomic():
        group = ProvisionedGroup.objects.create(display_name=wanted.name, external_id=wanted.external_id)
        AuditEvent.record(None, AuditEvent.Action.ADDED_BY_DIRECTORY, group)
        directory_groups.add_members(group, people.people().filter(pk__in=wanted.members))
    return all_groups().get(pk=group.pk)


def replace(group: ProvisionedGroup, wanted: Changes) -> ProvisionedGroup:
    with transaction.atomic():
        _change(_locked(group), wanted)
    return all_groups().get(pk=group.pk)


def patch(group: ProvisionedGroup, body: dict) -> ProvisionedGroup:
    operations = operations_in(body, GROUP)
    with transaction.atomic():
        row = _locked(group)
        _change(row, patched(row, operations))
    return all_groups().get(pk=group.pk)


def delete(group: ProvisionedGroup) -> None:
    """Remove the group with its members, which ends the roles that it gave."""
    with transaction.atomic():
        row = _locked(group)
        directory_groups.remove_members(row, row.memberships.values_list("user", flat=True))
        AuditEvent.record(None, AuditEvent.Action.REMOVED_BY_DIRECTORY, row)
        row.delete()


def _locked(group: ProvisionedGroup) -> ProvisionedGroup:
    """Let two requests change the members one after the other; PostgreSQL needs the lock."""
    if row := ProvisionedGroup.objects.select_for_update().filter(pk=group.pk).first():
        return row
    raise ScimError(404, "There is no such group.")


def _change(group: ProvisionedGroup, wanted: Changes) -> None:
    """Bring the group to what is wanted; what is so already changes nothing."""
    before = set(group.memberships.values_list("user", flat=True))
    if (group.display_name, group.external_id, before) == (wanted.name, wanted.external_id, wanted.members):
        return
    group.display_name, group.external_id, group.updated_at = wanted.name, wanted.external_id, timezone.now()
    group.save()
    AuditEvent.record(None, AuditEvent.Action.CHANGED_BY_DIRECTORY, group)
    if gone := before - wanted.members:
        directory_groups.remove_members(group, gone)
    directory_groups.add_members(group, people.people().filter(pk__in=wanted.members - before).order_by("pk"))
