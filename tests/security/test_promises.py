"""The tests named in docs/promises.md exist, and what is promised there that no other test shows."""

import inspect
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from accounts.models import User
from config.celery import app
from mentoring.models import Program
from tests import access, make
from tests.access import TABLE
from tests.site.test_access import client_for, web_session
from tests.sources import ROOT, sources

PROMISES = (ROOT / "docs" / "promises.md").read_text()
ROWS = re.findall(r"^\| ([PR]\d+) \| ([^|]+) \| ([^|]+) \|$", PROMISES, re.M)


# --- The list ---------------------------------------------------------------------------------------------------


def test_every_promise_is_listed_once():
    assert [number for number, _promise, _tests in ROWS] == [
        *(f"P{n}" for n in range(1, 28)),
        *(f"R{n}" for n in range(1, 23)),
    ]


def test_every_promise_names_tests_that_exist():
    for number, promise, named in ROWS:
        tests = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", named)
        assert promise.endswith(".") and tests, number
        assert re.sub(r"`[^`]*`|[, ]", "", named) == "", number
        for file, name in tests:
            assert f"def {name or 'test_'}" in (ROOT / file).read_text(), (number, file, name)


# --- Programs stay apart ----------------------------------------------------------------------------------------


def pages(program: Program) -> list[str]:
    """Return every page that admins can read of their program, and those that they have beside it."""
    readable = [
        (name, row) for name, row in TABLE.items() if row.get not in (None, access.ANYONE) and "admin" in row.get
    ]
    return [
        *(reverse(name, args=[program.pk]) for name, row in readable if row.args == ("program",)),
        *(reverse(name) for name, row in readable if not row.args),
    ]


def fill(program: Program, word: str) -> None:
    """Name everybody and everything of a program with this word."""
    User.objects.filter(enrollments__program=program).update(name=f"{word} person")
    make.priority(program, f"{word} priority")
    make.competency(program, f"{word} competency")
    make.resource(program, f"{word} resource")
    make.opportunity(program, program.enrollments.filter(role="mentor").first().user, f"{word} opportunity")
    make.application(program, f"{word} applicant", email=f"{word}@example.org", why=f"{word} reason")


@pytest.mark.walk
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("actor", "name", "own", "foreign"),
    [("admin", "Program P", "Southfield", "Northfield"), ("other admin", "Program Q", "Northfield", "Southfield")],
)
def test_no_page_of_a_program_shows_another_of_the_same_name(actor, name, own, foreign):
    world = access.build()
    program, other = Program.objects.get(name=name), Program.objects.exclude(name=name).get()
    Program.objects.update(name="Mentoring")
    fill(other, foreign)
    fill(program, own)  # last, as somebody is in both
    world.web_sessions = {actor: web_session(world.actors[actor])}
    client, seen = client_for(world, actor), ""
    for url in [*pages(program), f"{reverse('search')}?q=person"]:
        answer = client.get(url)
        text = (answer.getvalue() if answer.streaming else answer.content).decode(errors="replace")
        assert foreign not in text, url
        seen += text
    assert {
        f"{own} {what}" for what in ("person", "priority", "competency", "resource", "opportunity", "applicant")
    } <= {*re.findall(rf"{own} \w+", seen)}


# --- Files, tasks, libraries and code ---------------------------------------------------------------------------


def test_no_file_of_anybody_is_kept():
    stored = [
        field for model in apps.get_models() for field in model._meta.fields if isinstance(field, models.FileField)
    ]
    assert stored == []
    readers = {path.relative_to(ROOT).as_posix() for path in sources() if "request.FILES" in path.read_text()}
    assert readers == {"mentoring/views/importing.py"}


def test_no_task_is_given_anything():
    """What a task is to do is in rows: a broker and its logs see no text, and not even a number."""
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert len(ours) > 10
    assert {name for name, task in ours.items() if inspect.signature(task.run).parameters} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_library_is_pinned_with_its_hash(path):
    entries = re.split(r"\n(?=\S)", path.read_text().strip())
    assert (
        entries and [one for one in entries if not re.match(r"[\w.\[\],-]+==[^ ]+ .*--hash=sha256:", one, re.S)] == []
    )


# Where each kind of risky call is right, after a review.
RISKY = {
    r"\bmark_safe\(": {"core/markdown.py", "core/widgets.py"},
    r"@csrf_exempt": {
        *("accounts/single_sign_on/views.py", "api/views.py", "operations/scim/views.py"),
        "reminders/views/email_links.py",
    },
    r"\.raw\(|\.extra\(|\bRawSQL\(": set(),
    r"\bimport (?:pickle|marshal|shelve)\b|yaml\.(?:unsafe_|full_)?load\(": set(),
    r"(?<![\w.])(?:eval|exec)\(|os\.system\(|shell=True": set(),
    r"verify=False|CERT_NONE|check_hostname = False|_create_unverified_context": set(),
}


def risky(path: Path) -> set[str]:
    return {pattern for pattern in RISKY if re.search(pattern, path.read_text())}


def test_risky_calls_are_where_they_were_reviewed():
    found = {pattern: set() for pattern in RISKY}
    for path in sources():
        for pattern in risky(path):
            found[pattern].add(path.relative_to(ROOT).as_posix())
    assert found == RISKY


@pytest.mark.parametrize(
    "line",
    [
        *("x = mark_safe(name)", "@csrf_exempt", "User.objects.raw(text)", "import pickle", "yaml.load(text)"),
        *("eval(text)", "subprocess.run(text, shell=True)", "requests.get(url, verify=False)"),
    ],
)
def test_a_risky_call_would_be_found(line, tmp_path):
    path = tmp_path / "some.py"
    path.write_text(f"{line}\n")
    assert risky(path)
