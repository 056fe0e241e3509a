"""Copy the SQLite database of an installation to an empty PostgreSQL database, in one transaction.

The columns are copied as they are stored, so that encrypted text needs the same keys as before. Every error is a
MoveError with one sentence for the operator; the PostgreSQL database is then as it was before.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

OLDEST = 140000  # PostgreSQL 14, as pg_settings.server_version_num
AT_ONCE = 2_000  # rows
FILLED_BY_MIGRATE = ["auth_permission", "django_content_type", "django_migrations"]

# How the values of SQLite become those of a column of PostgreSQL; other types are the same in both.
READ: dict[str, Callable] = {
    "boolean": bool,
    "timestamp with time zone": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
    "date": date.fromisoformat,
    "time without time zone": time.fromisoformat,
    "interval": lambda microseconds: timedelta(microseconds=microseconds),
    "uuid": UUID,
    "double precision": float,
}


# The names in them come from the schema itself.
SELECT, FIRST, EMPTY, HIGHEST = (
    "SELECT {} FROM {}",
    "SELECT 1 FROM {} LIMIT 1",
    "DELETE FROM {}",
    "SELECT MAX({}) FROM {}",
)


class MoveError(Exception):
    """The data could not be moved; the text is one sentence for the operator."""


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    scale: int | None  # digits after the point of a numeric column
    numbers_rows: bool  # filled from a sequence

    def read(self, value):
        """Return a value of SQLite as PostgreSQL returns it."""
        if value is None:
            return None
        if self.kind == "numeric":
            return Decimal(str(value)).quantize(Decimal(1).scaleb(-(self.scale or 0)))
        return READ[self.kind](value) if self.kind in READ else value


@dataclass(frozen=True)
class Moved:
    tables: int
    rows: int


def move(source: Path, target: dict) -> Moved:
    """Copy the SQLite file to the database with these settings, and compare every table on both sides.

    The file is locked meanwhile. The tables are created unless `migrate` did so before.
    """
    with opened(source) as old, default_database(target):
        try:
            with transaction.atomic():
                check_server()
                check_version(old)
                empty_tables()
                moved = copy_all(old)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        except (DatabaseError, psycopg.Error) as error:
            raise MoveError(f"PostgreSQL refused: {first_line(error)}.") from error
    return moved


@contextmanager
def opened(source: Path) -> Iterator[sqlite3.Connection]:
    """Open the SQLite file so that no other process can use it until this ends."""
    connection.close()
    if not source.exists():
        raise MoveError(f"There is no database {source}.")
    with closing(sqlite3.connect(source, timeout=2, isolation_level=None)) as old:
        try:
            old.execute("PRAGMA locking_mode=EXCLUSIVE")
            old.execute("BEGIN EXCLUSIVE")  # refused while another process has the file open
        except sqlite3.OperationalError as error:
            raise MoveError("The database is in use: stop Throughline first.") from error
        except sqlite3.DatabaseError as error:
            raise MoveError(f"{source} is damaged: restore the last backup first.") from error
        yield old
        old.execute("ROLLBACK")


@contextmanager
def default_database(values: dict) -> Iterator[None]:
    """Use another database as the default one: earlier migrations know no other name."""
    usual = connections.databases["default"]
    connections["default"].close()
    try:
        connections.databases["default"] = connections.configure_settings({"default": dict(values)})["default"]
        del connections["default"]
        yield
    finally:
        connections["default"].close()
        connections.databases["default"] = usual
        del connections["default"]


def check_server() -> None:
    if connection.vendor != "postgresql" or connection.pg_version < OLDEST:
        raise MoveError("The new database must be PostgreSQL 14 or newer.")


def check_version(old: sqlite3.Connection) -> None:
    """Raise MoveError unless the SQLite database has exactly the migrations of this version."""
    known = known_migrations()
    try:
        applied = set(old.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.DatabaseError as error:
        raise MoveError(f"The SQLite database cannot be read: {error}.") from error
    if known - applied:
        raise MoveError("The SQLite database is of an earlier version: run `manage.py prepare` first.")
    apps = {app for app, _name in known}
    if any(app in apps for app, _name in applied - known - replaced()):
        raise MoveError("The SQLite database is of a newer version: upgrade this installation first.")


def known_migrations() -> set[tuple[str, str]]:
    return set(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def replaced() -> set[tuple[str, str]]:
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {key for migration in found.values() for key in migration.replaces}


def empty_tables() -> None:
    """Create the tables, or accept those that `migrate` made; raise MoveError if there is anything else."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if not tables:
            call_command("migrate", interactive=False, verbosity=0)
        elif known_migrations() - set(MigrationRecorder(connection).applied_migrations()):
            raise MoveError("The PostgreSQL database is not empty: choose an empty one.")
        for table in sorted(tables - set(FILLED_BY_MIGRATE)):
            cursor.execute(FIRST.format(quoted(table)))
            if cursor.fetchone():
                raise MoveError(f"The PostgreSQL database is not empty ({table} has rows): choose an empty one.")
        for table in FILLED_BY_MIGRATE:
            cursor.execute(EMPTY.format(quoted(table)))


