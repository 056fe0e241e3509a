"""System checks that stop the start, and the permissions of the data folder."""

import logging
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from celery.signals import beat_init, worker_init
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from config import gunicorn, keys
from config.celery import refuse_to_start_on_errors
from core import checks
from operations import doctor
from reminders import health
from sessions.models import PrivateNote

pytestmark = pytest.mark.usefixtures("durable_commits")


def found(**kwargs) -> set[str]:
    return {message.id for message in run_checks(**kwargs) if message.is_serious()}


def test_the_default_settings_pass(db):
    assert found(databases=["default"]) == set()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("throughline.localhost", True),
        ("0.0.0.0", False),
        ("192.168.1.5", False),
        ("localhost.example.org", False),
        (None, False),
    ],
)
def test_loopback_hosts(host, loopback):
    assert checks.is_loopback(host) is loopback


def test_http_is_allowed_on_loopback_hosts_only(settings):
    settings.SITE = urlsplit("http://mentoring.example.org")
    assert found() == {"throughline.E001"}
    settings.SITE = urlsplit("https://mentoring.example.org")
    assert found() == set()


def test_debug_is_allowed_on_loopback_hosts_only(settings):
    settings.DEBUG = True
    assert found() == set()
    settings.HOST = "0.0.0.0"
    assert found() == {"throughline.E002"}


@pytest.mark.parametrize("host", ["*", ".example.org"])
def test_wildcard_hosts_are_refused(settings, host):
    settings.ALLOWED_HOSTS = [host]
    assert found() == {"throughline.E003"}


@pytest.mark.parametrize("key", ["short", "a" * 60, "django-insecure-" + "abcdefgh" * 8, "change-me-" + "abcdefgh" * 8])
def test_a_weak_key_is_refused(settings, key):
    settings.SECRET_KEY = key
    assert found() == {"throughline.E004"}


def test_a_private_key_that_cannot_encrypt_is_refused(settings):
    settings.PRIVATE_KEYS = [Fernet.generate_key().decode(), "no key"]
    assert found() == {"throughline.E005"}


def test_a_missing_data_folder_is_refused(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "nowhere"
    assert found() == {"throughline.E006"}


def test_the_file_system_of_a_path_is_its_deepest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda / ext4 rw 0 0\nhost:/x /srv/my\\040share nfs4 rw 0 0\n/dev/sdb /srv/my ext4 rw 0 0\n")
    assert checks.filesystem_of(Path("/srv/my share/data/x.sqlite3"), str(mounts)) == "nfs4"
    assert checks.filesystem_of(Path("/srv/my/x.sqlite3"), str(mounts)) == "ext4"
    assert checks.filesystem_of(Path("/srv/mystery"), str(mounts)) == "ext4"
    assert checks.filesystem_of(Path("/srv"), str(tmp_path / "none")) == ""


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_sqlite_on_a_network_file_system_is_refused(settings, monkeypatch, kind):
    monkeypatch.setattr(checks, "is_sqlite", lambda: True)
    monkeypatch.setattr(checks, "filesystem_of", lambda path: kind)
    assert found() == {"throughline.E007"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "foreign_keys=OFF"])
def test_sqlite_with_weaker_durability_is_refused(pragma):
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
    try:
        assert found(databases=["default"]) == {"throughline.E008"}
    finally:
        connection.close()


def test_sqlite_without_immediate_transactions_is_refused(db, monkeypatch):
    monkeypatch.setattr(checks, "is_sqlite", lambda: connections["default"].vendor == "sqlite")
    if checks.is_sqlite():
        monkeypatch.setattr(connections["default"], "transaction_mode", "DEFERRED")
        assert found(databases=["default"]) == {"throughline.E008"}


def test_an_error_stops_prepare(settings, db):
    settings.SECRET_KEY = "short"
    with pytest.raises(SystemCheckError, match="SECRET_KEY"):
        call_command("prepare")


def test_errors_are_logged_in_one_place_and_without_local_variables():
    """When a page fails, private text may be in a local variable, and must not reach the log."""
    names = ["", "django", "django.request", "django.security", "django.server"]
    kinds = {type(handler).__name__ for name in names for handler in logging.getLogger(name).handlers}
    assert "AdminEmailHandler" not in kinds
    assert logging.getLogger("django.request").getEffectiveLevel() == logging.ERROR


