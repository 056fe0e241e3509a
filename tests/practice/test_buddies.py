"""Buddies: two mentees who both agree trade a line or two, and see nothing else of each other."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from mentoring.models import Enrollment
from practice.models import Buddies, BuddyUpdate
from reminders.intents import KINDS
from tests import make

CANARY = "heron-7391"


@pytest.fixture
def noor(pair):
    """Another mentee of the program."""
    return make.pair(pair.program, pair.mentor, make.user("Noor Rahimi", email="noor@example.org")).mentee


@pytest.fixture
def buddies(pair, ada, noor):
    return Buddies.objects.create(program=pair.program, asked_by=ada, other=noor, accepted_at=timezone.now())


def url(name: str, *args) -> str:
    return reverse(f"buddy_{name}", args=args)


def send(client, buddies, text: str = CANARY):
    return client.post(url("detail", buddies.pk), {"text": text})


def test_both_have_to_agree(as_, ada, noor):
    as_(ada).post(url("create"), {"email": "NOOR@example.org"}), as_(ada).post(url("create"), {"email": noor.email})
    request = Buddies.objects.get()
    for person in (ada, noor):
        assert as_(person).get(url("detail", request.pk)).status_code == 404
        assert send(as_(person), request).status_code == 404
    assert as_(ada).post(url("accept", request.pk)).status_code == 404, "only who was asked can agree"
    assert "would like to trade a line" in as_(noor).get(reverse("practice_list")).content.decode()
    as_(noor).post(url("accept", request.pk))
    assert send(as_(ada), request).status_code == 302
    assert CANARY in as_(noor).get(url("detail", request.pk)).content.decode()


def test_asking_does_not_reveal_who_is_in_a_program(as_, ada, sam, noor):
    elsewhere = make.pair(make.program("Elsewhere"), make.user(), make.user()).mentee
    answers = []
    for email in (noor.email, elsewhere.email, sam.email, ada.email, "nobody@example.org"):
        answer = as_(ada).post(url("create"), {"email": email}, follow=True)
        answers.append([str(message) for message in answer.context["messages"]])
        assert "Noor" not in answer.content.decode(), "nobody shows before they agree"
    assert all(texts == answers[0] for texts in answers)
    request = Buddies.objects.get()
    assert request.other == noor
    assert as_(ada).get(url("end", request.pk)).status_code == as_(ada).get(url("end", 999_999)).status_code == 404


def test_a_declined_request_is_gone(as_, ada, noor, buddies):
    Buddies.objects.update(accepted_at=None)
    as_(noor).post(url("end", buddies.pk))
    for person in (ada, noor):
        assert as_(person).post(url("accept", buddies.pk)).status_code == 404
    as_(ada).post(url("create"), {"email": noor.email})
    assert Buddies.objects.filter(ended_at=None).count() == 1, "they can ask again"


def test_a_buddy_sees_the_lines_and_nothing_else(as_, ada, noor, sam, pair, buddies):
    make.entry(ada, pair, lesson="Only for me")
    send(as_(ada), buddies)
    page = as_(noor).get(reverse("practice_list")).content.decode()
    assert CANARY in page and "Only for me" not in page
    for person in (sam, make.admin(pair.program), make.user(is_superuser=True)):
        assert as_(person).get(url("detail", buddies.pk)).status_code == 404
        assert CANARY not in as_(person).get(reverse("practice_list")).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM practice_buddyupdate")
        assert CANARY not in str(cursor.fetchall())


def test_a_reflection_offers_its_first_sentence_as_a_line(as_, ada, noor, pair, buddies):
    entry = make.entry(ada, pair, "reflection", worked="I waited. It helped.")
    page = as_(ada).get(entry.get_absolute_url()).content.decode()
    assert "A line or two for Noor" in page and 'value="I waited"' in page
    assert not BuddyUpdate.objects.exists(), "nothing is sent before the button is pressed"
    entry.share(pair)
    assert "A line or two" not in as_(pair.mentor).get(entry.get_absolute_url()).content.decode()
    buddies.end()
    assert "A line or two" not in as_(ada).get(entry.get_absolute_url()).content.decode()


def test_a_line_is_answered_in_one_line_by_the_other(as_, ada, noor, buddies):
    send(as_(ada), buddies)
    line = BuddyUpdate.objects.get()
    assert as_(ada).post(url("reply", line.pk), {"text": "Mine"}).status_code == 404
    as_(noor).post(url("reply", line.pk), {"text": "Well done"})
    assert "Well done" in as_(ada).get(url("detail", buddies.pk)).content.decode()
    answer = as_(noor).post(url("reply", line.pk), {"text": "x" * 100_000})
    assert answer.status_code == 422 and "x" * 100_000 in answer.content.decode()
    answer = send(as_(ada), buddies, "x" * 100_000)
    assert answer.status_code == 422 and "x" * 100_000 in answer.content.decode()
    assert BuddyUpdate.objects.get().reply == "Well done"


def test_ending_hides_the_lines_and_each_keeps_their_own(as_, ada, noor, buddies):
    send(as_(ada), buddies), send(as_(noor), buddies, "From Noor")
    as_(noor).post(url("end", buddies.pk))
    for person in (ada, noor):
        assert as_(person).get(url("detail", buddies.pk)).status_code == 404
        assert send(as_(person), buddies).status_code == 404
    data = json.loads(as_(ada).get(reverse("practice_export"), {"kind": "json"}).content)
    assert [line["text"] for line in data["lines"]] == [CANARY]


def test_a_buddy_who_left_the_program_gets_nothing_more(as_, ada, noor, pair, buddies):
    send(as_(ada), buddies)
    Enrollment.objects.filter(user=noor, program=pair.program).update(left_at=timezone.now())
    page = as_(ada).get(url("detail", buddies.pk)).content.decode()
    assert "no longer a mentee in this program" in page and CANARY in page
    answer = send(as_(ada), buddies, "Still here?")
    page = answer.content.decode()
    assert answer.status_code == 409 and "Still here?" in page, "what was typed is kept on the page"
    assert BuddyUpdate.objects.count() == 1


def test_the_mentee_who_is_asked_is_notified_once(ada, noor, pair):
    Buddies.ask(ada, noor.email)
    request = Buddies.objects.get()
    intent = next(iter(KINDS["buddy_request"].intents_about([request.pk]).values()))
    assert intent.recipient_id == noor.pk and intent.due_at > request.asked_at
    assert "Ada Lind would like to be your buddy" in KINDS["buddy_request"].email(noor, intent).title
    request.accept()
    assert not KINDS["buddy_request"].intents_about([request.pk])
    assert intent.expires_at == request.asked_at + timedelta(days=14)
