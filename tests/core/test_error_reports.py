"""What a report of an error tells: where it happened, and no word that anybody wrote."""

import json
import logging

import pytest
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404
from django.test import Client
from django.urls import reverse
from sentry_sdk.transport import Transport

from config import env
from config.celery import app
from config.version import VERSION
from core import error_reports

PRIVATE = "kestrel-of-the-marsh"
DSN = "https://key@sentry.example.org/1"


class Outbox(Transport):
    """Keeps what would be sent to the server."""

    sent: list

    def __init__(self, options):
        super().__init__(options)
        self.sent = []

    def capture_envelope(self, envelope) -> None:
        self.sent.append(envelope.serialize().decode())


@pytest.fixture
def outbox():
    error_reports.start(DSN, transport=Outbox)
    client = sentry_sdk.get_client()
    yield client.transport.sent
    client.close()
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def broken_home(monkeypatch):
    def read(user, *args):
        note = f"{PRIVATE}, written by {user.email}"
        try:
            raise KeyError(note)
        except KeyError as error:
            raise ValueError(f"cannot read {note}") from error

    monkeypatch.setattr("dashboard.views.home.read_home", read)


def event_of(envelope: str) -> dict:
    return json.loads(envelope.splitlines()[2])


def test_a_broken_page_is_reported_without_what_anybody_wrote(outbox, broken_home, pair, ada):
    client = Client(raise_request_exception=False, headers={"user-agent": PRIVATE})
    client.force_login(ada)
    client.cookies["x"] = PRIVATE
    answer = client.get(reverse("home"), {"q": PRIVATE})
    assert answer.status_code == 500
    [envelope] = outbox
    for private in (PRIVATE, ada.email, ada.name, client.session.session_key):
        assert private not in envelope
    event = event_of(envelope)
    assert [error["type"] for error in event["exception"]["values"]] == ["KeyError", "ValueError"]
    last = event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert last["function"] == "read" and last["lineno"] and "vars" not in last
    assert (event["release"], event["tags"]) == (VERSION, {"request": answer["X-Request-ID"]})


def test_a_broken_task_is_reported_without_its_arguments(outbox, monkeypatch):
    @app.task(name="tests.break")
    def break_down(word):
        raise ValueError(word)

    break_down.apply(args=[PRIVATE])
    [envelope] = outbox
    assert PRIVATE not in envelope
    assert event_of(envelope)["exception"]["values"][0]["type"] == "ValueError"
    app.tasks.pop("tests.break")


def test_an_entry_without_a_traceback_is_not_reported(outbox):
    logging.getLogger("reminders").error("refused: %s", PRIVATE)
    logging.getLogger("reminders").error(f"refused: {PRIVATE}")
    assert outbox == []


def test_earlier_log_lines_are_no_part_of_a_report(outbox):
    logging.getLogger("reminders").warning("refused: %s", PRIVATE)
    try:
        raise Http404(PRIVATE)
    except Http404:
        logging.getLogger("reminders").exception("%s failed", PRIVATE, extra={"data": PRIVATE})
    [envelope] = outbox
    assert PRIVATE not in envelope


@pytest.mark.parametrize("wrong", ["sentry.example.org/1", "https://sentry.example.org/1", "https://key@host/x", "x"])
def test_a_wrong_address_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("SENTRY_DSN", wrong)
    with pytest.raises(ImproperlyConfigured, match=r"SENTRY_DSN is invalid: it should look like https://key@"):
        env.sentry()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setenv("SENTRY_DSN", DSN)
    assert env.sentry() == DSN
    monkeypatch.setattr(env, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements/sentry\.txt"):
        env.sentry()
