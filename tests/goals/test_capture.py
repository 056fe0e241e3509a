"""Tests adding a commitment as one line of text: owner, date and defaults."""

import re
import uuid
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from goals.capture import parse_line
from goals.models import Commitment
from sessions.models import AgendaItem, SessionCommitment
from sessions.session_room import timer
from tests import make

FRIDAY = date(2026, 12, 4)


@pytest.mark.parametrize(
    ("line", "text", "due"),
    [
        ("Send the draft to Lin by Thursday", "Send the draft to Lin", date(2026, 12, 10)),
        ("send the draft to Lin by thu.", "Send the draft to Lin", date(2026, 12, 10)),
        ("Send the draft to Lin on Friday", "Send the draft to Lin", date(2026, 12, 11)),
        ("Send the draft Monday", "Send the draft", date(2026, 12, 7)),
        ("Send the draft by next Thursday", "Send the draft", date(2026, 12, 10)),
        ("Call Noor today", "Call Noor", date(2026, 12, 4)),
        ("Call Noor tomorrow!", "Call Noor", date(2026, 12, 5)),
        ("Rehearse twice by 17 Dec", "Rehearse twice", date(2026, 12, 17)),
        ("Rehearse twice, by the 17th of December", "Rehearse twice", date(2026, 12, 17)),
        ("Rehearse twice by Dec 17", "Rehearse twice", date(2026, 12, 17)),
        ("Rehearse twice by 17 December 2027", "Rehearse twice", date(2027, 12, 17)),
        ("Rehearse twice by 3 Jan", "Rehearse twice", date(2027, 1, 3)),
        ("Rehearse twice by 20 Nov", "Rehearse twice by 20 Nov", None),
        ("Finish the deck 2026-12-18", "Finish the deck", date(2026, 12, 18)),
        ("Finish the deck in two weeks", "Finish the deck", date(2026, 12, 18)),
        ("Finish the deck in 3 days", "Finish the deck", date(2026, 12, 7)),
        ("By Thursday send the draft to Lin", "By Thursday send the draft to Lin", date(2026, 12, 10)),
        ("Send Lin the plan for 2027", "Send Lin the plan for 2027", None),
        ("Sit where Lin sat", "Sit where Lin sat", None),
        ("Ask whether I may present", "Ask whether I may present", None),
        ("Fix the date 31 Feb", "Fix the date 31 Feb", None),
        ("Tomorrow", "Tomorrow", date(2026, 12, 5)),
        ("Tomorrow call Noor", "Tomorrow call Noor", date(2026, 12, 5)),
        ("Call Jan 15 minutes before the demo", "Call Jan 15 minutes before the demo", None),
        ("Ask May 3 questions", "Ask May 3 questions", None),
        ("Ask May 3 questions by May 5", "Ask May 3 questions", date(2027, 5, 5)),
        ("Finish chapter 12. May need Lin", "Finish chapter 12. May need Lin", None),
        ("Look at version 2026-03-01", "Look at version 2026-03-01", None),
        ("Look at version 2027-03-01 with Lin", "Look at version 2027-03-01 with Lin", None),
        ("Until Jan 15 call Lin daily", "Until Jan 15 call Lin daily", date(2027, 1, 15)),
        ("Prepare the today page for Lin", "Prepare the today page for Lin", None),
        ("  Send   the\tdraft  ", "Send the draft", None),
        ("", "", None),
    ],
)
def test_a_date_is_read_from_the_line(line, text, due):
    captured = parse_line(line, FRIDAY)
    assert (captured.text, captured.due_on) == (text, due)


@pytest.mark.parametrize(
    ("line", "text", "due"),
    [
        ("Enviar el borrador a Lin el jueves", "Enviar el borrador a Lin", date(2026, 12, 10)),
        ("Enviar el borrador para el lunes", "Enviar el borrador", date(2026, 12, 7)),
        ("Ensayar dos veces antes del 17 de diciembre", "Ensayar dos veces", date(2026, 12, 17)),
        ("Ensayar dos veces, 3 de enero de 2028", "Ensayar dos veces", date(2028, 1, 3)),
        ("Llamar a Noor para mañana", "Llamar a Noor", date(2026, 12, 5)),
        ("Llamar a Noor por la mañana", "Llamar a Noor por la mañana", None),
    ],
)
def test_a_date_is_read_from_a_spanish_line(line, text, due):
    with override("es"):
        captured = parse_line(line, FRIDAY)
    assert (captured.text, captured.due_on) == (text, due)


