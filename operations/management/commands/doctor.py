import sys

from django.core.management.base import BaseCommand

from operations import doctor


class Command(BaseCommand):
    help = "Check this installation and print one sentence for each finding. Exit code 1 if something is wrong."
    requires_system_checks = []  # the doctor runs them itself

    def handle(self, *args, **options):
        found = 0
        for finding in doctor.findings():
            found += finding.level == doctor.Level.WRONG
            self.stdout.write(f"{finding.level:<5}  {finding.text}")
        if found:
            self.stderr.write(f"{found} problems found." if found > 1 else "1 problem found.")
            sys.exit(1)
        self.stdout.write("No problems found.")
