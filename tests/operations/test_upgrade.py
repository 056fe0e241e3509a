"""Installations of earlier versions (the databases in tests/upgrades) are upgraded with all their data."""

import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tests.sources import ROOT

UPGRADES = Path(__file__).resolve().parents[1] / "upgrades"
RENAMED = {
    "dashboard_published": "dashboard_publishedfigure",
    "accounts_mailtrouble": "accounts_bounce",
    "mentoring_pairpulse": "mentoring_pulseanswer",
    "goals_pulse": "goals_feedbackround",
    "goals_pulseanswer": "goals_feedbackanswer",
    "goals_pulseinvite": "goals_feedbackinvite",
    "goals_workitem": "goals_workevent",
    "mentoring_sessions_wording": "mentoring_sessions_textversion",
}
ADDED_TO = {"account_emailaddress", "auth_permission", "django_content_type", "django_migrations", "sqlite_sequence"}

VISIT = (UPGRADES / "visit.py").read_text()


def counts(path: Path) -> dict[str, int]:
    """How many rows each table of a database has."""
    with sqlite3.connect(path) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in tables}


# The usual run upgrades from the oldest version, which takes every step; a release also from the later ones.
OLDEST, LATER = "b65dc02", "7eec81d"


@pytest.fixture(params=[OLDEST, pytest.param(LATER, marks=pytest.mark.release)])
def data_folder(request, tmp_path) -> Path:
    tmp_path.chmod(0o700)
    database = tmp_path / "throughline.sqlite3"
    database.write_bytes(gzip.decompress((UPGRADES / f"{request.param}.sqlite3.gz").read_bytes()))
    shutil.copy(UPGRADES / f"{request.param}.private_key", tmp_path / "private_key")
    (tmp_path / "private_key").chmod(0o600)
    return tmp_path


def manage(folder: Path, *arguments: str) -> str:
    ours = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=ours | {"DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=560,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.walk
def test_an_upgrade_keeps_every_row_and_every_page_opens(data_folder):
    database = data_folder / "throughline.sqlite3"
    before = {RENAMED.get(name, name): n for name, n in counts(database).items()}
    manage(data_folder, "prepare")
    after = counts(database)
    assert {name: (n, after[name]) for name, n in before.items() if after[name] != n and name not in ADDED_TO} == {}
    assert after["account_emailaddress"] == before["accounts_user"]
    found = json.loads(manage(data_folder, "shell", "--no-imports", "-c", VISIT).splitlines()[-1])
    assert len(found["answers"]) > 20 and set(found["answers"].values()) == {200}, found["answers"]
    assert len(found["notes"]) == before["mentoring_sessions_privatenote"] > 0
    assert all(note and "gAAAA" not in note for note in found["notes"])
    assert schema(database) == schema(new_database(data_folder / "new"))


def new_database(folder: Path) -> Path:
    """Make a database by the squashed migrations, by which nothing that exists is upgraded."""
    folder.mkdir(mode=0o700)
    manage(folder, "migrate", "--verbosity=0")
    return folder / "throughline.sqlite3"


def schema(path: Path) -> list[tuple]:
    """Return columns, constraints and indexes in any order, without the names that Django derives from columns."""
    found: list[tuple] = []
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT type, tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    for kind, table, name, sql in rows:
        if kind == "table":
            found += [(table, part) for part in split_at_commas(sql[sql.index("(") + 1 : sql.rindex(")")])]
        else:
            derived = re.search(r"_[0-9a-f]{8}(_uniq)?$", name)
            found.append((table, kind, sql.replace(name, "") if derived else sql))
    return sorted(found)


def split_at_commas(sql: str) -> list[str]:
    """Split the body of CREATE TABLE into columns and constraints: at commas outside of parentheses."""
    parts, depth = [""], 0
    for letter in sql:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        parts += [""] if letter == "," and not depth else []
        parts[-1] += letter if letter != "," or depth else ""
    return [part.strip() for part in parts]


def test_an_interrupted_upgrade_can_be_continued(db, monkeypatch):
    """Wherever it stops, those that are applied fit together, be they squashed or not, and the rest can follow."""
    with gzip.open(UPGRADES / f"{OLDEST}.sqlite3.gz") as packed, sqlite3.connect(":memory:") as old:
        old.deserialize(packed.read())
        applied = set(old.execute("SELECT app, name FROM django_migrations"))
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _recorder: dict.fromkeys(applied))
    steps = 0
    while plan := remaining():
        for migration in plan[:8]:
            applied |= set(migration.replaces) or {(migration.app_label, migration.name)}
            steps += 1
    assert steps > 50


def remaining() -> list[Migration]:
    """Return the migrations that are left, after building the models as those that are applied describe them."""
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    _models = executor._create_project_state(with_applied_migrations=True).apps
    return [step for step, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
