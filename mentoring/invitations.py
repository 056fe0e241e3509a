"""Inviting people, and accepting an invitation through its link.

The link (Enrollment.invitation_path) is the same in the email and on the program's page: it is derived from the
enrollment and the time of the invitation. Inviting again changes that time, so earlier links stop working.
"""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from core.addresses import IN_ANGLES, one_line, parse_address, without_invisible
from mentoring.models import Enrollment, Program

MAX_AT_ONCE = 200
LONGEST_NAME = 200
SEPARATORS = " \t,;\"'"  # between people and around their names


@dataclass
class Invited:
    """The result of inviting: new enrollments, and people who already had that role."""

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
            errors.append(_("Line %(n)s has no complete email address: “%(line)s”.") % {"n": number, "line": line[:80]})
    if len(people) > MAX_AT_ONCE:
        errors.append(_("Invite at most %(n)s people at a time.") % {"n": MAX_AT_ONCE})
    if errors:
        raise ValidationError(errors)
    return list(people.values())


def _read_line(line: str) -> list[tuple[str, str]]:
    """Return the people of one line; raise ValidationError if a part of it has no address."""
    people, rest = [], 0
    for found in IN_ANGLES.finditer(line):
        before = line[rest : found.start()]
        if plain := re.match(r".*@[^,;\s]*", before):  # "ada@example.org, Bo <bo@example.org>"
            people += _read_plain(plain[0])
            before = before[plain.end() :]
        people.append(_person(before, found[1]))
        rest = found.end()
    if people and not line[rest:].strip(SEPARATORS):
        return people
    if len(people) == 1 and not people[0][0] and "@" not in line[rest:]:  # "<ada@example.org> Ada Lind"
        return [_person(line[rest:], people[0][1])]
    return people + _read_plain(line[rest:])


def _read_plain(text: str) -> list[tuple[str, str]]:
    """Read people without angle brackets; either every name comes before its address, or every name after."""
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
    name = one_line(name).strip(SEPARATORS)
    if len(name) > LONGEST_NAME:
        raise ValidationError("too long")
    return name, parse_address(address)


def invite(by: User | None, program: Program, role: str, people: list[tuple[str, str]], message: str = "") -> Invited:
    """Create a user and an enrollment for each (name, address); reminders sends the emails.

    An existing user gets another enrollment and keeps their name. Inviting yourself accepts at once. `by` is None for
    a group of the directory.
    """
    result = Invited()
    with transaction.atomic():
        for name, email in people:
            user = User.objects.filter(email=email).first() or _newcomer(program, email, name)
            _enroll(result, by, program, role, user, name, message)
    return result


def _newcomer(program: Program, email: str, name: str) -> User:
    """Create a user who gets the invitation in the language of the program, and on joining that of their browser."""
    return User.objects.create_user(email, name=name, language=program.language)


def _enroll(result: Invited, by: User | None, program: Program, role: str, user: User, name: str, message: str) -> None:
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
        AuditEvent.record(by, AuditEvent.Action.INVITED, enrollment, detail=role)
    else:
        enrollment.invitation_message, enrollment.name = message, name or enrollment.name
        enrollment.invite_again(by)
    if user == by:
        enrollment.accept()
    result.enrollments.append(enrollment)


def known_name(program: Program, user: User) -> str:
    """Return the name this program has for the person from another role, or an empty string."""
    rows = program.enrollments.filter(user=user).select_related("user")
    return next(filter(None, (row.shown_name_to_keep() for row in rows)), "")


def find(text: str) -> Enrollment | None:
    """Return the enrollment of a token, even one that can no longer be used, or None."""
    number = text.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    enrollment = Enrollment.objects.select_related("user", "program", "invited_by").filter(pk=number).first()
    return enrollment if enrollment and constant_time_compare(text, enrollment.invitation_token) else None


def sets_up_account(enrollment: Enrollment) -> bool:
    """Return True if the link alone may set up the account: for newcomers whom no other program knows.

    The program admin can copy the link, so it must never open an account with data of another program or the person.
    """
    return Enrollment.objects.newcomers().filter(pk=enrollment.pk).exists()


def needs_proof(enrollment: Enrollment) -> bool:
    """Return True if the signed-in person must prove their address before they accept.

    A link may have set up their account, so until then they can only accept invitations of that same program.
    """
    joined_here = enrollment.user.enrollments.filter(program=enrollment.program_id, accepted_at__isnull=False)
    return not enrollment.user.has_verified_address and not joined_here.exists()


def accept_as_newcomer(enrollment: Enrollment, name: str, short_name: str, password: str, zone: str) -> bool:
    """Accept for a newcomer with name, time zone and an optional password; return False if the link was just used.

    Their language becomes that of the page, which their browser asked for.
    """
    user = enrollment.user
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if not sets_up_account(enrollment) or not enrollment.accept():
            return False
        user.name, user.short_name, user.zone, user.zone_confirmed_at = name, short_name, zone, timezone.now()
        if password:
            user.set_password(password)
        user.speak(get_language())
        chosen = ["name", "folded_name", "short_name", "zone", "zone_confirmed_at", "language", "clock", "week_start"]
        user.save(update_fields=[*chosen, "password"])
    return True
