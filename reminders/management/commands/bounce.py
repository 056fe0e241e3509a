import os
import sys

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from reminders import bounces


class Command(BaseCommand):
    help = (
        "Read a returned message on standard input, as the mail server hands it over, and note whose mail comes back."
    )
    requires_system_checks = []  # it runs for every message, so it has to be fast

    def add_arguments(self, parser):
        parser.add_argument("address", help="the return path it was sent to, such as bounces+12-5f3c…@example.org")

    def handle(self, *args, **options):
        raw = sys.stdin.buffer.read(bounces.MAX_BYTES)
        try:
            verdict = bounces.record_report(options["address"], raw)
        except bounces.Forged:
            raise CommandError(
                "This return path was not made here, or its address has changed since: nothing is recorded.",
                returncode=os.EX_NOUSER,
            ) from None
        except bounces.Unreadable:
            raise CommandError(
                "This is not a delivery report: nothing is recorded.", returncode=os.EX_DATAERR
            ) from None
        except DatabaseError as error:
            raise CommandError(
                f"The database cannot be used ({type(error).__name__}): try again later.", returncode=os.EX_TEMPFAIL
            ) from error
        self.stdout.write(MESSAGES[verdict.is_permanent].format(report=verdict.status))


MESSAGES = {
    True: "Noted: the address does not exist ({report}), so no reminder goes there until it works again.",
    False: "Noted: the address takes no mail just now ({report}).",
    None: "The report has nothing against the address ({report}): nothing is recorded.",
}
