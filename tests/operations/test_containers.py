"""docker-compose.yml: every setting reaches the containers, and any password works."""

import re
from io import StringIO
from types import SimpleNamespace

import psycopg
import pytest
import yaml
from django.core.management import call_command

from accounts.local_access import setup_link
from config import env, heartbeat
from config.beat import Scheduler
from config.celery import app
from operations.management.commands import prepare
from tests import make
from tests.sources import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "throughline"}


def test_one_service_builds_the_image_and_the_others_wait_for_it():
    assert [name for name, service in OURS.items() if "build" in service] == ["prepare"]
    for name in OURS.keys() - {"prepare"}:
        assert OURS[name]["pull_policy"] == "never"
        assert OURS[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"


def test_the_containers_have_no_rights_that_they_do_not_need():
    for service in OURS.values():
        assert service["read_only"] and service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert all(service["logging"]["options"]["max-size"] for service in COMPOSE["services"].values())


def test_a_setting_in_env_example_is_documented_and_passed_on():
    example = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / "docs/env.example").read_text(), re.M))
    compose = (ROOT / "docker-compose.yml").read_text()
    documented = (ROOT / "docs/configuration.md").read_text()
    assert example - set(re.findall(r"\$\{([A-Z_]+)", compose)) == set()
    assert {name for name in example if f"`{name}`" not in documented} - {"POSTGRES_PASSWORD"} == set()
    passed = set(OURS["web"]["environment"])
    assert {name for name in passed if f"`{name}`" not in documented} == set()


@pytest.mark.parametrize("password", ["a@b:c/d#e%f", "100%40", "p w?&=", "ünïcode"])
def test_a_password_may_have_any_characters(monkeypatch, password):
    environment = OURS["web"]["environment"]
    assert environment["DATABASE_PASSWORD"].startswith("${POSTGRES_PASSWORD?")
    monkeypatch.setenv("DATABASE_URL", environment["DATABASE_URL"])
    monkeypatch.setenv("DATABASE_PASSWORD", password)
    values = env.database()
    assert (values["HOST"], values["USER"], values["PASSWORD"]) == ("database", "throughline", password)
    shown = psycopg.conninfo.make_conninfo(password=values["PASSWORD"])
    assert psycopg.conninfo.conninfo_to_dict(shown)["password"] == password


def test_worker_and_scheduler_touch_the_file_of_their_health_check(tmp_path, settings):
    """The file is in the folder that the container may write, and each touches it when it starts and ever after."""
    [file] = re.findall(r"HEARTBEAT_FILE=(\S+)", (ROOT / "Dockerfile").read_text())
    for name in ("worker", "beat"):
        assert f"find {file} -mmin -2" in OURS[name]["healthcheck"]["test"] and file.startswith("/tmp/")
    assert "healthcheck" not in OURS["prepare"] and "livez" in str(OURS["web"]["healthcheck"])

    settings.HEARTBEAT_FILE = tmp_path / "worker"
    calls = []
    worker = SimpleNamespace(timer=SimpleNamespace(call_repeatedly=lambda *call: calls.append(call)))
    heartbeat.Heartbeat(worker).start(worker)
    assert settings.HEARTBEAT_FILE.exists() and calls == [(heartbeat.EVERY, heartbeat.touch)]
    assert heartbeat.Heartbeat in app.steps["worker"] and heartbeat.EVERY < 60

    settings.HEARTBEAT_FILE = tmp_path / "beat"
    Scheduler(app, schedule={}, schedule_filename=str(tmp_path / "schedule")).tick()
    assert settings.HEARTBEAT_FILE.exists()


def test_the_image_has_static_files_and_no_keys():
    steps = (ROOT / "Dockerfile").read_text()
    collect = re.search(r"DATA_DIR=(\S+) python manage\.py collectstatic", steps)
    assert f"rm -r {collect[1]}" in steps[collect.end() :] and steps.index("USER ") > collect.end()
    assert not re.search(r"STATIC_ROOT=/data\b", steps)


def test_collected_files_are_not_collected_again(durable_commits, db, tmp_path, settings, monkeypatch):
    called = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: called.append(name))
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir(mode=0o700)
    for folder, expected in (("elsewhere", ["migrate"]), ("data/static", ["migrate", "collectstatic"])):
        settings.STATIC_ROOT = tmp_path / folder
        call_command("prepare", stdout=StringIO())
        assert called == expected
        called.clear()


def test_the_log_shows_where_to_begin_until_somebody_has(durable_commits, db, monkeypatch):
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: None)
    call_command("prepare", stdout=(empty := StringIO()))
    assert setup_link() in empty.getvalue()
    make.installation()
    call_command("prepare", stdout=(used := StringIO()))
    assert used.getvalue() == ""


def test_only_one_version_of_htmx_is_collected(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", verbosity=0, interactive=False)
    found = {path.name for path in (tmp_path / "django_htmx").rglob("*.js")}
    assert found == {"htmx-2.min.js", "django-htmx.js"}


@pytest.mark.parametrize(("value", "pooled"), [("", False), ("1", True)])
def test_a_pooler_gets_no_cursor_that_outlives_a_transaction(monkeypatch, value, pooled):
    monkeypatch.setenv("DATABASE_POOLER", value)
    values = env.postgresql("DATABASE_URL", "postgres://throughline@database:6432/throughline")
    assert values["DISABLE_SERVER_SIDE_CURSORS"] is pooled
