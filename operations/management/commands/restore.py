"""Replace the database of this installation by a backup."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import User
from operations import backups
from operations.management.commands.serve import data_folder_lock
from reminders import restored


class Command(BaseCommand):
    help = (
        "Replace the database by a backup, after stopping Throughline. "
        "Reminders that were due before now are held until you run `manage.py held_reminders`."
    )
    requires_system_checks = []  # the database may be missing or broken

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="a file that `manage.py backup` made")
        parser.add_argument("--replace", action="store_true", help="replace a database that has people in it")

    def handle(self, *args, file: Path, replace: bool, **options):
        try:
            with data_folder_lock(), backups.private_folder(settings.DATA_DIR) as folder:
                manifest = backups.unpack(file, folder)
                backups.check_fits(manifest)
                if is_in_use():
                    self.keep_current(replace)
                backups.restore(folder / backups.DATABASE, manifest)
        except backups.BackupError as error:
            raise CommandError(str(error)) from None
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as error:
            raise CommandError(f"The restored database could not be upgraded: {error}. Do not start it.") from error
        held = restored.hold_missed(timezone.now())
        self.stdout.write(
            f"Restored the backup of {manifest.created_at:.16} UTC: {sum(manifest.rows.values()):,} rows."
        )
        self.stdout.write(
            f"Reminders that were due before now are held, {held:,} so far. Start Throughline; then run "
            "`manage.py held_reminders` to see them, with --send or --drop to decide."
        )
        if manifest.secret_key != backups.fingerprint(settings.SECRET_KEY):
            self.stdout.write(
                "SECRET_KEY is not the one of the backup: people sign in again, and old links are invalid."
            )

    def keep_current(self, replace: bool) -> None:
        """Refuse to replace a database that has people, or make a backup of it first."""
        if not replace:
            raise CommandError(
                "This installation has people in it. Pass --replace to replace them; a backup of them is made first."
            )
        now = timezone.now()
        target = settings.DATA_DIR / "backups" / f"before-restore-{now:%Y%m%d-%H%M%S-%f}{backups.SUFFIX}"
        backups.create(target, now)
        self.stdout.write(f"The current database is kept in {target}.")


def is_in_use() -> bool:
    """Return True if there is an account; False in an empty, missing or unprepared database."""
    try:
        return User.objects.exists()
    except DatabaseError:
        return False
    finally:
        connection.close()
