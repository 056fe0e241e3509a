"""The demo installation: check that it may be filled, list its people, clear it."""

from django.contrib.sessions.models import Session as WebSession

from accounts import audit_guard
from accounts.models import AuditEvent, FormToken, Installation, OutboxMail, User
from mentoring.models import Enrollment, Program

PASSWORD = "look-around"  # public on purpose and shared by all: a demo contains nothing to protect


class NotADemo(Exception):
    """Raised if the database contains real people."""


def address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@demo.example"


def require_demo_or_empty() -> None:
    """Raise NotADemo unless the database is empty or contains a demo."""
    installation = Installation.current()
    if installation is None and not User.objects.exists():
        return
    if installation is None or not installation.demo:
        raise NotADemo("This installation has real people. A demo needs an empty installation.")


def people() -> list[dict]:
    """Return the people of the demo with email address, password, time zone and roles."""
    roles: dict[int, list[str]] = {}
    for user_id, role in Enrollment.objects.active().order_by("pk").values_list("user_id", "role"):
        roles.setdefault(user_id, []).append(role)
    users = User.objects.filter(pk__in=roles, email__endswith="@demo.example").order_by("pk")
    return [
        {
            "id": user.pk,
            "name": user.name,
            "email": user.email,
            "password": PASSWORD,
            "zone": user.zone,
            "roles": roles[user.pk],
        }
        for user in users
    ]


def clear_demo() -> None:
    """Delete all data of the demo; in any other installation, raise NotADemo and delete nothing."""
    require_demo_or_empty()
    with audit_guard.unlocked():
        Program.objects.all().delete()
        User.objects.all().delete()
        for model in (AuditEvent, FormToken, OutboxMail, WebSession, Installation):
            model.objects.all().delete()
