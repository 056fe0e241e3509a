"""Backups: one file with the database of an installation, made while it runs, and restored as a whole.

A backup is a gzip-compressed tar file with `manifest.json` and `database` (an SQLite file, or the output of `pg_dump
--format=custom`). Keys are not in it: the manifest has their fingerprints, so that `restore` can tell which key files
belong to it. Every error is a BackupError with one sentence for the operator.
"""

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import psycopg.sql
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.version import VERSION
from core.checks import is_sqlite

MANIFEST, DATABASE = "manifest.json", "database"
FORMAT = 1
PREFIX, SUFFIX = "throughline-", ".tar.gz"
MANIFEST_BYTES = 1_000_000
STEP_PAGES = 2_000  # pages of an SQLite file that are copied before other processes may write again
PAUSE = 0.01  # seconds between two steps
COMPRESSION = 3


class BackupError(Exception):
    """A backup could not be made or restored; the text is one sentence for the operator."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: engine, migrations as "app.name", row count of each table, fingerprints of the keys."""

    format: int
    version: str
    created_at: str
    engine: str
    sha256: str
    bytes: int
    migrations: list[str]
    rows: dict[str, int]
    secret_key: str
    private_keys: list[str]


def fingerprint(key: str) -> str:
    """Return eight hexadecimal digits that identify a key and do not reveal it."""
    return hashlib.sha256(b"throughline key" + key.encode()).hexdigest()[:8]


def engine() -> str:
    return "SQLite" if is_sqlite() else "PostgreSQL"


# --- Making a backup ----------------------------------------------------------------------------------------


def create(target: Path, now: datetime) -> Manifest:
    """Write a backup of the running installation to `target`, and return its manifest.

    The file appears under its name only once it is complete and was read back; an existing file is not overwritten.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: choose another name.")
    with private_folder(target.parent) as folder:
        copy = folder / DATABASE
        rows = _copy_sqlite(copy) if is_sqlite() else _dump_postgres(copy)
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            created_at=now.isoformat(),
            engine=engine(),
            sha256=_sha256(copy),
            bytes=copy.stat().st_size,
            migrations=_applied_migrations(),
            rows=rows,
            secret_key=fingerprint(settings.SECRET_KEY),
            private_keys=[fingerprint(key) for key in settings.PRIVATE_KEYS],
        )
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        packed = folder / "packed"
        with tarfile.open(packed, "w:gz", compresslevel=COMPRESSION) as archive:
            for name in (MANIFEST, DATABASE):
                archive.add(folder / name, arcname=name)
        (folder / "read back").mkdir()
        unpack(packed, folder / "read back")
        _flush(packed)
        packed.rename(target)
        _flush(target.parent)
    return manifest


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete the oldest backups of a folder and keep the newest `keep`; return what was deleted.

    Only files that `manage.py backup` named itself are deleted.
    """
    old = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))[:-keep]
    for path in old:
        path.unlink()
    return old


def _copy_sqlite(target: Path) -> dict[str, int]:
    """Copy the SQLite file with everything committed so far; other processes keep writing meanwhile."""
    source = sqlite3.connect(f"file:{_sqlite_path()}?mode=ro", uri=True, timeout=20)
    with contextlib.closing(source), contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy, pages=STEP_PAGES, sleep=PAUSE)
        copy.execute("PRAGMA journal_mode=DELETE")
        problem = copy.execute("PRAGMA quick_check").fetchone()[0]
        if problem != "ok":
            raise BackupError(f"The database is damaged: {problem}. Run `manage.py doctor`.")
        return _count_sqlite_rows(copy)


def _dump_postgres(target: Path) -> dict[str, int]:
    """Dump the PostgreSQL database and count its rows in the same snapshot."""
    with psycopg.connect(**_postgres_connection()) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = other.execute("SELECT pg_export_snapshot()").fetchone()[0]
        command = ["pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}"]
        _run([*command, f"--file={target}"], "dumped")
        return _count_postgres_rows(other)


# --- Reading a backup ---------------------------------------------------------------------------------------


def unpack(path: Path, folder: Path) -> Manifest:
    """Unpack a backup into `folder` and return its manifest; raise BackupError if it is damaged or not a backup."""
    manifest = None
    try:
        with tarfile.open(path, "r:gz") as archive:
            manifest = _read_manifest(path, archive)
            member = archive.next()
            if member is None or member.name != DATABASE or not member.isfile() or member.size != manifest.bytes:
                raise ValueError("no database")
            with archive.extractfile(member) as packed, (folder / DATABASE).open("wb") as file:
                shutil.copyfileobj(packed, file)
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}.") from None
    except DAMAGE as error:
        if manifest is None:
            raise BackupError(f"{path.name} is not a backup of Throughline, or it is damaged.") from error
        raise BackupError(f"{path.name} is damaged or incomplete: use another backup.") from error
    if _sha256(folder / DATABASE) != manifest.sha256:
        raise BackupError(f"{path.name} is damaged: its content does not match its checksum. Use another backup.")
    return manifest


