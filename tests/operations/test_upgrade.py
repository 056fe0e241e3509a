"""Installations of earlier versions (the databases in tests/upgrades) are upgraded with all their data."""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

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

VISIT = """
import json
from django.test import Client
from django.urls import reverse
from accounts.models import Installation, User
from mentoring.models import Pair, Program
from sessions.models import PrivateNote
assert Installation.current().demo
answers, notes = {}, []
def get(user, name, *args):
    url = reverse(name, args=args)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answers[f"{user} {url}"] = client.get(url).status_code
for pair in Pair.objects.select_related("mentor", "mentee")[:3]:
    for person in pair.people:
        for page in ("pair_detail", "progress", "goal_list", "plan_list", "outcome_list"):
            get(person, page, pair.pk)
    for session in pair.sessions.order_by("-starts_at")[:2]:
        get(pair.mentor, "session_detail", session.pk)
    for page in ("home", "session_list", "commitment_list", "inbox_list", "preferences"):
        get(pair.mentee, page)
program = Program.objects.get()
admin = User.objects.filter(enrollments__role="admin", enrollments__program=program).first()
for page in ("program_detail", "program_overview", "program_reminders", "program_rules"):
    get(admin, page, program.pk)
notes = [note.text for note in PrivateNote.objects.all()]
print(json.dumps({"answers": answers, "notes": notes}))
"""


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
        timeout=240,
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
