"""Prepare a new version for its first request: apply migrations and collect static files."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

# django-htmx ships every version of htmx with all extensions; we serve htmx 2 only.
NOT_SERVED = ["htmax-*", "htmx-4*", "htmx-2.js", "ext"]


class Command(BaseCommand):
    help = "Check the settings, and bring the database and the static files up to date."
    requires_system_checks = []  # handle() runs them, including the database checks

    def handle(self, *args, **options) -> None:
        self.check(databases=["default"])
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NOT_SERVED)
