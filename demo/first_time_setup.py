"""First-time setup: create the installation, its first user and their program."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import AuditEvent, Installation, User
from mentoring.models import Program

SIX_MONTHS = timedelta(days=182)


class AlreadySetUp(Exception):
    """Raised if another person has set up the installation already."""


def initial_values() -> dict:
    """Return the initial values of the form: six months from today (docs/rules.md, dates)."""
    today = timezone.localdate()
    return {"starts_on": today, "ends_on": today + SIX_MONTHS}


def start_program(facts: dict) -> tuple[User, Program]:
    """Create the installation, its first user and their program in one transaction.

    If two people start at the same time, the second gets AlreadySetUp.
    """
    try:
        with transaction.atomic():
            Installation.objects.create(pk=1, operator_name=facts["operator_name"])
            return _create_first_user_and_program(facts)
    except IntegrityError as error:
        raise AlreadySetUp from error


def _create_first_user_and_program(facts: dict) -> tuple[User, Program]:
    identity = {"name": facts["your_name"], "zone": facts["zone"]}
    user = User.objects.create_user(facts["email"], facts["password"], address_verified=True, **identity)
    user.speak(get_language())
    user.save(update_fields=["language", "clock", "week_start"])
    program = Program.begin(
        user, **{name: facts[name] for name in ("name", "starts_on", "ends_on", "zone", "cadence", "minutes")}
    )
    AuditEvent.record(user, AuditEvent.Action.INSTALLATION_STARTED, program)
    return user, program
