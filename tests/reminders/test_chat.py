"""Reminders in a chat: each email with reminders is repeated once, in time and without secrets."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from goals.models import Commitment
from reminders import chat, sender
from reminders.models import ChatWebhook, Delivery, Reminder, TopicChoice
from reminders.tasks import plan_and_send, send_chat_messages
from tests import make

NOON = datetime(2026, 12, 7, 9, tzinfo=UTC)  # Monday, 14:30 for Ada
State = Delivery.State


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def hook(ada, receiver, clock) -> ChatWebhook:
    hook = make.chat_webhook(ada, receiver.url)
    clock.shift(60)
    return hook


def commitment(pair, days: int = 0, **fields) -> Commitment:
    """Return a commitment that was made days ago and is due today, or days later."""
    row = make.commitment(pair, due_on=NOON.date() + timedelta(days=days), **fields)
    Commitment.objects.filter(pk=row.pk).update(created_at=NOON - timedelta(days=9))
    return row


@pytest.fixture
def email(hook, pair) -> Delivery:
    """An email to Ada about a commitment that is due today."""
    return make.sent_email(make.reminder(hook.user, commitment(pair, text="Send <b> & *this* <!channel> to Lin")))


def texts(receiver) -> list[str]:
    return [json.loads(body)["text"] for _headers, body in receiver.received]


def state() -> tuple:
    return Delivery.objects.filter(channel="chat").values_list("state", "attempts", "copies_sent").get()


def test_an_email_is_repeated_once(email, receiver, clock):
    send_chat_messages(), send_chat_messages()
    clock.shift(timedelta(hours=1))
    send_chat_messages()
    assert len(receiver.received) == 1 and state() == (State.SENT, 1, 1)
    assert receiver.received[0][0]["content-type"] == "application/json"


def test_reminders_of_a_real_window_reach_the_chat(hook, pair, receiver, clock, settings):
    settings.EMAIL_URL = "smtp://localhost"
    commitment(pair)
    plan_and_send()
    clock.move_to(NOON.replace(hour=10, minute=35))  # Ada's second window
    for _minute in range(3):
        plan_and_send(), send_chat_messages()
        clock.shift(60)
    emails = [message for message in mail.outbox if "List-Unsubscribe" in message.extra_headers]
    assert len(emails) == len(receiver.received) == 1
    assert "Send the draft to Lin" in texts(receiver)[0] and "Send the draft to Lin" in emails[0].body


def test_a_message_has_titles_and_no_link_that_works_signed_out(email, receiver):
    send_chat_messages()
    [text] = texts(receiver)
    page = reverse("commitment_detail", args=[Reminder.objects.get().subject_pk])
    links = re.findall(r"<(\S+?)\|", text)
    assert links and all(link.endswith(page) for link in links) and "/m/" not in text
    assert text.startswith("*Your reminders*\n• <http")
    assert "Send &lt;b&gt; &amp; *this* &lt;!channel&gt; to Lin" in text
    assert json.loads(receiver.received[0][1])["unfurl_links"] is False


def test_nothing_confidential_is_in_the_chat(hook, pair, sam, receiver):
    """A call for help reaches the mentor by email alone, because others may read a chat."""
    make.chat_webhook(sam, receiver.url, since=NOON - timedelta(hours=1))
    check_in = make.check_in(pair, "help")
    [intent] = chat.KINDS["help_wanted"].intents_about([check_in.pk]).values()
    about = {"kind": intent.kind, "key": intent.key, "subject": intent.subject}
    make.sent_email(make.reminder(sam, make.commitment(pair), **about))
    send_chat_messages()
    assert receiver.received == [] and state()[0] == State.CANCELED


@pytest.mark.parametrize(
    ("host", "is_teams"),
    [
        ("hooks.slack.com", False),
        ("prod-1.westeurope.logic.azure.com", True),
        ("acme.webhook.office.com", True),
        ("default1.02.environment.api.powerplatform.com", True),
        ("chat.example.org", False),
        ("webhook.office.com.example.org", False),
    ],
)
def test_teams_gets_a_card_and_others_get_text(ada, host, is_teams):
    hook = make.chat_webhook(ada, f"https://{host}/hook")
    body = json.loads(chat.message(hook, "Your reminders", [("[a](https://evil.example)", "https://here.example/1")]))
    assert ("text" in body) != is_teams
    if is_teams:
        [attachment] = body["attachments"]
        blocks = attachment["content"]["body"]
        assert body["type"] == "message" and attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        assert {block["type"] for block in blocks} == {"RichTextBlock"}  # in which Markdown is not read
        assert blocks[1]["inlines"][0]["selectAction"] == {"type": "Action.OpenUrl", "url": "https://here.example/1"}


# --- What holds for emails holds for the chat ---------------------------------------------------------------------


def test_nothing_already_done_or_dismissed_is_repeated(email, pair, ada, receiver):
    chat.plan()
    pair.commitments.get().complete(ada, 1)
    send_chat_messages()
    assert receiver.received == [] and state()[0] == State.CANCELED


def test_a_dismissed_reminder_is_not_repeated(email, receiver):
    Reminder.objects.get().dismiss()
    send_chat_messages()
    assert receiver.received == [] and state()[0] == State.CANCELED


def test_a_topic_turned_off_meanwhile_is_not_repeated(email, ada, receiver):
    TopicChoice.stop_mail(ada)
    send_chat_messages()
    assert receiver.received == []


@pytest.mark.parametrize("hours", [2, 5, 24])
def test_nothing_is_repeated_late_or_at_night(email, receiver, clock, hours):
    receiver.statuses = [503]
    send_chat_messages()
    clock.shift(timedelta(hours=hours, minutes=1))
    send_chat_messages()
    assert len(receiver.received) == 1 and state()[0] == State.EXPIRED


def test_in_the_quiet_time_nothing_is_repeated(email, receiver, ada):
    ada.set_days_off([(NOON.date(), NOON.date())])
    send_chat_messages()
    assert receiver.received == [] and state()[0] == State.EXPIRED


@pytest.mark.parametrize(
    "change", [{"gets_reminders": False}, {"off_since": NOON}, {"since": NOON + timedelta(days=1)}]
)
def test_an_email_is_not_repeated_for_somebody_who_chose_email_only(email, receiver, hook, change):
    ChatWebhook.objects.update(**change)
    send_chat_messages()
    assert not Delivery.objects.filter(channel="chat").exists()


def test_other_emails_are_not_repeated(hook, pair, receiver):
    make.sent_email(make.reminder(hook.user, make.commitment(pair)), is_bundle=False)
    make.sent_email(make.reminder(pair.mentor, make.commitment(pair, due_on=NOON.date())))
    send_chat_messages()
    assert receiver.received == []


def test_a_copy_is_no_email(email, receiver, settings):
    """It is not sent by email, and does not count toward the limits on emails."""
    settings.EMAIL_URL = "smtp://localhost"
    chat.plan()
    assert sender.claim() == [] and not Delivery.objects.emails().exclude(pk=email.pk).exists()
    assert not Delivery.objects.filter(channel="chat", is_bundle=True).exists()


# --- An address that does not take messages -----------------------------------------------------------------------


def test_a_refusal_is_retried_with_growing_delays(email, receiver, clock):
    receiver.statuses = [500, 429, 302]
    for minutes in (1, 5, 15):
        send_chat_messages(), send_chat_messages()
        clock.shift(minutes * 60 + 1)
    assert state() == (State.WAITING, 3, 0)
    send_chat_messages()
    assert state() == (State.SENT, 4, 1) and len(receiver.received) == 4
    assert ChatWebhook.objects.get().failing_since is None


def test_a_lost_answer_makes_one_more_copy_at_most(email, receiver, clock, monkeypatch):
    sent = []

    def lost(*args, **options):
        sent.append(args)
        raise TimeoutError

    monkeypatch.setattr(chat.outgoing, "post", lost)
    for _attempt in range(5):
        send_chat_messages()
        clock.shift(600)
    assert len(sent) == 2 and state()[0] == State.UNKNOWN


def test_a_message_that_a_lost_process_held_is_sent_after_its_lease(email, receiver, clock):
    chat.plan()
    assert sender.claim(1, "chat") and sender.claim(1, "chat") == []
    clock.shift(sender.LEASE + timedelta(seconds=1))
    send_chat_messages()
    assert state() == (State.SENT, 2, 1)


@pytest.mark.parametrize("status", [404, 410])
def test_an_address_that_is_gone_is_switched_off_with_one_email(email, receiver, clock, settings, status):
    settings.EMAIL_URL = "smtp://localhost"
    plan_and_send()
    receiver.statuses = [status] * 9
    send_chat_messages()
    assert ChatWebhook.objects.get().off_since
    for day in (8, 9):
        clock.move_to(NOON.replace(day=day, hour=10, minute=35))  # Ada's second window
        plan_and_send(), send_chat_messages()
    [notice] = [message for message in mail.outbox if "chat" in message.subject]
    assert notice.to == [email.recipient.email] and "127.0.0.1" in notice.body and "key=1" not in notice.body
    assert len(receiver.received) == 1


def test_an_address_that_took_nothing_for_days_is_switched_off(email, receiver, hook):
    receiver.statuses = [500]
    ChatWebhook.objects.update(failing_since=NOON - timedelta(days=3))
    send_chat_messages()
    assert ChatWebhook.objects.get().off_since and state()[0] == State.WAITING
    send_chat_messages()
    assert len(receiver.received) == 1


def test_a_private_address_is_not_asked(email, receiver, settings):
    settings.CONNECTIONS_TO_PRIVATE = False
    send_chat_messages()
    assert receiver.received == [] and state() == (State.WAITING, 1, 0)


# --- The page -----------------------------------------------------------------------------------------------------


def test_a_person_connects_tests_chooses_and_disconnects(as_, ada, receiver):
    client, page = as_(ada), reverse("connections")
    client.post(reverse("chat_connect"), {"chat-address": receiver.url})
    html = client.post(reverse("chat_test"), follow=True).content.decode()
    assert "It is in your chat now" in html and "key=1" not in html and len(receiver.received) == 1
    assert "Your reminders will appear here." in texts(receiver)[0]
    client.post(reverse("chat_choose"), {"to_chat": ""})
    assert not ChatWebhook.objects.get().gets_reminders
    client.post(reverse("chat_choose"), {"to_chat": "1"})
    assert ChatWebhook.objects.get().gets_reminders
    client.post(reverse("chat_disconnect"))
    assert not ChatWebhook.objects.exists() and client.post(reverse("chat_test")).url == page


@pytest.mark.parametrize("status", [404, 500, 302])
def test_a_test_that_fails_shows_the_status(as_, hook, receiver, status):
    receiver.statuses = [status]
    html = as_(hook.user).post(reverse("chat_test"), follow=True).content.decode()
    assert f"status {status}" in html


def test_a_test_that_arrives_switches_the_address_on(as_, hook, receiver):
    ChatWebhook.objects.update(off_since=NOON, failing_since=NOON)
    as_(hook.user).post(reverse("chat_test"))
    found = ChatWebhook.objects.get()
    assert found.off_since is None and found.failing_since is None and found.since == timezone.now()


def test_tests_are_limited(as_, hook, receiver, local_cache):
    client = as_(hook.user)
    for _press in range(12):
        html = client.post(reverse("chat_test"), follow=True).content.decode()
    assert len(receiver.received) == 10 and "Try again in an hour" in html


@pytest.mark.parametrize("address", ["https://10.0.0.1/hook", "http://8.8.8.8/hook", "x" * 1001, "", "javascript:1"])
def test_an_invalid_address_keeps_the_input(as_, ada, address):
    answer = as_(ada).post(reverse("chat_connect"), {"chat-address": address})
    assert answer.status_code == 422 and (not address or f'value="{address}"' in answer.content.decode())
    assert not ChatWebhook.objects.exists()


def test_the_address_is_encrypted_and_in_no_log(email, receiver, caplog):
    receiver.statuses = [500]
    with caplog.at_level("DEBUG"):
        send_chat_messages()
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM reminders_chatwebhook")
        assert "key=1" not in cursor.fetchone()[0]
    assert "key=1" not in caplog.text and "key=1" not in str(Delivery.objects.values_list())
