"""Decide about the reminders that were due before a backup was restored."""

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from reminders import restored
from reminders.models import Watermark


class Command(BaseCommand):
    help = "Show the reminders that are held since a backup was restored; --send or --drop them."

    def add_arguments(self, parser):
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--send", action="store_true", help="send those that are still true")
        choice.add_argument("--drop", action="store_true", help="send none of them, now or later")

    def handle(self, *args, send: bool, drop: bool, **options):
        restored_at = restored.waiting_since()
        if restored_at is None:
            raise CommandError("No reminders are held: no backup was restored, or you already decided.")
        if not Watermark.objects.filter(pk=1, last_run_at__gte=restored_at).exists():
            raise CommandError("Start Throughline first and wait a minute: what was due is not known yet.")
        if send:
            self.stdout.write(f"{restored.send_held(timezone.now()):,} reminders will be sent if they are still true.")
        elif drop:
            self.stdout.write(f"{restored.drop_held():,} reminders were dropped.")
        else:
            for kind, n in restored.held_reminders().values_list("kind").annotate(Count("pk")).order_by("kind"):
                self.stdout.write(f"{kind}\t{n}")
            self.stdout.write(
                f"Held since the restore at {restored_at:%Y-%m-%d %H:%M} UTC. "
                "Nobody was reminded of these again yet: pass --send or --drop."
            )