# --- Permissions of the data folder, and a usable database ---


def test_only_the_owner_can_read_the_data_folder(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    for name in ("throughline.sqlite3", "throughline.sqlite3-wal", "secret_key"):
        (folder / name).touch(mode=0o644)
    before = os.umask(0o022)
    try:
        keys.restrict_permissions(folder)
        (folder / "later").touch()
        keys.restrict_permissions(folder / "new" / "deeper")
    finally:
        os.umask(before)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())} == {
        "data": 0o700,
        "throughline.sqlite3": 0o600,
        "throughline.sqlite3-wal": 0o600,
        "secret_key": 0o600,
        "later": 0o600,
        "new": 0o700,
    }


def test_a_readable_data_folder_gets_a_warning(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "throughline.sqlite3").touch()
    tmp_path.chmod(0o755), (tmp_path / "throughline.sqlite3").chmod(0o644)
    assert {message.id for message in run_checks()} >= {"throughline.W002", "throughline.W003"}


@pytest.fixture
def file(db, settings, tmp_path, monkeypatch):
    """A SQLite database of several pages, set as the installation's database."""
    path = tmp_path / "throughline.sqlite3"
    with closing(sqlite3.connect(path)) as line:
        line.executescript("CREATE TABLE a (b); CREATE INDEX c ON a (b);")
        line.executemany("INSERT INTO a VALUES (?)", [("x" * 900,)] * 200)
        line.commit()
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(path))
    return path


def damage_pages(path):
    with path.open("r+b") as opened:
        opened.seek(8192)
        opened.write(b"\xff" * 4096 * 20)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (damage_pages, "is damaged"),
        (lambda path: path.write_bytes(b"not a database at all" * 400), "is damaged"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be opened"),
    ],
)
def test_a_damaged_file_is_reported_by_doctor_and_check(file, spoil, expected):
    assert checks.sqlite_problem(thorough=True) == ""
    spoil(file)
    (error,) = checks.check_sqlite_file(None, databases=["default"])
    assert expected in error.msg and str(file) in error.msg
    (finding,) = doctor.database()
    assert finding.level == doctor.Level.WRONG and finding.text == error.msg
    assert set(health.checks().values()) == {False}


@pytest.mark.sqlite
def test_a_file_of_another_user_names_its_owner(file, monkeypatch):
    monkeypatch.setattr(checks.os, "access", lambda path, how: Path(path) != file)
    monkeypatch.setattr(checks, "owner_of", lambda path: "postgres")
    (finding,) = doctor.database()
    assert "belongs to postgres" in finding.text and "chown" in finding.text
    assert health.checks()["database"] is False


def test_without_the_right_key_nothing_starts_and_none_is_stored(pair, settings, tmp_path):
    PrivateNote.objects.create(pair=pair, author=pair.mentor, text="Mine")
    assert found(databases=["default"]) == set()
    right, settings.DATA_DIR = settings.PRIVATE_KEYS, tmp_path
    settings.PRIVATE_KEYS = [keys.read_or_create_key(tmp_path / "private_key", fernet=True)]
    assert found(databases=["default"]) == {"throughline.E010"}
    assert not (tmp_path / "private_key").exists(), "the new key is not kept"
    with pytest.raises(SystemCheckError, match="No key decrypts the private notes"):
        call_command("prepare")
    settings.PRIVATE_KEYS = [keys.read_or_create_key(tmp_path / "private_key", fernet=True)]
    with pytest.raises(SystemExit, match="No key decrypts the private notes"):
        gunicorn.on_starting(None)
    assert not (tmp_path / "private_key").exists(), "nor is it stored if only the web server is started"
    with pytest.raises(SystemExit, match="No key decrypts the private notes"):
        refuse_to_start_on_errors()
    assert all(
        refuse_to_start_on_errors in [receiver() for _key, receiver in start.receivers]
        for start in (worker_init, beat_init)
    )
    settings.PRIVATE_KEYS = [*settings.PRIVATE_KEYS, *right]
    assert found(databases=["default"]) == set()
