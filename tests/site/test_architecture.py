"""Tests the architecture: apps import downward, tasks are not queued for later, system checks pass."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.sources import ROOT, sources

QUEUES = {"delay", "delay_on_commit", "apply_async", "apply_async_on_commit", "send_task"}
MAY_QUEUE = {"reminders/tasks.py"}


def run(*command: str, **environment: str) -> subprocess.CompletedProcess:
    ours = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(command, cwd=ROOT, env=ours | environment, capture_output=True, text=True)


def tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def test_apps_import_only_lower_apps():
    result = run(tool("lint-imports"), "--no-cache")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]])
def test_ruff_finds_nothing(command):
    result = run(tool("ruff"), *command, "--no-cache", ".")
    assert result.returncode == 0, result.stdout


@pytest.mark.django_db
def test_migrations_match_the_models():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("site", ["http://localhost:8000", "https://mentoring.example.org"])
def test_default_settings_pass_the_deployment_check(site, tmp_path):
    result = run(
        *(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default"),
        SITE_URL=site,
        DATA_DIR=str(tmp_path),
    )
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def calls(path: Path):
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]


def far_ahead(keyword: ast.keyword) -> bool:
    if keyword.arg == "eta":
        return True
    if keyword.arg != "countdown":
        return False
    return not isinstance(keyword.value, ast.Constant) or keyword.value.value > 60


def wrong_calls(path: Path) -> list[str]:
    """Return the calls that queue a task for later: a worker that dies would lose it, so due times are in rows."""
    place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    found = []
    for call in calls(path):
        if call.func.attr in QUEUES and place not in MAY_QUEUE:
            found.append(f"{place}:{call.lineno} queues a task")
        if any(far_ahead(keyword) for keyword in call.keywords):
            found.append(f"{place}:{call.lineno} names a far time")
    return found


def test_no_task_is_queued_for_later_or_outside_one_module():
    assert [line for path in sources() for line in wrong_calls(path)] == []


@pytest.mark.parametrize("line", ["a.delay(1)", "a.b(eta=x)", "a.b(countdown=61)", "a.b(countdown=n)"])
def test_the_queue_check_finds_wrong_calls(line, tmp_path):
    path = tmp_path / "some.py"
    path.write_text(line)
    assert wrong_calls(path)


def test_files_stay_short():
    """A module of more than 500 lines is split by noun."""
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in [*sources(), *ROOT.joinpath("tests").rglob("*.py")]
        if "migrations" not in path.parts and (count := len(path.read_text().splitlines())) > 550
    }
    assert long == {}


def test_each_lock_file_includes_the_smaller_one():
    """So that an environment for tests can also run the app (bootstrap.py)."""

    def packages(name: str) -> set[str]:
        lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
        return {line.rstrip(" \\") for line in lines if "==" in line}

    assert packages("run") <= packages("test") <= packages("dev")
