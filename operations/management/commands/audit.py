import json
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.management.lookup import person_with
from accounts.models import AuditEvent


class Command(BaseCommand):
    help = (
        "Print the audit log, newest first: time, person, action, row and result, but no content of a pair. With "
        "--json, print one JSON object a line, oldest first; --after continues behind the last one."
    )

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=30, help="days to print (default: 30)")
        parser.add_argument("--user", "--who", help="only the entries of the person with this email address")
        parser.add_argument("--refused", action="store_true", help="only refused requests")
        parser.add_argument("--json", action="store_true", help="print JSON, for a tool that collects logs")
        parser.add_argument("--after", type=int, help="only entries with a higher id, of any age")

    def handle(self, *args, days: int, user: str | None, refused: bool, after: int | None, **options):
        if not 0 < days <= 36500:
            raise CommandError("Enter a number of days from 1 to 36500.")
        if after is not None and not 0 <= after < 2**63:
            raise CommandError("Enter the id of an entry after --after, or 0.")
        since = timezone.now() - timedelta(days=days)
        events = AuditEvent.objects.filter(**({"created_at__gte": since} if after is None else {"pk__gt": after}))
        if user:
            events = events.filter(user=person_with(user))
        if refused:
            events = events.filter(result="refused")
        order = ["pk"] if options["json"] else ["-created_at", "-pk"]
        write = self.write_json if options["json"] else self.write_line
        for event in events.select_related("user").order_by(*order).iterator(chunk_size=1000):
            write(event)

    def write_line(self, event: AuditEvent) -> None:
        email = event.user.email if event.user else ""
        self.stdout.write(
            "\t".join([f"{event.created_at:%Y-%m-%d %H:%MZ}", email, event.action, event.subject, event.result])
        )

    def write_json(self, event: AuditEvent) -> None:
        facts = {"id": event.pk, "at": event.created_at.isoformat(), "user_id": event.user_id}
        facts |= {"user": event.user.email if event.user else None, "action": event.action}
        self.stdout.write(json.dumps(facts | {"subject": event.subject, "result": event.result}, ensure_ascii=False))
