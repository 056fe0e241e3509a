"""Webhooks: what is told, signed as the standard's own library checks it, retried, and never to private networks."""

import json
import socket
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook

from api import tasks, webhooks
from api.models import WebhookDelivery, WebhookEndpoint
from core import outgoing
from dashboard.models import Flag, FlagRule
from tests import make

NOW = datetime(2026, 12, 7, 9, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def hook(clock, pair, receiver):
    return make.webhook(pair.program, receiver.url)


def types(receiver) -> list[str]:
    return sorted(json.loads(body)["type"] for _headers, body in receiver.received)


def state(hook) -> tuple:
    row = hook.deliveries.get()
    return row.state, row.attempts, row.status


def test_each_event_is_told_once_with_ids_alone(hook, pair, receiver, clock):
    session, commitment = make.past_session(pair), make.commitment(pair, text="zqxcanary")
    for person in pair.people:
        session.answer(person, met=True)
    type(session).objects.filter(pk=session.pk).update(held_at=timezone.now() + timedelta(seconds=1))
    clock.shift(1)
    commitment.complete(pair.mentee, 1)
    Flag.objects.create(pair=pair, rule=FlagRule.NO_FIRST_SESSION, level="red", level_changed_at=NOW + timedelta(0, 1))
    other = make.pair(pair.program, make.user(), make.user())
    clock.shift(1)
    other.end()
    clock.shift(30)
    tasks.send_webhooks()
    assert receiver.received == []  # it may still be undone
    clock.shift(60)
    tasks.send_webhooks()
    assert types(receiver) == ["commitment.done", "pair.ended", "pair.flagged", "session.held"]
    clock.shift(60)
    tasks.send_webhooks()
    assert len(receiver.received) == 4
    data = {json.loads(body)["type"]: json.loads(body)["data"] for _headers, body in receiver.received}
    here = {"program": pair.program_id, "pair": pair.pk}
    assert data["session.held"] == here | {"session": session.pk}
    assert data["commitment.done"] == here | {"commitment": commitment.pk}
    assert data["pair.flagged"] == here | {"flags": 1}
    assert data["pair.ended"] == here | {"pair": other.pk}
    assert not any(b"zqxcanary" in body or b"Ada" in body for _headers, body in receiver.received)


def test_the_signature_is_that_of_the_standard(hook, receiver, clock):
    hook.send_test(None)
    tasks.send_webhooks()
    headers, body = receiver.received[0]
    assert Webhook(hook.secret).verify(body, headers)["type"] == "test"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(hook.secret).verify(body.replace(b"test", b"fake"), headers)


def test_confidential_flags_and_other_programs_are_not_told(hook, pair, receiver, clock):
    other = make.pair(make.program("Other"), make.user(), make.user())
    at = NOW + timedelta(seconds=1)
    Flag.objects.create(pair=pair, rule=FlagRule.NOT_GOING_WELL, level="red", level_changed_at=at)
    Flag.objects.create(pair=other, rule=FlagRule.NO_FIRST_SESSION, level="red", level_changed_at=at)
    make.commitment(other).complete(other.mentee, 1)
    clock.shift(120)
    tasks.send_webhooks()
    assert receiver.received == []


def test_what_was_undone_within_a_minute_is_not_told(hook, pair, receiver, clock):
    clock.shift(1)
    row = make.commitment(pair)
    event = row.complete(pair.mentee, 1)
    clock.shift(20)
    assert row.undo(pair.mentee, event)
    clock.shift(120)
    tasks.send_webhooks()
    assert receiver.received == []


def test_a_failure_is_retried_with_growing_delays(hook, pair, receiver, clock):
    receiver.statuses = [500, 302, 503]
    clock.shift(1)
    make.commitment(pair).complete(pair.mentee, 1)
    clock.shift(90)
    for delay in (60, 5 * 60, 15 * 60):
        tasks.send_webhooks()
        tasks.send_webhooks()
        clock.shift(delay + 1)
    assert state(hook) == ("waiting", 3, 503)
    tasks.send_webhooks()
    assert state(hook) == ("sent", 4, 204)
    ids = {headers["webhook-id"] for headers, _body in receiver.received}
    assert len(receiver.received) == 4 and len(ids) == 1  # a redirect was not followed
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_an_address_is_switched_off_after_days(hook, pair, receiver, clock):
    receiver.statuses = [500] * 100
    admin = make.admin(pair.program)
    clock.shift(1)
    make.commitment(pair).complete(pair.mentee, 1)
    clock.shift(90)
    tasks.send_webhooks()
    clock.shift(timedelta(days=5, hours=1))
    tasks.send_webhooks()
    assert state(hook)[0] == "failed"
    hook.refresh_from_db()
    assert hook.off_since
    notice = mail.outbox[0]
    assert notice.to == [admin.email] and "switched off" in notice.subject and "key=1" not in notice.body
    asked = len(receiver.received)
    make.commitment(pair).complete(pair.mentee, 1)
    clock.shift(120)
    tasks.send_webhooks()
    assert len(receiver.received) == asked and len(mail.outbox) == 1
    hook.switch_on(admin)
    clock.shift(1)
    make.commitment(pair).complete(pair.mentee, 1)
    receiver.statuses = []
    clock.shift(120)
    tasks.send_webhooks()
    assert state_of_newest(hook) == "sent"


def state_of_newest(hook) -> str:
    return hook.deliveries.order_by("-pk").first().state


def test_a_message_that_a_lost_process_held_is_sent_after_its_lease(hook, receiver, clock):
    hook.send_test(None)
    assert webhooks.claim() and webhooks.claim() is None
    clock.shift(webhooks.LEASE + timedelta(seconds=1))
    assert webhooks.send_due() == 1 and state(hook) == ("sent", 2, 204)


def test_a_late_outcome_of_a_lost_claim_changes_nothing(hook, receiver, clock):
    hook.send_test(None)
    lost = webhooks.claim()
    clock.shift(webhooks.LEASE + timedelta(seconds=1))
    webhooks.send_due()
    webhooks.failed(lost, 500)
    assert state(hook) == ("sent", 2, 204)


def test_messages_are_deleted_after_thirty_days(hook, receiver, clock):
    hook.send_test(None)
    tasks.send_webhooks()
    clock.shift(timedelta(days=31))
    tasks.send_webhooks()
    assert not WebhookDelivery.objects.exists()


PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"]
PRIVATE += ["::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ValidationError):
        outgoing.validate_address(f"https://{host}/hook", private=False)
    with pytest.raises(outgoing.Refused):
        outgoing.post(f"https://{host}/hook", b"{}", {}, private=False)


@pytest.mark.parametrize(
    "url",
    [
        *("http://8.8.8.8/", "ftp://8.8.8.8/", "https://", "https://user:password@8.8.8.8/", "8.8.8.8", "javascript:1"),
        *("https://8.8.8.8/a b", "https://8.8.8.8/\r\nX: 1", "https://8.8.8.8:99999/", "https://2130706433/"),
        *("https://127.1/", "https://0x7f.1/", "https://localhost/"),
    ],
)
def test_other_addresses_are_refused(url):
    with pytest.raises(ValidationError):
        outgoing.validate_address(url, private=False)


def test_public_addresses_are_accepted():
    outgoing.validate_address("https://8.8.8.8:8443/hook?key=1", private=False)
    outgoing.validate_address("https://[2606:4700:4700::1111]/hook", private=False)


def test_a_name_that_moves_to_a_private_address_is_refused(monkeypatch):
    """The name is resolved again when a message is sent, and the connection goes to what was checked."""
    answers = [[(2, 1, 6, "", ("8.8.8.8", 443))], [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]]
    asked, connected = [], []
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **kwargs: asked.append(host) or answers.pop(0))
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: connected.append(args))
    outgoing.validate_address("https://hooks.example.org/", private=False)
    with pytest.raises(outgoing.Refused):
        outgoing.post("https://hooks.example.org/", b"{}", {}, private=False)
    assert asked == ["hooks.example.org"] * 2 and not connected


