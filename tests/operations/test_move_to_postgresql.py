"""`manage.py move_to_postgresql` copies everything from SQLite, or leaves PostgreSQL as it was."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from config import env
from operations.management.commands.serve import data_folder_lock
from tests.sources import ROOT

pytestmark = [pytest.mark.postgresql, pytest.mark.slow, pytest.mark.real_time]
NOTE = "SELECT id, text FROM mentoring_sessions_privatenote ORDER BY id"


def manage(folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess:
    ours = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=ours | {"DATA_DIR": str(folder)} | changes,
        capture_output=True,
        text=True,
        timeout=400,
    )


class Server:
    """Databases of a name each on the PostgreSQL of this run, dropped afterward."""

    def __init__(self):
        self.names = []

    def run(self, statement: str, *names: str) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def new(self, *template: str) -> str:
        name = f"moved_{os.getpid()}_{len(self.names)}"
        self.run("CREATE DATABASE {}" + " TEMPLATE {}" * len(template), name, *template)
        self.names.append(name)
        return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"

    def drop(self) -> None:
        for name in self.names:
            self.run("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.drop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """The data folder of a demo in SQLite, and of a program whose last row was deleted again."""
    folder = tmp_path_factory.mktemp("demo")
    for command in ("prepare", "demo"):
        done = manage(folder, command)
        assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(folder / "throughline.sqlite3")) as database:
        database.execute("UPDATE sqlite_sequence SET seq = 4000 WHERE name = 'goals_goal'")
        database.commit()
    return folder


@pytest.fixture(scope="module")
def moved(server, demo) -> tuple[str, str]:
    """The address of the database that everything was moved to, and what the command printed."""
    url = server.new()
    done = manage(demo, "move_to_postgresql", url)
    assert done.returncode == 0, done.stderr
    return url, done.stdout


@pytest.fixture
def migrated(server, moved) -> str:
    """The address of a database that `migrate` has prepared."""
    url = server.new(moved[0].rpartition("/")[2])
    with psycopg.connect(url) as database:
        tables = [name for name in rows(url) if name != "django_migrations"]
        database.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, tables))))
    return url


@pytest.fixture
def copy(demo, tmp_path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "copy"))


def rows(url: str) -> dict[str, int]:
    with psycopg.connect(url) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        count = sql.SQL("SELECT count(*) FROM {}")
        return {name: database.execute(count.format(sql.Identifier(name))).fetchone()[0] for (name,) in tables}


def rows_in_sqlite(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "throughline.sqlite3")) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables.fetchall()}


def refused(done: subprocess.CompletedProcess) -> str:
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: ") and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_every_row_is_moved_and_encrypted_text_stays_as_it_is(moved, demo):
    url, printed = moved
    assert rows(url) == rows_in_sqlite(demo)
    assert f"Copied {sum(rows(url).values()):,} rows" in printed and "Now set DATABASE_URL=" in printed
    with closing(sqlite3.connect(demo / "throughline.sqlite3")) as old, psycopg.connect(url) as new:
        assert new.execute(NOTE).fetchall() == old.execute(NOTE).fetchall() != []


def test_the_moved_installation_works_and_never_uses_a_number_again(server, moved, demo):
    url = server.new(moved[0].rpartition("/")[2])
    script = """
from sessions.models import PrivateNote
from goals.models import Goal
from django.test import Client
from accounts.models import User
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(email__startswith="ada"), "allauth.account.auth_backends.AuthenticationBackend")
goal = Goal.objects.first()
Goal.objects.bulk_create([Goal(pk=None, pair=goal.pair, title="Read")])
print([client.get("/").status_code, all(note.text for note in PrivateNote.objects.all()),
       Goal.objects.latest("pk").pk])
"""
    done = manage(demo, "shell", "--no-imports", "-c", script, DATABASE_URL=url)
    assert done.stdout.splitlines()[-1:] == ["[200, True, 4001]"], done.stderr


def test_a_database_with_rows_is_refused(moved, demo):
    before = rows(moved[0])
    done = manage(demo, "move_to_postgresql", moved[0])
    assert "is not empty (account_emailaddress has rows)" in refused(done)
    assert rows(moved[0]) == before


@pytest.mark.parametrize(
    "damage, sentence",
    [
        ("DELETE FROM mentoring_program", "violates foreign key constraint"),
        ("UPDATE accounts_user SET name = hex(randomblob(900))", "value too long"),
        ("UPDATE accounts_user SET name = 'A' || char(0) WHERE id = 1", "The table accounts_user could not be copied"),
        ("DELETE FROM django_migrations WHERE app = 'goals'", "run `manage.py prepare` first"),
        ("INSERT INTO django_migrations VALUES (9000, 'goals', '9000_new', '2030-01-01')", "of a newer version"),
        ("CREATE TABLE foreign_things (id integer)", "in one database only: foreign_things"),
    ],
)
def test_what_does_not_fit_leaves_the_new_database_empty(migrated, copy, damage, sentence):
    with closing(sqlite3.connect(copy / "throughline.sqlite3")) as database:
        database.execute(damage)
        database.commit()
    before = rows(migrated)
    assert sentence in refused(manage(copy, "move_to_postgresql", migrated))
    assert rows(migrated) == before


def test_a_copy_that_differs_is_refused(migrated, copy):
    with psycopg.connect(migrated) as database:
        database.execute(
            "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name = 'X'; RETURN NEW; END $$"
        )
        database.execute("CREATE TRIGGER t BEFORE INSERT ON accounts_user FOR EACH ROW EXECUTE FUNCTION other()")
    assert "accounts_user is not the same in both" in refused(manage(copy, "move_to_postgresql", migrated))
    assert rows(migrated)["accounts_user"] == 0


def test_it_refuses_while_the_data_is_in_use(migrated, copy, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", copy)
    with data_folder_lock():
        done = manage(copy, "move_to_postgresql", migrated)
    assert done.returncode == 1 and "is already running" in done.stderr
    with closing(sqlite3.connect(copy / "throughline.sqlite3")) as other:
        other.execute("SELECT count(*) FROM accounts_user").fetchone()
        assert "in use: stop Throughline first" in refused(manage(copy, "move_to_postgresql", migrated))


@pytest.mark.parametrize(
    "url, sentence",
    [
        ("mysql://a@b/c", "is invalid: it should look like postgres://"),
        ("postgresql://someone@127.0.0.1:1/none", "PostgreSQL refused: connection failed"),
    ],
)
def test_a_wrong_address_is_one_sentence(copy, url, sentence):
    assert sentence in refused(manage(copy, "move_to_postgresql", url))


def test_the_address_may_come_without_its_password():
    values = env.postgresql("The address", "postgresql://throughline@database/throughline")
    assert (values["USER"], values["PASSWORD"], values["NAME"]) == ("throughline", "", "throughline")
