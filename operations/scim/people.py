"""People as a directory sees and changes them: name, address, and whether the account is open. No content."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import AuditEvent, GroupMembership, ProvisionedGroup, ProvisionedPerson, User
from core.addresses import one_line, parse_address
from core.http import whole_number
from mentoring import directory_groups
from operations.own_data import closing
from operations.scim.schema import USER, url
from operations.scim.syntax import ScimError, comparisons, operations_in, text_of

LONGEST_NAME = 200
FILTERS = ["userName", "externalId", "emails.value", "id"]


@dataclass
class Changes:
    """What a request sets; None leaves a value as it is."""

    user_name: str | None = None
    external_id: str | None = None
    name: str | None = None
    active: bool | None = None
    email: str | None = None


# --- Reading ------------------------------------------------------------------------------------------------


def people() -> QuerySet[User]:
    """Everyone with an account that is not erased, also those whom the directory has not named yet."""
    return User.objects.filter(erased_at=None, provisioned__deleted_at=None).select_related("provisioned")


def person_with_id(text: str) -> User:
    if person := people().filter(pk=whole_number(text)).first():
        return person
    raise ScimError(404, "There is no such person.")


def filtered(text: str) -> QuerySet[User]:
    """Return the people for a filter."""
    found = people()
    for attribute, value in comparisons(text, FILTERS):
        found = found.filter(_condition(attribute, value))
    return found


def _condition(attribute: str, value: str) -> Q:
    if attribute == "id":
        return Q(pk=whole_number(value))
    if attribute == "externalid":
        return Q(provisioned__external_id=value)
    if attribute == "emails.value":
        return Q(email=value.lower())
    named = ProvisionedPerson.objects.alias(folded=Lower("user_name")).filter(folded=value.lower())
    return Q(pk__in=named.values("user")) | Q(provisioned=None, email=value.lower())


def as_resource(person: User) -> dict:
    row = getattr(person, "provisioned", None)
    changed = row.updated_at if row else person.date_joined
    resource = {
        "schemas": [USER],
        "id": str(person.pk),
        "externalId": row.external_id if row else "",
        "userName": row.user_name if row else person.email,
        "displayName": person.name,
        "active": person.is_active,
        "emails": [{"value": person.email, "primary": True}],
        "meta": {
            "resourceType": "User",
            "created": person.date_joined.isoformat(),
            "lastModified": changed.isoformat(),
            "location": url(f"Users/{person.pk}"),
        },
    }
    return {name: value for name, value in resource.items() if value != ""}


# --- What a request asks for --------------------------------------------------------------------------------


def changes_in(resource: dict) -> Changes:
    """Read a whole resource, as POST and PUT send it. Attributes that are not in the schema are ignored."""
    return Changes(
        user_name=text_of(resource, "userName"),
        external_id=text_of(resource, "externalId") or "",
        name=name_of(resource) or None,
        active=truth_of(resource["active"]) if resource.get("active") is not None else None,
        email=address_of(resource),
    )


def patches_in(body: dict) -> Changes:
    """Read the operations of a PATCH."""
    operations = operations_in(body, USER)
    values = {row.path: None if row.verb == "remove" else row.value for row in operations}
    if any(key in values and values[key] in (None, "") for key in ("username", "active")):
        raise ScimError(400, "userName and active cannot be removed.", "mutability")
    return Changes(
        user_name=text_of(values, "username"),
        external_id=(text_of(values, "externalid") or "") if "externalid" in values else None,
        name=name_of({"displayName": values.get("displayname")}) if "displayname" in values else None,
        active=truth_of(values["active"]) if "active" in values else None,
    )


def truth_of(value: object) -> bool:
    """Read a boolean; Microsoft Entra ID also sends "True" and "False" as text."""
    known = {True: True, False: False, "true": True, "false": False}
    key = value.lower() if isinstance(value, str) else value
    if not isinstance(key, str | bool) or key not in known:
        raise ScimError(400, "active must be true or false.", "invalidValue")
    return known[key]


def name_of(resource: dict) -> str:
    parts = resource.get("name") if isinstance(resource.get("name"), dict) else {}
    full = " ".join(filter(None, (text_of(parts, key, LONGEST_NAME) for key in ("givenName", "familyName"))))
    name = text_of(resource, "displayName", LONGEST_NAME) or text_of(parts, "formatted", LONGEST_NAME) or full
    return one_line(name)[:LONGEST_NAME]


def address_of(resource: dict) -> str | None:
    """Return the primary address, or the user name if it is one; None if there is neither."""
    given = resource.get("emails")
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    rows.sort(key=lambda row: row.get("primary") is not True)
    try:
        return parse_address(str(rows[0].get("value") if rows else resource.get("userName") or ""))
    except ValidationError:
        return None


# --- Changing -----------------------------------------------------------------------------------------------


def create(wanted: Changes) -> User:
    """Add a person, or take over the account that has this address: of somebody invited, or who came back."""
    if not wanted.user_name:
        raise ScimError(400, "userName is required.", "invalidValue")
    if not wanted.email:
        raise ScimError(400, "emails needs a valid address, unless userName is one.", "invalidValue")
    with transaction.atomic():
        person = User.objects.select_for_update().filter(email=wanted.email).first()
        row = ProvisionedPerson.objects.filter(user=person).first() if person else None
        if row and not row.deleted_at:
            raise ScimError(409, "A person has this address.", "uniqueness")
        if person is None:
            person = User.objects.create_user(wanted.email, name=wanted.name or "")
            AuditEvent.record(None, AuditEvent.Action.ADDED_BY_DIRECTORY, person)
        elif person.name:
            wanted.name = None  # theirs
        if wanted.active is None:
            wanted.active = True
        ProvisionedPerson.objects.filter(user=person).update(deleted_at=None)
        return change(person, wanted)


def change(person: User, wanted: Changes) -> User:
    """Apply the changes; the email address stays, which the person changes and confirms themselves."""
    before = as_resource(person)
    with transaction.atomic():
        row = ProvisionedPerson.objects.filter(user=person).first() or ProvisionedPerson(user=person)
        row.user_name = wanted.user_name or row.user_name or person.email
        if wanted.external_id is not None:
            row.external_id = wanted.external_id
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise ScimError(409, "Another person has this userName.", "uniqueness") from None
        if wanted.name is not None and wanted.name != person.name:
            person.name = wanted.name
            person.save(update_fields=["name", "folded_name"])
        if wanted.active is not None:
            set_active(person, row, wanted.active)
        person = User.objects.select_related("provisioned").get(pk=person.pk)
        if as_resource(person) != before:
            person.provisioned.updated_at = timezone.now()
            person.provisioned.save(update_fields=["updated_at"])
            AuditEvent.record(None, AuditEvent.Action.CHANGED_BY_DIRECTORY, person)
    return person


def set_active(person: User, row: ProvisionedPerson, active: bool) -> None:
    """Close the account, or open it again if the directory closed it: what others closed stays closed."""
    if not active:
        if closing.close(person, None):
            ProvisionedPerson.objects.filter(pk=row.pk).update(closed_at=timezone.now())
    elif row.closed_at and closing.reopen(person):
        ProvisionedPerson.objects.filter(pk=row.pk).update(closed_at=None)


def delete(person: User) -> None:
    """Close the account, and forget the person in answers to the directory. Nothing is deleted here."""
    with transaction.atomic():
        change(person, Changes(active=False))
        theirs = GroupMembership.objects.filter(user=person).values("group")
        for group in ProvisionedGroup.objects.select_for_update().filter(pk__in=theirs).order_by("pk"):
            directory_groups.remove_members(group, [person.pk])
        ProvisionedPerson.objects.filter(user=person).update(deleted_at=timezone.now())