def test_what_people_may_connect_to_is_not_allowed_to_webhooks(hook, receiver, settings):
    settings.WEBHOOKS_TO_PRIVATE = False
    hook.send_test(None)
    tasks.send_webhooks()
    assert settings.CONNECTIONS_TO_PRIVATE and receiver.received == []


def test_a_silent_receiver_is_left_after_a_while(monkeypatch):
    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(TimeoutError):
        outgoing.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, private=True)


FORM = {"url": "https://8.8.8.8/hook", "events": ["session.held", "pair.ended"]}


def test_an_admin_adds_tests_and_removes_an_address(as_, pair):
    client, page = as_(make.admin(pair.program)), reverse("program_webhooks", args=[pair.program_id])
    html = client.post(page, FORM).content.decode()
    hook = WebhookEndpoint.objects.get()
    assert hook.secret in html and hook.events == FORM["events"]
    assert hook.secret not in client.get(page).content.decode()
    own = [pair.program_id, hook.pk]
    client.post(reverse("program_webhook_test", args=own))
    client.post(reverse("program_webhook_test", args=own))
    shown = client.get(reverse("program_webhook", args=own)).content.decode()
    assert hook.secret not in shown and shown.count("<code>test</code>") == 1
    client.post(reverse("program_webhook_remove", args=own))
    assert not WebhookEndpoint.objects.exists() and not WebhookDelivery.objects.exists()
    assert client.post(reverse("program_webhook_remove", args=own)).status_code == 302


def test_the_secret_is_encrypted_in_the_database(pair):
    hook = make.webhook(pair.program)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM api_webhookendpoint")
        assert hook.secret not in cursor.fetchone()[0]


@pytest.mark.parametrize("url", ["https://10.0.0.1/hook", "http://8.8.8.8/hook", "x" * 600, ""])
def test_an_invalid_address_keeps_the_input(as_, pair, url):
    client, page = as_(make.admin(pair.program)), reverse("program_webhooks", args=[pair.program_id])
    answer = client.post(page, FORM | {"url": url})
    assert (answer.status_code == 422 and f'value="{url}"' in answer.content.decode()) or not url
    assert not WebhookEndpoint.objects.exists()


def test_another_program_is_not_reached(as_, pair):
    hook = make.webhook(pair.program)
    other = make.admin(make.program("Other"), "Omar")
    client, where = as_(other), other.enrollments.get().program_id
    for program in (where, pair.program_id):
        assert client.get(reverse("program_webhook", args=[program, hook.pk])).status_code == 404
        assert client.post(reverse("program_webhook_remove", args=[program, hook.pk])).status_code == 404
    assert WebhookEndpoint.objects.filter(pk=hook.pk).exists()
