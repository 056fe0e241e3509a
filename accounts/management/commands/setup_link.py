from django.core.management.base import BaseCommand, CommandError

from accounts.models import Installation
from accounts.this_machine import setup_link


class Command(BaseCommand):
    help = "Prints the link that opens the first visit from another machine, while nobody has started here yet."

    def handle(self, *args, **options):
        if Installation.current():
            raise CommandError("This installation has been started already. Sign in instead.")
        self.stdout.write(setup_link())
