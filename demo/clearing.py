"""Clear the demo, and refuse to touch an installation with real people."""

from django.contrib.sessions.models import Session as WebSession
from django.core.cache import cache

from accounts import audit_guard
from accounts.models import AuditEvent, FormToken, Installation, OutboxMail, User
from mentoring.models import Program


class NotADemo(Exception):
    """Raised if the database contains real people."""


def require_demo_or_empty() -> None:
    """Raise NotADemo unless the database is empty or contains a demo."""
    installation = Installation.current()
    if installation is None and not User.objects.exists():
        return
    if installation is None or not installation.demo:
        raise NotADemo("This installation has real people. A demo needs an empty installation.")


def clear_demo() -> None:
    """Delete all data of the demo; in any other installation, raise NotADemo and delete nothing."""
    require_demo_or_empty()
    with audit_guard.unlocked():
        Program.objects.all().delete()
        User.objects.all().delete()
        for model in (AuditEvent, FormToken, OutboxMail, WebSession, Installation):
            model.objects.all().delete()
    cache.delete(Installation.CACHE_KEY)