@pytest.mark.parametrize(
    ("line", "text", "due"),
    [
        ("Lin bis Donnerstag den Entwurf schicken", "Lin bis Donnerstag den Entwurf schicken", date(2026, 12, 10)),
        ("Entwurf an Lin bis zum 17. Dezember", "Entwurf an Lin", date(2026, 12, 17)),
        ("Zweimal proben bis 17.12.", "Zweimal proben", date(2026, 12, 17)),
        ("Am 3.1.2028 Noor anrufen", "Am 3.1.2028 Noor anrufen", date(2028, 1, 3)),
        ("Morgen Noor anrufen", "Morgen Noor anrufen", date(2026, 12, 5)),
        ("Noor zu Version 1.2. befragen", "Noor zu Version 1.2. befragen", None),
    ],
)
def test_a_date_is_read_from_a_german_line(line, text, due):
    with override("de"):
        captured = parse_line(line, FRIDAY)
    assert (captured.text, captured.due_on) == (text, due)


def test_next_week_is_the_week_after_this_one():
    monday = date(2026, 11, 30)
    assert parse_line("Call by Thursday", monday).due_on == date(2026, 12, 3)
    assert parse_line("Call by next Thursday", monday).due_on == date(2026, 12, 10)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "owner", "text"),
    [
        ("Send the draft", None, "Send the draft"),
        ("I will send the draft", "ada", "Send the draft"),
        ("I'll send the draft", "ada", "Send the draft"),
        ("Sam: introduce Ada to Noor", "sam", "Introduce Ada to Noor"),
        ("sam will introduce Ada to Noor", "sam", "Introduce Ada to Noor"),
        ("Ask Sam for the slides", None, "Ask Sam for the slides"),
        ("Sam", None, "Sam"),
    ],
)
def test_an_owner_is_read_from_the_line(pair, line, owner, text):
    people = {"sam": pair.mentor, "ada": pair.mentee, None: None}
    captured = parse_line(line, FRIDAY, pair.mentee, pair.people)
    assert (captured.owner, captured.text) == (people[owner], text)


# --- In the session room ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".*", "(", "[a-z]+", "A|S", "\\w+"])
def test_a_name_is_not_read_as_a_regular_expression(pair, name):
    pair.mentor.name = name
    people = (pair.mentor,)
    assert parse_line("Send the draft: today", date(2026, 11, 25), people=people).owner is None
    assert parse_line(f"{name}: send the draft", date(2026, 11, 25), people=people).owner == pair.mentor


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 12, 4, 10, 0, tzinfo=UTC), tick=False) as traveler:
        yield traveler


@pytest.fixture
def running(clock, pair):
    make.session(pair, datetime(2026, 12, 18, 10, 0))
    session = make.session(pair, datetime(2026, 12, 4, 10, 0))
    timer.start(session)
    return session


def add(client, session, text: str, htmx: bool = True, **more):
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse("room_commitment_create", args=[session.pk]), {"text": text, **more}, headers=headers)


def test_a_line_alone_creates_a_commitment(as_, running, sam, ada):
    response = add(as_(sam), running, "Send the draft to Lin")
    made = Commitment.objects.get()
    assert (made.text, made.owner, made.due_on, made.created_by) == (
        "Send the draft to Lin",
        ada,
        date(2026, 12, 17),
        sam,
    )
    assert SessionCommitment.objects.get().session == running
    html = response.content.decode()
    assert 'id="room-commitments"' in html and "Send the draft to Lin" in html
    field = re.search(r'<input[^>]*id="capture-commitment"[^>]*>', html)[0]
    assert 'value=""' in field


def test_chosen_owner_and_date_override_the_line(as_, running, sam):
    picked = {"owner": sam.pk, "due_on": "2026-12-09", "offered": "2026-12-17", "done_when": "Lin has commented"}
    add(as_(sam), running, "Send the draft by Thursday", **picked)
    made = Commitment.objects.get()
    assert (made.owner, made.due_on, made.done_when) == (sam, date(2026, 12, 9), "Lin has commented")


def test_the_line_overrides_a_suggested_date(as_, running, ada):
    add(as_(ada), running, "Send the draft by Thursday", due_on="2026-12-17", offered="2026-12-17")
    assert Commitment.objects.get().due_on == date(2026, 12, 10)


