"""Prepare a new version for its first request: apply migrations and collect static files."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.local_access import setup_link
from accounts.models import Installation


class Command(BaseCommand):
    help = "Check the settings, and bring the database and the static files up to date."
    requires_system_checks = []  # handle() runs them, including the database checks

    def handle(self, *args, verbosity: int, **options) -> None:
        self.check(databases=["default"])
        call_command("migrate", interactive=False, verbosity=0)
        if settings.STATIC_ROOT.is_relative_to(settings.DATA_DIR):
            call_command("collectstatic", interactive=False, verbosity=0)
        if verbosity and not Installation.current():
            self.stdout.write(f"Nobody has set up this installation yet. Begin here: {setup_link()}")
