import sys

from django.core.management.base import BaseCommand

from operations import doctor


class Command(BaseCommand):
    help = "Look at everything this installation needs, one sentence each. Exit code 1 if something is wrong."
    requires_system_checks = []  # the doctor runs them itself

    def handle(self, *args, **options):
        found = 0
        for finding in doctor.look():
            found += finding.level == doctor.Level.WRONG
            self.stdout.write(f"{finding.level:<5}  {finding.said}")
        if found:
            self.stderr.write(f"{found} of these are wrong." if found > 1 else "One of these is wrong.")
            sys.exit(1)
        self.stdout.write("Nothing is wrong.")
