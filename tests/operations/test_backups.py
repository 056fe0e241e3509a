"""`manage.py backup` and `restore`: everything comes back, and a file that does not fit changes nothing."""

import gc
import io
import json
import sqlite3
import tarfile
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.models import AuditEvent, User
from operations import backups
from sessions.models import PrivateNote
from tests import make

SECRET = "Only Ada can read this."


@pytest.fixture
def pair(transactional_db, settings, tmp_path):
    """Ada and Sam, with a private note of Ada, in an installation with a data folder of its own."""
    settings.DATA_DIR = tmp_path / "data"
    pair = make.pair()
    PrivateNote.objects.create(pair=pair, author=pair.mentee, text=SECRET)
    return pair


@pytest.fixture
def backup(pair) -> Path:
    call_command("backup", verbosity=0)
    return next((pair_folder() / "backups").iterdir())


def pair_folder() -> Path:
    return settings.DATA_DIR


def restore(file: Path, *options: str) -> None:
    disconnect_others()
    call_command("restore", file, *options)


def disconnect_others() -> None:
    """End connections that threads of earlier tests left open."""
    if connection.vendor == "sqlite":
        for row in gc.get_objects():
            if issubclass(type(row), sqlite3.Connection) and row is not connection.connection:
                row.close()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def names() -> list[str]:
    return sorted(User.objects.values_list("name", flat=True))


def changed(backup: Path, **values) -> Path:
    """Return a copy of a backup with other values in its manifest."""
    target = backup.with_name("changed.tar.gz")
    with tarfile.open(backup) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read()
            if member.name == backups.MANIFEST:
                content = json.dumps(json.loads(content) | values).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return target


def test_everything_comes_back(backup, pair, capsys):
    before = names()
    User.objects.filter(pk=pair.mentor_id).update(name="Somebody else")
    make.user("Nobody")
    restore(backup, "--replace")
    assert names() == before
    assert PrivateNote.objects.get().text == SECRET
    assert "Reminders that were due before now are held" in capsys.readouterr().out


def test_a_backup_is_readable_only_by_its_owner_and_holds_no_key(backup, settings):
    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as archive:
        assert archive.getnames() == [backups.MANIFEST, backups.DATABASE]
        content = b"".join(archive.extractfile(name).read() for name in archive.getnames())
    assert not any(key.encode() in content for key in [settings.SECRET_KEY, *settings.PRIVATE_KEYS])
    assert SECRET.encode() not in content


def test_replaced_people_are_kept_in_a_backup_of_their_own(backup, pair):
    make.user("Nia")
    with pytest.raises(CommandError, match="Pass --replace"):
        restore(backup)
    assert "Nia" in names()
    restore(backup, "--replace")
    assert "Nia" not in names()
    kept = next(backup.parent.glob("before-restore-*"))
    restore(kept, "--replace")
    assert "Nia" in names()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"name,email\nAda,ada@example.org\n",
        lambda content: content[: len(content) // 2],
        lambda content: content[: len(content) * 9 // 10],
        lambda content: bytes(byte ^ 255 if n > 2_000 and n % 5_000 == 0 else byte for n, byte in enumerate(content)),
    ],
    ids=["empty", "a table", "half", "cut off", "changed"],
)
def test_a_damaged_or_foreign_file_is_refused_and_changes_nothing(backup, damage):
    file = backup.with_name("damaged.tar.gz")
    file.write_bytes(damage(backup.read_bytes()))
    make.user("Nia")
    with pytest.raises(CommandError, match=r"damaged|not a backup"):
        restore(file, "--replace")
    assert "Nia" in names()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"format": 2}, "newer version"),
        ({"migrations": ["sessions.9999_later"]}, "Upgrade this installation first"),
        ({"engine": "Oracle"}, "This backup is of Oracle"),
        ({"private_keys": ["0badc0de"]}, "0badc0de"),
        ({"sha256": "0" * 64}, "checksum"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_and_changes_nothing(backup, values, sentence):
    make.user("Nia")
    with pytest.raises(CommandError, match=sentence):
        restore(changed(backup, **values), "--replace")
    assert "Nia" in names()


def test_a_database_in_use_is_not_replaced(backup):
    disconnect_others()
    with threading_connection(), pytest.raises(CommandError, match="in use"):
        call_command("restore", backup, "--replace")
    assert PrivateNote.objects.get().text == SECRET


class threading_connection:
    """Another process, or here another thread, that has the database open."""

    def __enter__(self):
        self.done, opened = threading.Event(), threading.Event()

        def hold():
            User.objects.count()
            opened.set()
            self.done.wait()
            connections.close_all()

        self.thread = threading.Thread(target=hold)
        self.thread.start()
        opened.wait()

    def __exit__(self, *error):
        self.done.set()
        self.thread.join()


def test_a_backup_made_while_others_write_holds_what_was_saved_before(pair):
    stop, saved = threading.Event(), []

    def write():
        while not stop.is_set():
            saved.append(AuditEvent.objects.create(action="written", subject=str(len(saved))).pk)
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    while len(saved) < 20:
        pass
    known = len(saved)
    try:
        manifest = backups.create(pair_folder() / "busy.tar.gz", timezone.now())
    finally:
        stop.set()
        writer.join()
    assert known <= manifest.rows["accounts_auditevent"] <= len(saved)


def test_old_backups_go_only_after_a_new_one_is_complete(pair, monkeypatch):
    folder = pair_folder() / "backups"
    folder.mkdir(parents=True)
    for name in ("throughline-20260101-000000.tar.gz", "throughline-20260102-000000.tar.gz", "mine.tar.gz"):
        (folder / name).write_bytes(b"old")
    with monkeypatch.context() as broken, pytest.raises(CommandError, match="damaged"):
        broken.setattr(backups, "_sha256", lambda path: str(path))
        call_command("backup", keep=1)
    assert len(list(folder.iterdir())) == 3, "a failed backup deletes nothing and leaves no half file"
    call_command("backup", keep=1)
    left = sorted(path.name for path in folder.iterdir())
    assert left[0] == "mine.tar.gz" and len(left) == 2 and left[1] > "throughline-20260102"


def test_a_folder_that_cannot_be_written_is_named(pair, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written to"):
        call_command("backup", tmp_path / "file")
