"""What monitors read: /livez, /metrics, the version, and log lines as JSON."""

import json
import logging
import subprocess
import sys
import tomllib
from datetime import timedelta

import pytest
import redis
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config.version import VERSION
from core.logs import JsonFormatter
from mentoring.models import Pause
from operations import queue
from reminders import planner
from reminders.models import Delivery
from tests import make
from tests.sources import ROOT

KEY = "a-key-for-the-monitor"


def broken(*args, **kwargs):
    raise DatabaseError("away")


@pytest.fixture
def metrics(db, settings, monkeypatch):
    """Read /metrics as {name: value} or {(name, label): value}."""
    settings.METRICS_KEY = KEY
    monkeypatch.setattr(queue, "length", lambda: 3)

    def read() -> dict:
        answer = Client().get("/metrics", headers={"authorization": f"Bearer {KEY}"})
        assert answer.status_code == 200
        samples = [s for family in text_string_to_metric_families(answer.content.decode()) for s in family.samples]
        return {(s.name, *s.labels.values()) if s.labels else s.name: s.value for s in samples}

    return read


def test_livez_answers_without_a_database(monkeypatch, db):
    with connection.execute_wrapper(broken):
        answer = Client().get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_the_version_is_the_one_of_the_project(db):
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert Client().get("/healthz").json()["version"] == VERSION
    command = [sys.executable, ROOT / "manage.py", "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown == f"Throughline {VERSION}\n"


def test_every_page_shows_the_version_and_its_source(pair, sam, as_, settings):
    assert f"Throughline {VERSION}" in as_(sam).get("/").content.decode()
    settings.SOURCE_URL = "https://code.example.org/ours"
    assert 'href="https://code.example.org/ours"' in as_(sam).get("/").content.decode()


@pytest.mark.parametrize("key", ["", KEY])
@pytest.mark.parametrize("sent", [None, "Bearer ", "Bearer wrong", KEY])
def test_metrics_need_the_key(db, settings, key, sent):
    settings.METRICS_KEY = key
    headers = {"authorization": sent} if sent else {}
    assert Client().get("/metrics", headers=headers).status_code == 404


def test_metrics_count_people_and_pairs_by_state(metrics):
    today, later = timezone.localdate(), timezone.localdate() + timedelta(days=7)
    running, paused, ended = make.pair(), make.pair(), make.pair()
    for pair, first in ((paused, today), (running, later)):
        Pause.objects.create(pair=pair, from_on=first, resume_on=first + timedelta(days=7), created_by=pair.mentor)
    ended.end()
    found = metrics()
    assert [found["throughline_pairs", state] for state in ("running", "paused", "ended")] == [1, 1, 1]
    assert found["throughline_people"] == 6
    assert found["throughline_version_info", VERSION] == 1


def test_metrics_show_what_is_due_and_what_was_sent(metrics, pair, settings):
    settings.EMAIL_URL = "smtp://localhost"
    closed_at = timezone.now() - timedelta(minutes=10)
    session = make.past_session(pair)
    type(session).objects.filter(pk=session.pk).update(held_at=closed_at, closed_at=closed_at)
    planner.plan()
    fields = {"due_at": closed_at, "next_try_at": closed_at}
    Delivery.objects.create(recipient=pair.mentor, state="sent", message_id="<1@example.org>", **fields)
    found = metrics()
    assert 0 <= found["throughline_tick_age_seconds"] < 60
    assert found["throughline_overdue_seconds"] > 500
    assert found["throughline_reminders_due"] >= 2
    assert (found["throughline_emails", "sent"], found["throughline_emails", "failed"]) == (1, 0)
    assert found["throughline_queue_length"] == 3


def test_metrics_answer_without_a_broker(metrics, monkeypatch):
    def away():
        raise redis.ConnectionError

    monkeypatch.setattr(queue, "length", away)
    assert str(metrics()["throughline_queue_length"]) == "nan"


def test_a_log_line_is_an_object_with_the_id_of_its_request(db, settings, monkeypatch):
    settings.PROXIES, lines = 1, []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(json.loads(JsonFormatter().format(record)))
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr("reminders.health.database_is_intact", broken)
    try:
        client = Client(raise_request_exception=False)
        answer = client.get("/healthz", headers={"x-request-id": "from-the-proxy"})
    finally:
        logging.getLogger().removeHandler(handler)
    line = next(line for line in lines if line["logger"] == "django.request")
    assert (answer.status_code, answer["X-Request-ID"], line["request"]) == (500, "from-the-proxy", "from-the-proxy")
    assert line["level"] == "ERROR" and "DatabaseError: away" in line["error"]


@pytest.mark.parametrize(("proxies", "sent"), [(0, "chosen"), (1, "two\nlines"), (1, "x" * 65), (1, "")])
def test_a_request_id_is_taken_only_from_a_proxy_and_only_if_valid(db, settings, proxies, sent):
    settings.PROXIES = proxies
    found = Client().get("/livez", headers={"x-request-id": sent})["X-Request-ID"]
    assert found != sent and len(found) == 32
