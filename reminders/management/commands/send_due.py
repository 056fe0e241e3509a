from django.core.management.base import BaseCommand

from reminders import planner, sender


class Command(BaseCommand):
    help = "Plan what changed and send what is due, once and in the foreground, as the worker does every minute."

    def handle(self, **options):
        planner.plan()
        self.stdout.write(f"{sender.send_due()} sent")
