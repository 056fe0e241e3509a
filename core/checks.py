"""System checks of the installation. Errors prevent the start and come with a hint."""

import ipaddress
import os
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Error, Tags, Warning, register, run_checks
from django.db import connections

# SQLite's locks are unreliable there, so two machines could overwrite each other's data.
NETWORK_FILESYSTEMS = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "gfs2", "ocfs2", "9p", "ncpfs"),
    *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "davfs", "vboxsf"),
}


def stop_on_errors(**kwargs) -> None:
    """Exit with the errors that the system checks find, if any; takes the arguments of run_checks()."""
    if errors := [message for message in run_checks(**kwargs) if message.is_serious()]:
        sys.exit("\n".join(map(str, errors)))


def is_loopback(host: str | None) -> bool:
    """Return True if the host name or IP address refers to this machine only."""
    host = (host or "").strip("[]").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@register(Tags.security)
def check_https(app_configs, **kwargs) -> list[Error]:
    """Reject plain http for other hosts: it would send passwords and private text unencrypted."""
    if settings.SITE.scheme == "https" or is_loopback(settings.SITE.hostname):
        return []
    return [
        Error(
            f"SITE_URL={settings.SITE_URL} would send passwords and private text over the network unencrypted.",
            hint="Put a proxy with a certificate in front (docs/configuration.md shows one) and set SITE_URL to https.",
            id="throughline.E001",
        )
    ]


@register(Tags.security)
def check_debug(app_configs, **kwargs) -> list[Error]:
    """Reject DEBUG on a reachable host: debug pages show settings and private content."""
    if not settings.DEBUG or (is_loopback(settings.SITE.hostname) and is_loopback(settings.HOST)):
        return []
    return [
        Error(
            "DEBUG=1 shows source code and data to every visitor, and other machines can reach this installation.",
            hint="Remove DEBUG, or set both SITE_URL and HOST to localhost.",
            id="throughline.E002",
        )
    ]


@register(Tags.security)
def check_allowed_hosts(app_configs, **kwargs) -> list[Error]:
    if not any("*" in host or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            "ALLOWED_HOSTS accepts any host name, so links in emails could lead to a forged one.",
            hint="Set SITE_URL; the allowed hosts follow from it.",
            id="throughline.E003",
        )
    ]


@register(Tags.security)
def check_keys(app_configs, **kwargs) -> list[Error]:
    found = []
    key = settings.SECRET_KEY
    if len(key) < 50 or len(set(key)) < 5 or key.lower().startswith(("django-insecure", "change", "secret")):
        found.append(
            Error(
                "SECRET_KEY is too short or well known: links and sign-ins could be forged.",
                hint="Remove it to have a key created in data/secret_key, or set at least 50 random characters.",
                id="throughline.E004",
            )
        )
    for number, private in enumerate(settings.PRIVATE_KEYS, 1):
        try:
            Fernet(private)
        except ValueError:
            found.append(
                Error(
                    f"Key {number} in PRIVATE_KEYS cannot encrypt private text.",
                    hint="A key is 32 random bytes in URL-safe base64, as in data/private_key.",
                    id="throughline.E005",
                )
            )
    return found


@register(Tags.security)
def check_private_files(app_configs, **kwargs) -> list[Warning]:
    """Warn if other users can read the keys or the database; not an error, as some volumes have no file owners."""
    found = []
    for path in settings.DATA_DIR.glob("*.sqlite3*"):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            found.append(
                Warning(
                    f"The database in {path} can be read by other users of this machine.",
                    hint=f"chmod 600 {path}",
                    id="throughline.W003",
                )
            )
    if settings.DATA_DIR.exists() and stat.S_IMODE(settings.DATA_DIR.stat().st_mode) & 0o077:
        found.append(
            Warning(
                f"The folder {settings.DATA_DIR} can be read by other users of this machine.",
                hint=f"chmod 700 {settings.DATA_DIR}",
                id="throughline.W002",
            )
        )
    for name in ("secret_key", "private_key"):
        path = settings.DATA_DIR / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            found.append(
                Warning(
                    f"The key in {path} can be read by other users of this machine.",
                    hint=f"chmod 600 {path}",
                    id="throughline.W001",
                )
            )
    return found


