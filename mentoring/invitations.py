"""Inviting people, and coming in by an invitation's link.

The link (Enrollment.invitation_path) is the same in the mail and on the program's page: it follows from the
enrollment and the moment it was invited. Inviting again changes that moment, and with it every earlier link is dead.
"""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from core.addresses import IN_ANGLES, one_line, parse_address, without_invisible
from mentoring.models import Enrollment, Program

MOST_AT_ONCE = 200
LONGEST_NAME = 200
BETWEEN = " \t,;\"'"  # what stands between people and around their names


@dataclass
class Invited:
    """What came of inviting: the enrollments made, and the people who were here in that role already."""

    enrollments: list[Enrollment] = field(default_factory=list)
    already: list[User] = field(default_factory=list)


def read_people(text: str) -> list[tuple[str, str]]:
    """Read lines of people into (name, address) pairs, each address once.

    A line holds one person ("Name, address", "address", "Name <address>", cells pasted from a table) or several, as
    email programs list recipients: "Lind, Ada <ada@example.org>; Berg, Bo <bo@example.org>".
    Raises ValidationError with one message for each line that cannot be read.
    """
    people, errors = {}, []
    for number, line in enumerate(text.splitlines(), start=1):
        if not without_invisible(line).strip():
            continue
        try:
            for name, email in _read_line(line.replace("＠", "@")):
                people.setdefault(email, (name, email))
        except ValidationError:
            errors.append(
                _("Line %(n)s has no complete e-mail address: “%(line)s”.") % {"n": number, "line": line[:80]}
            )
    if len(people) > MOST_AT_ONCE:
        errors.append(_("Invite %(n)s people at a time, please.") % {"n": MOST_AT_ONCE})
    if errors:
        raise ValidationError(errors)
    return list(people.values())


def _read_line(line: str) -> list[tuple[str, str]]:
    """Every person of one line; raise ValidationError if a part of it has no address."""
    people, rest = [], 0
    for found in IN_ANGLES.finditer(line):
        before = line[rest : found.start()]
        if plain := re.match(r".*@[^,;\s]*", before):  # "ada@example.org, Bo <bo@example.org>"
            people += _read_plain(plain[0])
            before = before[plain.end() :]
        people.append(_person(before, found[1]))
        rest = found.end()
    if people and not line[rest:].strip(BETWEEN):
        return people
    if len(people) == 1 and not people[0][0] and "@" not in line[rest:]:  # "<ada@example.org> Ada Lind"
        return [_person(line[rest:], people[0][1])]
    return people + _read_plain(line[rest:])


def _read_plain(text: str) -> list[tuple[str, str]]:
    """People without angle brackets: names stand before their addresses, or all after them."""
    sections = text.split(";")
    if len(sections) > 1 and all("@" in section for section in sections if section.strip()):
        return [person for section in sections if section.strip() for person in _read_words(section)]
    return _read_words(text)


def _read_words(text: str) -> list[tuple[str, str]]:
    words = [word for word in re.split(r"[,;<>\s]+", text) if word]
    at = [n for n, word in enumerate(words) if "@" in word]
    if len(at) <= 1:
        return [_person(" ".join(word for word in words if "@" not in word), words[at[0]] if at else "")]
    if at[0] == 0 and at[-1] != len(words) - 1:
        ends = [*at[1:], len(words)]
        return [_person(" ".join(words[n + 1 : end]), words[n]) for n, end in zip(at, ends, strict=True)]
    if at[-1] != len(words) - 1:
        raise ValidationError("a name without an address")
    begins = [0, *(n + 1 for n in at[:-1])]
    return [_person(" ".join(words[begin:n]), words[n]) for begin, n in zip(begins, at, strict=True)]


def _person(name: str, address: str) -> tuple[str, str]:
    name = one_line(name).strip(BETWEEN)
    if len(name) > LONGEST_NAME:
        raise ValidationError("too long")
    return name, parse_address(address)


def invite(by: User, program: Program, role: str, people: list[tuple[str, str]], message: str = "") -> Invited:
    """Make a person and an enrollment for each (name, address), without mail: reminders derives that.

    Somebody who is known gets another enrollment and keeps their name. `by` inviting themself is in at once.
    """
    result = Invited()
    with transaction.atomic():
        for name, email in people:
            user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
            _enroll(result, by, program, role, user, name, message)
    return result


def _enroll(result: Invited, by: User, program: Program, role: str, user: User, name: str, message: str) -> None:
    enrollment, new = Enrollment.objects.get_or_create(
        program=program,
        user=user,
        role=role,
        defaults={
            "name": name or known_name(program, user),
            "invited_by": by,
            "invited_at": timezone.now(),
            "capacity": program.usual_capacity,
            "invitation_message": message,
        },
    )
    if not new and not enrollment.left_at and enrollment.invited_at:
        result.already.append(user)
        return
    if new:
        AuditEvent.record(by, f"invited as {role}", enrollment)
    else:
        enrollment.invitation_message, enrollment.name = message, name or enrollment.name
        enrollment.invite_again(by)
    if user == by:
        enrollment.accept()
    result.enrollments.append(enrollment)


def known_name(program: Program, user: User) -> str:
    """The name by which the program knows this person from another role; empty if it knows none."""
    rows = program.enrollments.filter(user=user).select_related("user")
    return next(filter(None, (row.shown_name_to_keep() for row in rows)), "")


def find(text: str) -> Enrollment | None:
    """The enrollment this token stands for, whether or not it can still be used; None if it stands for none."""
    number = text.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    enrollment = Enrollment.objects.select_related("user", "program", "invited_by").filter(pk=number).first()
    return enrollment if enrollment and constant_time_compare(text, enrollment.invitation_token) else None


def sets_up_account(enrollment: Enrollment) -> bool:
    """Return True if the link alone may open the account.

    That is so for a newcomer whom no other program knows. Whoever holds the link may be the program admin who copied
    it, so it never opens what another program, or the person, has put into the account.
    """
    return Enrollment.objects.newcomers().filter(pk=enrollment.pk).exists()


def needs_proof(enrollment: Enrollment) -> bool:
    """Whether the signed-in person must prove their address before they accept.

    A link may have set up their account, so until then they can only accept invitations of the program it came from.
    """
    joined_here = enrollment.user.enrollments.filter(program=enrollment.program_id, accepted_at__isnull=False)
    return not enrollment.user.has_proved_address and not joined_here.exists()


def come_in(enrollment: Enrollment, name: str, short_name: str, password: str, zone: str) -> bool:
    """A newcomer accepts with their name, zone and, if given, a password. False if the link was used meanwhile."""
    user = enrollment.user
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if not sets_up_account(enrollment) or not enrollment.accept():
            return False
        user.name, user.short_name, user.zone, user.zone_confirmed_at = name, short_name, zone, timezone.now()
        if password:
            user.set_password(password)
        user.save(update_fields=["name", "folded_name", "short_name", "zone", "zone_confirmed_at", "password"])
    return True
