from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import AuditEvent, User
from core.addresses import normalize_address


class Command(BaseCommand):
    help = "Print the audit log, newest first: time, person, action, row and result, but no content of a pair."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=30, help="days to print (default: 30)")
        parser.add_argument("--user", "--who", help="only the entries of the person with this email address")
        parser.add_argument("--refused", action="store_true", help="only refused requests")

    def handle(self, *args, days: int, user: str | None, refused: bool, **options):
        if not 0 < days <= 36500:
            raise CommandError("Enter a number of days from 1 to 36500.")
        events = AuditEvent.objects.filter(created_at__gte=timezone.now() - timedelta(days=days)).select_related("user")
        if user:
            person = User.objects.filter(email=normalize_address(user)).first()
            if person is None:
                raise CommandError("Nobody has this address.")
            events = events.filter(user=person)
        if refused:
            events = events.filter(result="refused")
        for event in events.order_by("-created_at", "-pk").iterator(chunk_size=1000):
            email = event.user.email if event.user else ""
            self.stdout.write(
                "\t".join([f"{event.created_at:%Y-%m-%d %H:%MZ}", email, event.action, event.subject, event.result])
            )
