"""Settings with which nobody may be let in (P11, R16, R17)."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from mentoring import checks


def found(**kwargs) -> set[str]:
    return {message.id for message in run_checks(**kwargs) if message.is_serious()}


def test_the_shipped_settings_are_fine(db):
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
def test_what_counts_as_this_machine(host, loopback):
    assert checks.is_loopback(host) is loopback


def test_plain_http_is_for_this_machine_alone(settings):
    settings.SITE = urlsplit("http://mentoring.example.org")
    assert found() == {"throughline.E001"}
    settings.SITE = urlsplit("https://mentoring.example.org")
    assert found() == set()


def test_debug_pages_are_for_this_machine_alone(settings):
    settings.DEBUG = True
    assert found() == set()
    settings.HOST = "0.0.0.0"
    assert found() == {"throughline.E002"}


@pytest.mark.parametrize("host", ["*", ".example.org"])
def test_any_host_is_refused(settings, host):
    settings.ALLOWED_HOSTS = [host]
    assert found() == {"throughline.E003"}


@pytest.mark.parametrize("key", ["short", "a" * 60, "django-insecure-" + "abcdefgh" * 8, "change-me-" + "abcdefgh" * 8])
def test_a_weak_key_is_refused(settings, key):
    settings.SECRET_KEY = key
    assert found() == {"throughline.E004"}


def test_a_private_key_that_cannot_encrypt_is_refused(settings):
    settings.PRIVATE_KEYS = [Fernet.generate_key().decode(), "no key"]
    assert found() == {"throughline.E005"}


def test_a_data_folder_that_is_not_there_is_refused(settings, tmp_path):
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
@pytest.mark.skipif("not __import__('mentoring.checks').checks.is_sqlite()", reason="about SQLite alone")
@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "foreign_keys=OFF"])
def test_sqlite_with_a_weaker_promise_is_refused(pragma):
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
    try:
        assert found(databases=["default"]) == {"throughline.E008"}
    finally:
        connection.close()


def test_sqlite_that_does_not_take_the_write_lock_at_once_is_refused(db, monkeypatch):
    monkeypatch.setattr(checks, "is_sqlite", lambda: connections["default"].vendor == "sqlite")
    if checks.is_sqlite():
        monkeypatch.setattr(connections["default"], "transaction_mode", "DEFERRED")
        assert found(databases=["default"]) == {"throughline.E008"}


def test_an_error_stops_every_preparation(settings, db):
    settings.SECRET_KEY = "short"
    with pytest.raises(SystemCheckError, match="SECRET_KEY"):
        call_command("prepare")


def test_errors_are_logged_in_one_place_and_without_local_variables():
    """P24: what somebody wrote is in a variable when a page fails; it must not be in the log."""
    names = ["", "django", "django.request", "django.security", "django.server"]
    kinds = {type(handler).__name__ for name in names for handler in logging.getLogger(name).handlers}
    assert "AdminEmailHandler" not in kinds
    assert logging.getLogger("django.request").getEffectiveLevel() == logging.ERROR
