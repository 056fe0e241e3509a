"""The people of the demo: their addresses, password and roles."""

from accounts.models import User
from mentoring.models import Enrollment

PASSWORD = "look-around"  # public on purpose and shared by all: a demo contains nothing to protect


def address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@demo.example"


def list_people() -> list[dict]:
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
