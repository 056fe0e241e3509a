from django.core.management.base import BaseCommand

from accounts.management.lookup import person_with
from accounts.models import AuditEvent
from operations.own_data import erasure_policy


class Command(BaseCommand):
    help = "Print what is stored about a person: the state of the account and numbers of rows, but no content."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *args, email: str, **options):
        person = person_with(email)
        AuditEvent.record(None, AuditEvent.Action.PERSON_SHOWN, person)
        self.stdout.write(f"Account\t{person.pk}, {'open' if person.is_active else 'closed'}")
        times = {"Created": person.date_joined, "Last signed in": person.last_login, "Closed": person.closed_at}
        for name, at in (times | {"Will be erased": person.erase_at}).items():
            self.stdout.write(f"{name}\t{at:%Y-%m-%d}" if at else f"{name}\tno")
        for label, n in erasure_policy.rows_of(person):
            self.stdout.write(f"{label}\t{n:,}")
