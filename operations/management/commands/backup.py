"""Make a backup of the running installation in one file."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from operations import backups


class Command(BaseCommand):
    help = "Write a backup of the database to one file, while the installation runs. Keys are not in it."

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", type=Path, help="where to put it (default: DATA_DIR/backups)")
        parser.add_argument("--keep", type=int, help="then delete older backups in this folder, and keep this many")

    def handle(self, *args, folder: Path | None, keep: int | None, **options):
        if keep is not None and keep < 1:
            raise CommandError("Keep at least 1 backup.")
        folder, now = folder or settings.DATA_DIR / "backups", timezone.now()
        target = folder / f"{backups.PREFIX}{now:%Y%m%d-%H%M%S}{backups.SUFFIX}"
        try:
            manifest = backups.create(target, now)
        except backups.BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{target}: {target.stat().st_size:,} bytes, {sum(manifest.rows.values()):,} rows.")
        self.stdout.write(
            "Keep the keys somewhere else, apart from this file; without them private text cannot be read: "
            f"{self.key_places()}."
        )
        if keep:
            for path in backups.prune(folder, keep):
                self.stdout.write(f"Deleted {path.name}.")

    def key_places(self) -> str:
        files = [settings.DATA_DIR / "private_key", settings.DATA_DIR / "secret_key"]
        found = [str(file) for file in files if file.exists()]
        return " and ".join(found) or "PRIVATE_KEYS and SECRET_KEY in your environment"
