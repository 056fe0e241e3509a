"""Selecting proposals, starting their pairs in the background, and undoing it (docs/rules.md, pairing)."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEvent, User
from mentoring import tasks
from mentoring.models import Enrollment, Pair, Program, Proposal, StartRun
from mentoring.views import matching
from tests import make


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def program(db, clock):
    return make.program()


@pytest.fixture
def admin(program):
    return make.admin(program)


@pytest.fixture
def two_proposals(program, admin):
    """A good proposal of Ada and Sam, and a weak one of Lena and Kofi."""
    sam = make.participant(program, "mentor", "Sam", 1, offers=["Speaking"])
    kofi = make.participant(program, "mentor", "Kofi", 1, offers=["Budgets"])
    ada = make.participant(program, "mentee", "Ada", wants=["Speaking"])
    lena = make.participant(program, "mentee", "Lena", wants=["Writing"])
    fitting = Proposal.objects.create(program=program, mentor=sam, mentee=ada, score=65)
    weak = Proposal.objects.create(program=program, mentor=kofi, mentee=lena, score=22)
    return fitting, weak


def start(client, program: Program, *rows: Proposal, token: str = ""):
    data = {"proposal": [row.pk for row in rows], "form_token": token or str(uuid.uuid4())}
    return client.post(reverse("matching_start", args=[program.pk]), data)


def page(client, program: Program) -> str:
    return client.get(reverse("matching", args=[program.pk])).content.decode()


def is_checked(html: str, proposal) -> bool:
    return re.search(rf'id="proposal-{proposal.pk}"\s+checked', html) is not None


def test_weak_proposals_are_not_selected_by_default(as_, program, admin, two_proposals):
    fitting, weak = two_proposals
    html = page(as_(admin), program)
    assert is_checked(html, fitting)
    assert f'id="proposal-{weak.pk}"' in html and not is_checked(html, weak)
    weak.lock()
    assert is_checked(page(as_(admin), program), weak), "an admin locked it"


def test_selected_proposals_are_started_in_the_background(as_, program, admin, two_proposals):
    fitting, weak = two_proposals
    client, token = as_(admin), str(uuid.uuid4())
    for _press in range(2):
        assert start(client, program, fitting, token=token).status_code == 302
    run = StartRun.objects.get()
    assert not Pair.objects.exists()
    progress = reverse("start_run_progress", args=[run.pk])
    assert "0 of 1 pair started" in page(client, program)
    assert "0 of 1 pair started" in client.get(progress, headers={"HX-Request": "true"}).content.decode()
    assert client.get(progress).status_code == 302
    start(client, program, weak)
    assert StartRun.objects.count() == 1, "one run at a time"
    tasks.start_pairs()
    tasks.start_pairs()
    assert [(pair.mentor.name, pair.mentee.name) for pair in Pair.objects.all()] == [("Sam", "Ada")]
    assert list(Proposal.objects.all()) == [weak]
    assert "1 pair started." in client.get(progress, headers={"HX-Request": "true"}).content.decode()
    assert "1 pair started." in page(client, program)


def test_suggestions_have_pages_that_can_be_published_together(as_, program, admin, two_proposals, monkeypatch):
    monkeypatch.setattr(matching, "SHOWN", 1)
    fitting, weak = two_proposals
    mia = make.participant(program, "mentor", "Mia", 1, offers=["Speaking"])
    zoe = make.participant(program, "mentee", "Zoe", wants=["Speaking"])
    last = Proposal.objects.create(program=program, mentor=mia, mentee=zoe, score=65)
    client, url = as_(admin), reverse("matching", args=[program.pk])
    first, third = client.get(url).content.decode(), client.get(url, {"suggested": 3}).content.decode()
    assert "3 suggested matches" in first and f'id="proposal-{fitting.pk}"' in first
    assert f'id="proposal-{last.pk}"' not in first and f'id="proposal-{last.pk}"' in third
    answer = client.post(reverse("proposal_lock", args=[last.pk]), {"on": "1", "suggested": "3"})
    assert answer.url == f"{url}?suggested=3#lock-{last.pk}"
    everything = {"all": "1", "shown": [fitting.pk], "form_token": str(uuid.uuid4())}
    client.post(reverse("matching_start", args=[program.pk]), everything)  # the one on this page is not selected
    tasks.start_pairs()
    assert set(Proposal.objects.all()) == {fitting, weak}
    assert Pair.objects.get().mentee == zoe


def test_starting_without_a_selection_shows_a_message(as_, program, admin, two_proposals):
    client = as_(admin)
    for data in ({}, {"proposal": ["x", "9" * 30, "0"]}):
        sent = client.post(reverse("matching_start", args=[program.pk]), data, follow=True)
        assert "No pair was started." in sent.content.decode()
    assert not StartRun.objects.exists()


def test_an_impossible_pair_stays_a_proposal(as_, program, admin, two_proposals):
    fitting, weak = two_proposals
    client = as_(admin)
    start(client, program, fitting, weak)
    Pair.start(None, program, make.participant(program, "mentor", "Nia"), fitting.mentee)
    Enrollment.objects.filter(user=weak.mentor).update(left_at="2026-01-01T00:00Z")
    tasks.start_pairs()
    assert Pair.objects.count() == 1 and Proposal.objects.count() == 2
    assert "2 matches could not be started" in page(client, program)
    assert reverse("proposal_remove", args=[fitting.pk]) in page(client, program)


def test_undo_removes_pairs_that_nobody_has_opened(as_, program, admin, two_proposals, clock):
    fitting, weak = two_proposals
    client = as_(admin)
    start(client, program, fitting, weak)
    assert AuditEvent.objects.filter(user=admin, action=AuditEvent.Action.PAIRS_QUEUED).count() == 1
    tasks.start_pairs()
    User.objects.filter(name="Lena").update(seen_at=datetime(2026, 12, 7, 9, tzinfo=UTC))
    run = StartRun.objects.get()
    assert reverse("start_run_undo", args=[run.pk]) in page(client, program)
    clock.shift(timedelta(minutes=9))
    html = client.post(reverse("start_run_undo", args=[run.pk]), follow=True).content.decode()
    assert "1 pair is a suggested match again." in html and "1 pair stays" in html
    assert Pair.objects.get().mentee.name == "Lena"
    assert [(row.mentor.name, row.mentee.name, row.score) for row in Proposal.objects.all()] == [("Sam", "Ada", 65)]
    assert AuditEvent.objects.filter(user=admin, action=AuditEvent.Action.PAIR_STARTS_UNDONE).count() == 1
    second_response = client.post(reverse("start_run_undo", args=[run.pk]), follow=True).content.decode()
    assert "can no longer be undone" in second_response and Pair.objects.count() == 1


@pytest.mark.parametrize("act", ["wait", "change"])
def test_undo_is_impossible_after_ten_minutes_or_a_change(as_, program, admin, two_proposals, clock, act):
    client = as_(admin)
    start(client, program, two_proposals[0])
    tasks.start_pairs()
    if act == "wait":
        clock.shift(timedelta(minutes=10))
    else:
        Pair.objects.get().touch()
    client.post(reverse("start_run_undo", args=[StartRun.objects.get().pk]))
    assert Pair.objects.count() == 1


def test_a_killed_worker_loses_no_pairs(program, admin, two_proposals):
    run = StartRun.begin(program, admin, [row.pk for row in two_proposals])
    run.start_one(two_proposals[0].pk)
    assert (run.done, run.total) == (1, 2)
    run.start_one(two_proposals[0].pk)
    tasks.start_pairs()
    assert Pair.objects.count() == 2 and not StartRun.objects.unfinished().exists()
