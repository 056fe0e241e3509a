"""The health page, the banner for admins and the monitor ping show whether reminders are sent."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import time_machine
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Installation
from reminders import health, planner, sender, tasks
from reminders.models import Delivery, Reminder, Watermark
from tests import make

BANNER = "No reminders have been sent since"


@pytest.fixture
def clock(db):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def due(pair, clock, settings):
    """Two recap emails that are due, and a configured mail server."""
    settings.EMAIL_URL = "smtp://localhost"
    session = make.closed_session(pair)
    planner.plan()
    clock.shift(timedelta(seconds=61))
    return session


def tick() -> None:
    planner.plan()


def red(client=None) -> list[str]:
    """The parts that /healthz reports as red. Its status must agree."""
    answer = (client or Client()).get("/healthz")
    states = json.loads(answer.content)
    found = [name for name, state in states.items() if state == "red" and name != "health"]
    assert (answer.status_code, states["health"]) == ((503, "red") if found else (200, "green"))
    return found


def test_health_is_green_while_the_planner_runs(clock):
    assert red() == ["tick"], "before the first tick"
    tick()
    assert red() == []
    clock.shift(timedelta(seconds=89))
    assert red() == []
    clock.shift(timedelta(seconds=1))
    assert red() == ["tick"]
    tick()
    assert red() == []
    clock.shift(timedelta(hours=-1))
    assert red() == ["tick"], "a watermark in the future plans nothing"


def test_health_is_red_once_reminders_are_three_minutes_late(due, clock):
    clock.shift(timedelta(seconds=178))  # due for 179 seconds
    tick()
    assert red() == []
    clock.shift(timedelta(seconds=1))
    tick()
    assert red() == ["due"], "it is due but not packed"
    sender.pack()
    assert red() == ["due"], "it is packed but not sent"
    assert sender.send_due() == 2
    assert red() == []


def test_an_unreachable_mail_server_is_red_but_a_full_mailbox_is_not(due, clock):
    sender.pack()
    clock.shift(timedelta(minutes=10))
    tick()
    Delivery.objects.update(next_try_at=timezone.now() + timedelta(minutes=5), last_error="ConnectionRefusedError 111")
    assert red() == ["due"]
    Delivery.objects.update(last_error="SMTPRecipientsRefused [452]")
    assert red() == []
    clock.shift(timedelta(minutes=9))
    tick()
    assert red() == ["due"], "the next attempt is overdue"


def test_reminders_held_for_their_window_are_not_late(due, clock):
    now = timezone.now()
    Reminder.objects.update(held_until=now + timedelta(hours=20))
    clock.shift(timedelta(hours=10))
    tick()
    assert red() == []
    Reminder.objects.update(held_until=None)
    sender.pack()
    for claimed in sender.claim():
        claimed.last_error = "ConnectionRefusedError 111"
        claimed.save()
        sender.postpone_to_window(claimed)
    assert Delivery.objects.filter(next_try_at__gt=timezone.now(), state="waiting").count() == 2
    assert red() == []


def test_without_a_mail_server_unsent_reminders_are_green(due, clock, settings):
    settings.EMAIL_URL = ""
    clock.shift(timedelta(hours=1))
    tick()
    assert red() == []


def test_a_missing_migration_is_red(clock):
    tick()
    MigrationRecorder(connection).record_unapplied("api", "0001_initial")
    assert red() == ["migrations"]


def test_an_unreachable_database_is_reported(db, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("no such host db.internal")

    with monkeypatch.context() as patch:
        patch.setattr(health, "ledger_state", fail)
        patch.setattr(connection, "cursor", fail)
        answer = Client().get("/healthz")
    assert answer.status_code == 503 and b"internal" not in answer.content
    assert json.loads(answer.content)["database"] == "red"


def test_the_health_page_needs_few_queries_and_no_cookie(due, clock):
    clock.shift(timedelta(hours=1))
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/healthz")
    assert len(queries) <= 4
    assert not answer.cookies and answer["Cache-Control"] == "no-store"
    assert client.post("/healthz").status_code in (403, 405)


def test_the_health_page_answers_http_despite_https_redirects(clock, settings):
    settings.SECURE_SSL_REDIRECT = True
    tick()
    assert red(Client()) == []


# --- The banner ---------------------------------------------------------------------------------------------


def test_the_banner_shows_admins_since_when_reminders_are_late(pair, as_, ada, clock):
    clock.move_to(timezone.now().replace(hour=9, minute=12))
    admin, member = as_(make.admin(pair.program)), as_(ada)
    tick()
    assert BANNER not in admin.get("/programs/").content.decode()
    clock.shift(timedelta(minutes=3))
    cache.clear()  # the state is cached for thirty seconds
    page = admin.get("/programs/").content.decode()
    assert BANNER in page and "today, 09:12" in page and "manage.py doctor" in page
    assert BANNER not in member.get("/commitments/").content.decode()
    cache.clear()
    tick()
    assert BANNER not in admin.get("/programs/").content.decode()


def test_a_new_installation_shows_no_banner_for_three_minutes(pair, as_, clock):
    Installation.objects.update(started_at=timezone.now())
    admin = as_(make.admin(pair.program))
    clock.shift(timedelta(seconds=170))
    assert BANNER not in admin.get("/programs/").content.decode()
    clock.shift(timedelta(seconds=31))
    cache.clear()
    assert BANNER in admin.get("/programs/").content.decode()


def test_the_banner_needs_two_queries_when_it_is_not_cached(due, as_, ada, clock):
    admin, member = as_(make.admin(due.pair.program)), as_(ada)
    clock.shift(timedelta(minutes=5))
    Watermark.objects.all().delete()

    def query_count(client) -> int:
        client.get("/commitments/")
        cache.delete("reminders:stuck-since")
        with CaptureQueriesContext(connection) as first:
            client.get("/commitments/")
        with CaptureQueriesContext(connection) as second:
            client.get("/commitments/")
        return len(first) - len(second)

    assert query_count(admin) <= 2
    assert query_count(member) == 0


# --- The ping -----------------------------------------------------------------------------------------------


@pytest.fixture
def pinged(settings):
    """Set a monitor's URL and return the paths that it was asked for."""
    requested = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self):
            requested.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Monitor) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.HEALTH_PING_URL = f"http://127.0.0.1:{server.server_port}/our-check"
        yield requested
        server.shutdown()


def test_the_monitor_is_pinged_once_a_minute_while_health_is_green(clock, pinged, settings):
    tasks.plan_and_send()
    tasks.plan_and_send()
    assert pinged == ["/our-check"]
    cache.clear()
    MigrationRecorder(connection).record_unapplied("api", "0001_initial")
    tasks.plan_and_send()
    assert len(pinged) == 1, "not sent while a part is red"


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1/", "http://[::1]:99999/"])
def test_an_unreachable_monitor_does_not_stop_the_planner(clock, settings, url):
    settings.HEALTH_PING_URL = url
    tasks.plan_and_send()
    assert red() == []


@pytest.mark.django_db(transaction=True)
def test_the_monitor_is_pinged_outside_any_transaction(settings, monkeypatch):
    settings.HEALTH_PING_URL = "https://monitor.example.org/"
    seen = []

    def open_(*args, **kwargs):
        seen.append((connection.in_atomic_block, kwargs["timeout"]))
        raise OSError

    monkeypatch.setattr("urllib.request.urlopen", open_)
    tasks.plan_and_send()
    assert seen == [(False, 5)]