def _read_manifest(path: Path, archive: tarfile.TarFile) -> Manifest:
    member = archive.next()
    if member is None or member.name != MANIFEST or not member.isfile() or member.size > MANIFEST_BYTES:
        raise ValueError("no manifest")
    content = json.loads(archive.extractfile(member).read())
    if content["format"] != FORMAT:
        raise BackupError(f"{path.name} was made by a newer version of Throughline. Upgrade this installation first.")
    manifest = Manifest(**content)
    texts = (manifest.version, manifest.created_at, manifest.engine, manifest.sha256, manifest.secret_key)
    numbers = (manifest.bytes, *dict(manifest.rows).values())
    texts += (*list(manifest.migrations), *list(manifest.private_keys), *manifest.rows)
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(number, int) for number in numbers):
        raise ValueError("wrong values")
    return manifest


def check_fits(manifest: Manifest) -> None:
    """Raise BackupError if this installation cannot use the backup: other engine, newer version or missing keys."""
    if manifest.engine != engine():
        raise BackupError(
            f"This backup is of {manifest.engine}, but this installation uses {engine()}: "
            "set or remove DATABASE_URL to match, then restore."
        )
    if unknown := set(manifest.migrations) - _known_migrations():
        raise BackupError(
            f"This backup was made by a newer version, {manifest.version} ({len(unknown)} unknown migrations). "
            "Upgrade this installation first."
        )
    keys = {fingerprint(key) for key in settings.PRIVATE_KEYS}
    if missing := [key for key in manifest.private_keys if key not in keys]:
        raise BackupError(
            f"The key of the private text in this backup is missing (fingerprint {', '.join(missing)}): "
            "put it into DATA_DIR/private_key or PRIVATE_KEYS, then restore."
        )


# --- Restoring ----------------------------------------------------------------------------------------------


def restore(database: Path, manifest: Manifest) -> None:
    """Replace the database of this installation by an unpacked one, in one transaction, and compare the row counts."""
    connection.close()
    rows = _restore_sqlite(database) if is_sqlite() else _restore_postgres(database)
    if rows != manifest.rows:
        tables = sorted(
            name for name in rows.keys() | manifest.rows.keys() if rows.get(name) != manifest.rows.get(name)
        )
        raise BackupError(f"After the restore, these tables have another number of rows: {', '.join(tables)}.")


def _restore_sqlite(source: Path) -> dict[str, int]:
    """Copy the file over the database. SQLite does it in one transaction, and refuses while others use the database."""
    target = sqlite3.connect(_sqlite_path(), timeout=2)
    with contextlib.closing(sqlite3.connect(source)) as copy, contextlib.closing(target):
        try:
            # Refused while any other process has the file open.
            target.execute("PRAGMA locking_mode=EXCLUSIVE")
            target.execute("BEGIN EXCLUSIVE")
            target.execute("ROLLBACK")
            copy.backup(target)
        except sqlite3.OperationalError as error:
            raise BackupError("The database is in use: stop Throughline first.") from error
        return _count_sqlite_rows(target)


def _restore_postgres(source: Path) -> dict[str, int]:
    """Replace the schema in one transaction, so that a failure leaves the old one."""
    with psycopg.connect(**_postgres_connection()) as other:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        if other.execute(others).fetchone()[0]:
            raise BackupError("The database is in use: stop Throughline first.")
    with tempfile.TemporaryFile("w+", dir=settings.DATA_DIR) as script:
        script.write("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
        script.flush()
        _run(["pg_restore", "--no-owner", "--no-acl", "--file=-", str(source)], "read", stdout=script)
        script.seek(0)
        psql = ["psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        _run(psql, "restored", stdin=script)
    with psycopg.connect(**_postgres_connection()) as other:
        return _count_postgres_rows(other)


# --- Parts --------------------------------------------------------------------------------------------------

DAMAGE = (
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    RecursionError,
    OverflowError,
    tarfile.TarError,
    zlib.error,
    gzip.BadGzipFile,
)


def _sqlite_path() -> Path:
    return Path(connection.settings_dict["NAME"])


def _count_sqlite_rows(database: sqlite3.Connection) -> dict[str, int]:
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    # The names come from the schema itself.
    count = 'SELECT count(*) FROM "{}"'
    return {name: database.execute(count.format(name)).fetchone()[0] for (name,) in tables.fetchall()}


def _count_postgres_rows(database: psycopg.Connection) -> dict[str, int]:
    tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    count = psycopg.sql.SQL("SELECT count(*) FROM {}")
    return {name: database.execute(count.format(psycopg.sql.Identifier(name))).fetchone()[0] for (name,) in tables}


def _postgres_connection() -> dict:
    return connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}


def _run(command: list[str], done: str, **pipes) -> None:
    """Run a program of PostgreSQL on the database of this installation."""
    values = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = os.environ | {name: str(values[key]) for name, key in names.items() if values.get(key)}
    try:
        subprocess.run(command, env=environment, stderr=subprocess.PIPE, check=True, text=True, **pipes)
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} is not installed: install the PostgreSQL client programs.") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines()
        raise BackupError(f"The database could not be {done}: {lines[0] if lines else command[0]}.") from error


def _applied_migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _known_migrations() -> set[str]:
    """Return the migrations of this version, and those that its squashed ones replace, as "app.name"."""
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    replaced = {key for migration in found.values() for key in migration.replaces}
    return {f"{app}.{name}" for app, name in found.keys() | replaced}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """Make a temporary folder in `parent` that only this user can read; errors of the disk become a BackupError."""
    try:
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".unfinished-") as name:
            yield Path(name)
    except OSError as error:
        raise BackupError(f"{parent} cannot be written to: {error.strerror or error}.") from error