def copy_all(old: sqlite3.Connection) -> Moved:
    """Copy all tables; their foreign keys are checked once all of them are there."""
    tables = new_tables()
    have = {name for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    have = {name for name in have if not name.startswith("sqlite_")}
    if have != tables.keys():
        raise MoveError(f"These tables are in one database only: {', '.join(sorted(have ^ tables.keys()))}.")
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # migrations leave some of them immediate
        for table, columns in tables.items():
            try:
                copied = copy_table(old, cursor, table, columns)
            except (DatabaseError, psycopg.Error, sqlite3.Error, ValueError, TypeError) as error:
                raise MoveError(f"The table {table} could not be copied: {first_line(error)}.") from error
            if copied != sums(stored(cursor, table, columns), columns):
                raise MoveError(f"The table {table} is not the same in both databases.")
            rows += copied[0]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return Moved(len(tables), rows)


def new_tables() -> dict[str, list[Column]]:
    """Return the columns of each table of the PostgreSQL database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type, numeric_scale, is_identity = 'YES'"
            " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name, ordinal_position"
        )
        tables: dict[str, list[Column]] = {}
        for table, *column in cursor.fetchall():
            tables.setdefault(table, []).append(Column(*column))
    return tables


def copy_table(old: sqlite3.Connection, cursor, table: str, columns: list[Column]) -> tuple[int, int]:
    """Copy the rows of a table and set its sequence; return their number and checksum."""
    names = ", ".join(quoted(column.name) for column in columns)

    def rows() -> Iterator[tuple]:
        for row in old.execute(SELECT.format(names, quoted(table))):
            yield tuple(column.read(value) for column, value in zip(columns, row, strict=True))

    with cursor.copy(f"COPY {quoted(table)} ({names}) FROM STDIN") as copy:
        for row in rows():
            copy.write_row(row)
    for column in columns:
        if column.numbers_rows:
            # A number that was used once is not used again, even if its row is gone.
            last = old.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
            highest = old.execute(HIGHEST.format(quoted(column.name), quoted(table))).fetchone()[0]
            if number := max(last[0] if last else 0, highest or 0):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [quoted(table), column.name, number]
                )
    return sums(rows(), columns)


def stored(cursor, table: str, columns: list[Column]) -> Iterator[tuple]:
    """Return the rows of a table of PostgreSQL, a few at a time."""
    names = ", ".join(quoted(column.name) for column in columns)
    with connection.connection.cursor(name="moved") as rows:
        rows.itersize = AT_ONCE
        yield from rows.execute(SELECT.format(names, quoted(table)))


def sums(rows: Iterator[tuple], columns: list[Column]) -> tuple[int, int]:
    """Return the number of rows and a checksum of them that does not depend on their order."""
    number = total = 0
    json_at = {at for at, column in enumerate(columns) if column.kind in ("jsonb", "json")}
    for row in rows:
        values = [plain_json(value) if at in json_at else value for at, value in enumerate(row)]
        digest = hashlib.sha256(repr([same(value) for value in values]).encode("utf-8", "surrogatepass")).digest()
        number, total = number + 1, (total + int.from_bytes(digest)) % 2**256
    return number, total


def same(value):
    """Return the value in one form: two databases may name the same time in different zones."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def plain_json(text):
    """Return JSON in one form: PostgreSQL orders keys and writes numbers in its own way."""
    if text is None:
        return None
    content = json.loads(text, parse_int=Decimal, parse_float=Decimal) if isinstance(text, str) else text
    return json.dumps(content, sort_keys=True, default=lambda number: str(number.normalize()))


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