@register()
def check_data_folder(app_configs, **kwargs) -> list[Error]:
    if os.access(settings.DATA_DIR, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The folder {settings.DATA_DIR} cannot be written to.",
            hint="Make it writable for this user, or set DATA_DIR to another folder.",
            id="throughline.E006",
        )
    ]


@register()
def check_sqlite_location(app_configs, **kwargs) -> list[Error]:
    """Reject SQLite on a network file system, where its locks are unreliable."""
    name = settings.DATABASES["default"]["NAME"]
    if not is_sqlite() or filesystem_of(Path(name)) not in NETWORK_FILESYSTEMS:
        return []
    return [
        Error(
            f"The SQLite file {name} is on a network file system, where file locks are unreliable.",
            hint="Set DATA_DIR to a folder on a local disk, or use PostgreSQL (DATABASE_URL).",
            id="throughline.E007",
        )
    ]


@register(Tags.database)
def check_sqlite_file(app_configs, databases=None, **kwargs) -> list[Error]:
    """Report a SQLite file that is damaged, or that cannot be read or written."""
    problem = sqlite_problem(thorough=True) if "default" in (databases or []) else ""
    return [Error(problem, id="throughline.E009")] if problem else []


def sqlite_problem(thorough: bool = False) -> str:
    """Return the problem with the SQLite file and its fix; empty if there is none or the database is not SQLite.

    With `thorough`, every page of the file is read by SQLite's quick_check.
    """
    if not is_sqlite():
        return ""
    path = Path(settings.DATABASES["default"]["NAME"])
    if not path.exists():  # it will be created
        return ""
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if file.exists() and not os.access(file, os.R_OK | os.W_OK):
            problem = f"The SQLite file {file} belongs to {owner_of(file)}, and this user cannot read and write it."
            return f"{problem} Run Throughline as {owner_of(file)}, or change the owner with chown."
    try:
        # A separate connection: an error on Django's would break the current transaction.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=2)) as connection:
            connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # reads the file; SELECT 1 does not
            whole = not thorough or connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return ""
        return f"The SQLite file {path} cannot be opened: {error}."
    except sqlite3.DatabaseError:
        whole = False
    if whole:
        return ""
    return f"The SQLite file {path} is damaged. Stop Throughline, keep a copy of the file, and restore the last backup."


def owner_of(file: Path) -> str:
    try:
        return file.owner()
    except (KeyError, OSError):
        return f"user {file.stat().st_uid}"


@register(Tags.database)
def check_sqlite_settings(app_configs, databases=None, **kwargs) -> list[Error]:
    """Require the SQLite settings that make commits durable and let writers wait for each other."""
    if not is_sqlite() or "default" not in (databases or []) or sqlite_problem():
        return []
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    connection = connections["default"]
    with connection.cursor() as cursor:
        found = {pragma: cursor.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in wanted}
    mode = getattr(connection, "transaction_mode", None)  # the stubs know connections of any database
    if mode != "IMMEDIATE":
        found["transaction_mode"], wanted["transaction_mode"] = mode, "IMMEDIATE"
    return [
        Error(
            f"SQLite runs with {pragma}={found[pragma]} instead of {wanted[pragma]}, so saved data could be lost.",
            hint="Restore DATABASES in config/settings.py, and keep the file on a local disk.",
            id="throughline.E008",
        )
        for pragma in wanted
        if found[pragma] != wanted[pragma]
    ]


def is_sqlite() -> bool:
    return settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def filesystem_of(path: Path, mounts: str = "/proc/self/mounts") -> str:
    """Return the type of file system of a path; empty if the operating system does not report it."""
    try:
        lines = Path(mounts).read_text().splitlines()
    except OSError:
        return ""
    here = os.path.realpath(path)
    found, deepest = "", -1
    for line in lines:
        _device, point, kind, *_rest = line.split(" ")
        point = point.replace("\\040", " ")
        inside = here == point or here.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= deepest:
            found, deepest = kind, len(point)
    return found
