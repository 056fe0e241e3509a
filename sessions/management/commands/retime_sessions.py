from django.core.management.base import BaseCommand

from sessions.models import Session


class Command(BaseCommand):
    help = "Apply a new time zone database to planned sessions: each keeps the wall clock it was planned for."

    def handle(self, *args, **options):
        changed = Session.objects.all().recompute_times()
        self.stdout.write(f"{changed} planned sessions got a new instant.")
