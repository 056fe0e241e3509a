from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import AuditEvent
from operations.private_key import Rotation


class Command(BaseCommand):
    help = (
        "Encrypt all private text with the first key of PRIVATE_KEYS, so that the older ones can be removed. "
        "With --new-key: only print a new key to put first. An interrupted run is continued by the next one."
    )

    def add_arguments(self, parser):
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--new-key", action="store_true", help="print a new key, and change nothing")
        choice.add_argument("--dry-run", action="store_true", help="only count the texts")

    def handle(self, *args, new_key: bool, dry_run: bool, **options):
        if new_key:
            self.stdout.write(Fernet.generate_key().decode())
            return
        if len(settings.PRIVATE_KEYS) < 2:
            raise CommandError(
                "There is only one private key. Put a new one and a comma before it, in data/private_key or "
                "PRIVATE_KEYS, restart everything, and run this again. Get one with --new-key."
            )
        counts = Rotation(dry_run=dry_run).run()
        verb = "would be encrypted" if dry_run else "are now encrypted"
        self.stdout.write(f"{counts['done']:,} texts {verb} with the newest key, {counts['new']:,} already were.")
        if not dry_run:
            result = "failed" if counts["unreadable"] else "ok"
            AuditEvent.record(None, AuditEvent.Action.PRIVATE_KEY_ROTATED, result=result)
        if counts["unreadable"]:
            raise CommandError(
                f"{counts['unreadable']:,} texts cannot be read with any of the keys. Keep all keys, and find the "
                "missing one."
            )
        if not dry_run:
            self.stdout.write(
                "Keep the older keys with the backups made before today, and remove them from the setting."
            )
