from django.core.management.base import BaseCommand

from sessions.models import Session


class Command(BaseCommand):
    help = "Apply a new time zone database to planned sessions. Each session keeps its local time."

    def handle(self, *args, **options):
        changed = Session.objects.all().recompute_times()
        self.stdout.write(f"{changed} planned sessions now start at another UTC time.")