def test_a_commitment_keeps_its_topic_and_work_event(as_, running, sam, ada):
    event = make.work_event(running.pair)
    topic = make.topic(running.pair, ada, work_event=event)
    timer.go_to_block(running, 0, 3)
    add(as_(ada), running, "Send the draft")
    link = SessionCommitment.objects.get()
    assert (link.item, link.commitment.work_event) == (topic, event)


def test_a_double_click_adds_one_commitment(as_, running, ada):
    token = "3f2b8e5c-8a90-4f6e-9f5c-0a2d6c7e1b11"
    client = as_(ada)
    add(client, running, "Send the draft", form_token=token)
    add(client, running, "Send the draft", form_token=token)
    assert Commitment.objects.count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_an_empty_line_is_an_error_that_keeps_the_other_fields(as_, running, ada, htmx):
    response = add(as_(ada), running, "  ", htmx, done_when="Lin has commented", due_on="2026-12-09")
    html = response.content.decode()
    assert response.status_code == 422
    assert "Enter what will be done, in one line." in html
    assert "Lin has commented" in html and 'value="2026-12-09"' in html
    assert not Commitment.objects.exists()


def test_a_past_date_is_accepted_only_if_it_was_chosen(as_, running, ada):
    add(as_(ada), running, "Look at version 2026-12-01")
    assert Commitment.objects.get().due_on == date(2026, 12, 17)
    html = add(as_(ada), running, "Send the draft", due_on="2026-12-01").content.decode()
    assert Commitment.objects.get(text="Send the draft").due_on == date(2026, 12, 1)
    assert "That date has passed" in html


def test_the_fifth_commitment_shows_a_hint_to_set_priorities(as_, running, ada):
    client = as_(ada)
    answers = [add(client, running, f"Step {n}").content.decode() for n in range(5)]
    assert ["Choose one to three that matter most" in html for html in answers] == [False] * 4 + [True]


def test_a_very_long_line_is_shortened_between_words(as_, running, ada):
    add(as_(ada), running, "word " * 300)
    text = Commitment.objects.get().text
    assert len(text) <= 500 and text.endswith("word…")


def test_without_javascript_it_redirects_to_the_form(as_, running, ada):
    response = add(as_(ada), running, "Send the draft", htmx=False)
    assert response.url == reverse("session_detail", args=[running.pk]) + "#line-commitment"


def test_a_question_mark_makes_a_question(as_, running, ada):
    url = reverse("room_item_create", args=[running.pk])
    as_(ada).post(url, {"text": "How did you say no?"})
    as_(ada).post(url, {"text": "The second project"})
    kinds = dict(AgendaItem.objects.values_list("title", "kind"))
    assert kinds == {"How did you say no?": "question", "The second project": "topic"}


def test_an_empty_topic_is_refused_with_an_error(as_, running, ada):
    url = reverse("room_item_create", args=[running.pk])
    response = as_(ada).post(url, {"text": ""}, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert "topic or question in one line" in response.content.decode()


@pytest.mark.parametrize("name", ["room_commitment_create", "room_item_create"])
def test_strangers_and_ended_pairs_cannot_add(as_, running, ada, name):
    url = reverse(name, args=[running.pk])
    assert as_(make.user()).post(url, {"text": "x"}).status_code == 404
    assert as_(ada).get(url).status_code == 405
    running.pair.end()
    gone = as_(ada).post(url, {"text": "Call Noor", "form_token": str(uuid.uuid4())})
    assert gone.status_code == 404 and ">Call Noor</textarea>" in gone.content.decode()


@pytest.mark.parametrize("name", ["room_commitment_create", "room_item_create"])
@pytest.mark.parametrize("over", ["closed_at", "canceled_at"])
def test_a_line_sent_after_the_session_ended_is_kept(as_, running, ada, name, over):
    type(running).objects.filter(pk=running.pk).update(**{over: timezone.now()})
    answer = as_(ada).post(reverse(name, args=[running.pk]), {"text": "Call Noor"}, follow=True)
    kept = running.pair.items if name == "room_item_create" else running.pair.commitments
    assert str(kept.get()) == "Call Noor"
    assert "but this was saved: Call Noor" in answer.content.decode()
    assert running.session_commitments.count() == (name == "room_commitment_create" and over == "closed_at")
