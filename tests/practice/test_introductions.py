"""Introductions: asked for, made, talked, learned; private to the pair, and ending in a commitment."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from goals.models import Commitment
from practice.models import Introduction
from records import growth
from reminders.intents import KINDS
from tests import make

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def introduction(pair):
    return make.introduction(pair, why="She led the migration")


def url(name: str, *args) -> str:
    return reverse(f"introduction_{name}", args=args)


def step(client, name: str, row, on: str = "1"):
    return client.post(url(name, row.pk), {"on": on})


def learn(client, row, **typed):
    row.refresh_from_db()
    return client.post(url("learn", row.pk), {"learned": "Ask sooner", "version": row.version, **typed})


def stage() -> str:
    return str(Introduction.objects.get().stage)


def test_the_mentee_asks_the_mentor_makes_they_talk_and_learn(as_, ada, sam, pair):
    typed = {"whom": "Lin from finance", "why": "She led the migration"}
    as_(ada).post(url("create", pair.pk), typed)
    row = Introduction.objects.get()
    assert stage() == "requested" and "The next step is yours" in as_(sam).get(url("list", pair.pk)).content.decode()
    assert step(as_(ada), "make", row).status_code == 404, "the mentor makes it"
    assert step(as_(ada), "talk", row).status_code == 404, "not before it was made"
    step(as_(sam), "make", row), step(as_(sam), "make", row)
    assert stage() == "made" and step(as_(sam), "talk", row).status_code == 404
    assert step(as_(ada), "talk", row).url == url("learn", row.pk)
    assert stage() == "talked"
    answer = learn(as_(ada), row, next_step="Send Lin my draft", owner=sam.pk, due_on="2099-01-01")
    assert answer.status_code == 302 and stage() == "learned"
    commitment = Commitment.objects.get()
    assert (commitment.owner, commitment.text) == (sam, "Send Lin my draft")
    page = as_(sam).get(url("list", pair.pk)).content.decode()
    assert "Ask sooner" in page and "Send Lin my draft" in page


def test_the_mentor_cannot_ask_in_place_of_the_mentee(as_, sam, pair):
    assert as_(sam).post(url("create", pair.pk), {"whom": "Lin"}).status_code == 404


def test_a_step_can_be_undone_until_the_next_one(as_, ada, sam, introduction):
    step(as_(sam), "make", introduction), step(as_(sam), "make", introduction, "0")
    assert stage() == "requested"
    step(as_(sam), "make", introduction), step(as_(ada), "talk", introduction)
    step(as_(sam), "make", introduction, "0")
    assert stage() == "talked"
    step(as_(ada), "talk", introduction, "0")
    assert stage() == "made"
    step(as_(ada), "talk", introduction), learn(as_(ada), introduction), step(as_(ada), "talk", introduction, "0")
    assert stage() == "learned"


def test_saving_twice_makes_one_commitment(as_, ada, introduction):
    Introduction.objects.update(made_at=timezone.now())
    introduction.refresh_from_db()
    typed = {"learned": "Ask", "version": introduction.version, "next_step": "Draft"}
    typed |= {"owner": ada.pk, "due_on": "2099-01-01"}
    as_(ada).post(url("learn", introduction.pk), typed)
    assert as_(ada).post(url("learn", introduction.pk), typed | {"learned": "Other"}).status_code == 409
    learn(as_(ada), introduction, learned="Ask Lin first", next_step="Again", owner=ada.pk, due_on="2099-01-01")
    assert Commitment.objects.get().text == "Draft"
    assert Introduction.objects.get().learned == "Ask Lin first"


def test_a_next_step_needs_an_owner_of_the_pair_and_a_date(as_, ada, introduction):
    Introduction.objects.update(made_at=timezone.now())
    for wrong in (
        {"due_on": ""},
        {"owner": ""},
        {"owner": make.user().pk},
        {"learned": ""},
        {"learned": "x" * 100_000},
    ):
        typed = {"next_step": "Send Lin my draft", "owner": ada.pk, "due_on": "2099-01-01"} | wrong
        answer = learn(as_(ada), introduction, **typed)
        assert answer.status_code == 422 and "Send Lin my draft" in answer.content.decode()
    assert not Commitment.objects.exists() and stage() == "made"


def test_two_people_editing_see_both_versions(as_, ada, sam, introduction):
    as_(ada).post(url("edit", introduction.pk), {"whom": "Lin", "version": 1})
    answer = as_(sam).post(url("edit", introduction.pk), {"whom": "Noor", "version": 1})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Noor" in page and "Lin" in page
    assert Introduction.objects.get().whom == "Lin"


def test_only_the_pair_sees_it(as_, ada, pair, introduction):
    other = make.pair(pair.program, make.user(), make.user())
    for person in (make.admin(pair.program), other.mentee, other.mentor, make.user(is_superuser=True)):
        assert as_(person).get(url("list", pair.pk)).status_code == 404
        assert as_(person).get(url("edit", introduction.pk)).status_code == 404
    pair.end()
    assert "Lin from finance" in as_(ada).get(url("list", pair.pk)).content.decode()
    assert as_(ada).get(url("edit", introduction.pk)).status_code == 404, "an ended pair is only read"


def test_letting_it_go_can_be_undone(as_, sam, pair, introduction):
    as_(sam).post(url("drop", introduction.pk))
    assert "Lin from finance" not in as_(sam).get(url("list", pair.pk)).context["introductions"]
    assert not step(as_(sam), "make", introduction).context and stage() == "requested"
    as_(sam).post(url("reopen", introduction.pk))
    assert [row.whom for row in as_(sam).get(url("list", pair.pk)).context["introductions"]] == ["Lin from finance"]


def test_who_takes_the_next_step_is_asked_after_two_weeks(pair, ada, sam):
    with time_machine.travel(TUESDAY, tick=False):
        row = make.introduction(pair)
        for change, person, stage in (
            (None, sam, "requested"),
            (lambda: row.mark_made(True), ada, "made"),
            (lambda: row.mark_talked(True), ada, "talked"),
        ):
            if change:
                change()
            intent = next(iter(KINDS["introduction"].intents_about([row.pk]).values()))
            assert (intent.recipient_id, intent.occasion) == (person.pk, stage)
            assert intent.due_at.date() == (TUESDAY + timedelta(days=14)).date()
            assert "Lin" not in KINDS["introduction"].email(person, intent).title
        row.drop(ada)
        assert not KINDS["introduction"].intents_about([row.pk])


def test_the_record_has_what_was_learned(pair, introduction):
    assert growth.build_record(pair, ["introductions"])["introductions"] == []
    Introduction.objects.update(learned="Ask sooner", learned_at=timezone.now())
    record = growth.build_record(pair, ["introductions"])
    assert record["introductions"][0]["whom"] == "Lin from finance"
    assert "Ask sooner" in growth.as_html(record)


def test_one_query_reads_all_introductions_with_their_commitments(as_, ada, pair):
    client = as_(ada)
    for _number in range(3):
        make.introduction(pair, commitment=make.commitment(pair))
    client.get(url("list", pair.pk))
    with CaptureQueriesContext(connection) as queries:
        client.get(url("list", pair.pk))
    assert len([one for one in queries if "practice_introduction" in one["sql"] or "goals_" in one["sql"]]) == 1
