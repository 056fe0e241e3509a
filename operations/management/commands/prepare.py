"""What a new version needs before it can be let in: the database and the static files brought up to date."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

# django-htmx brings every version of htmx with all extensions; we serve htmx 2 alone.
NOT_SERVED = ["htmax-*", "htmx-4*", "htmx-2.js", "ext"]


class Command(BaseCommand):
    help = "Check the settings, and bring the database and the static files up to date."
    requires_system_checks = []  # its own, with those of the database

    def handle(self, *args, **options) -> None:
        self.check(databases=["default"])
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NOT_SERVED)
