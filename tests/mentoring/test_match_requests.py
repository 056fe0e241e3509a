"""Mentees choose mentors, and mentors answer their requests (docs/rules.md, pairing)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from mentoring import tasks
from mentoring.models import Enrollment, MatchRequest, Pair, Preference, Proposal
from tests import make


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def people(program):
    sam = make.participant(program, "mentor", "Sam", 1, offers=["Speaking"])
    kofi = make.participant(program, "mentor", "Kofi", 1, offers=["Budgets"])
    ada = make.participant(program, "mentee", "Ada", wants=["Speaking"])
    lena = make.participant(program, "mentee", "Lena", wants=["Budgets"])
    return sam, kofi, ada, lena


@pytest.fixture
def choosing(program, people):
    program.mentees_choose = True
    program.save()
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


def test_chosen_mentors_are_asked_one_at_a_time(as_, program, people, choosing):
    sam, kofi, ada, _lena = people
    url = reverse("mentor_choice", args=[program.pk])
    sent = as_(ada).post(url, {"first": sam.pk, "second": kofi.pk, "third": sam.pk})
    assert sent.url == url
    assert list(Preference.objects.values_list("mentor", "rank")) == [(sam.pk, 1), (kofi.pk, 2)]
    request = MatchRequest.objects.get()
    assert (request.mentor, f"{request.answer_due_at:%a, %b %d}") == (sam, "Mon, Dec 14")
    page = as_(sam).get(reverse("match_request_answer", args=[request.pk])).content.decode()
    assert "Ada would like you" in page and "Speaking" in page
    assert as_(kofi).get(reverse("match_request_answer", args=[request.pk])).status_code == 404
    as_(sam).post(reverse("match_request_answer", args=[request.pk]), {"answer": "no"})
    following = MatchRequest.objects.waiting().get()
    assert following.mentor == kofi
    as_(kofi).post(reverse("match_request_answer", args=[following.pk]), {"answer": "yes"})
    assert Proposal.objects.get(mentee=ada).mentor == kofi and Proposal.objects.get().locked
    assert not Pair.objects.exists(), "the admin starts it"


def test_without_an_answer_the_next_choice_is_asked(program, people, choosing):
    sam, kofi, ada, _lena = people
    Preference.choose(program, ada, [sam, kofi])
    MatchRequest.ask_next(program, ada)
    tasks.ask_next_mentors()
    assert MatchRequest.objects.count() == 1
    choosing.shift(timedelta(days=8))
    tasks.ask_next_mentors()
    assert MatchRequest.objects.get(mentor=sam).answer == "late"
    assert MatchRequest.objects.waiting().get().mentor == kofi


def test_the_page_needs_a_program_where_mentees_choose(as_, program, people):
    assert as_(people[2]).get(reverse("mentor_choice", args=[program.pk])).status_code == 404


def answer(as_, request: MatchRequest, reply: str):
    return as_(request.mentor).post(reverse("match_request_answer", args=[request.pk]), {"answer": reply})


def test_a_mentor_with_one_place_accepts_one_request(as_, program, people, choosing):
    sam, kofi, ada, lena = people
    for person in (ada, lena):
        as_(person).post(reverse("mentor_choice", args=[program.pk]), {"first": sam.pk, "second": kofi.pk})
    first, second = MatchRequest.objects.order_by("pk")
    answer(as_, first, "yes")
    second.refresh_from_db()
    assert second.answer == "full" and MatchRequest.objects.waiting().get().mentor == kofi
    late_answer = answer(as_, second, "yes")
    assert late_answer.status_code == 409 and "you have no room for another mentee" in late_answer.content.decode()
    assert "was not saved" in late_answer.content.decode()
    assert as_(sam).get(reverse("match_request_answer", args=[second.pk])).status_code == 200
    assert Proposal.objects.get().mentee == ada
    nia = make.participant(program, "mentee", "Nia")
    MatchRequest.choose(program, nia, [sam, kofi])
    assert MatchRequest.objects.waiting().get(mentee=nia).mentor == kofi, "a full mentor is not asked"
    page = as_(nia).get(reverse("mentor_choice", args=[program.pk])).content.decode()
    assert f'value="{kofi.pk}"' in page and f'value="{sam.pk}"' not in page


def test_accepting_replaces_an_unlocked_proposal(program, people, choosing):
    sam, _kofi, ada, lena = people
    Proposal.objects.create(program=program, mentor=sam, mentee=lena, score=80)
    MatchRequest.choose(program, ada, [sam])
    assert MatchRequest.objects.get().reply("yes")
    assert Proposal.objects.get().mentee == ada


def pair_by_hand(as_, program, people):
    _sam, kofi, ada, _lena = people
    rows = {row.user_id: row.pk for row in program.enrollments.all()}
    data = {"mentor": rows[kofi.pk], "mentee": rows[ada.pk]}
    assert as_(make.admin(program)).post(reverse("pair_create", args=[program.pk]), data).status_code == 302


def lock_another(as_, program, people):
    _sam, kofi, ada, _lena = people
    row = Enrollment.objects.get(user=ada)
    as_(make.admin(program)).post(reverse("matching_candidates", args=[row.pk]), {"mentor": kofi.pk})
    assert Proposal.objects.get(mentee=ada).locked


def lock_a_proposal(as_, program, people):
    _sam, kofi, ada, _lena = people
    row = Proposal.objects.create(program=program, mentor=kofi, mentee=ada, score=10)
    as_(make.admin(program)).post(reverse("proposal_lock", args=[row.pk]), {"on": "1"})


def mentee_leaves(as_, program, people):
    as_(people[2]).post(reverse("program_leave", args=[program.pk]), {"role": "mentee"})


def account_closes(as_, program, people):
    type(people[2]).objects.filter(pk=people[2].pk).update(is_active=False)
    tasks.ask_next_mentors()


@pytest.mark.parametrize("action", [pair_by_hand, lock_another, lock_a_proposal, mentee_leaves, account_closes])
def test_a_request_ends_when_the_mentee_needs_no_mentor(as_, program, people, choosing, action):
    sam, kofi, ada, _lena = people
    MatchRequest.choose(program, ada, [sam, kofi])
    action(as_, program, people)
    request = MatchRequest.objects.get()
    before = list(Proposal.objects.values_list("mentor", "locked"))
    assert request.answer == "ended"
    for reply in ("yes", "no"):
        assert answer(as_, request, reply).status_code == 409
    tasks.ask_next_mentors()
    assert MatchRequest.objects.count() == 1, "no next choice is asked"
    assert list(Proposal.objects.values_list("mentor", "locked")) == before, "a late acceptance changes no proposal"


def mentor_leaves(as_, program, people):
    Enrollment.objects.get(user=people[0]).leave(people[0])


def mentor_is_paired(as_, program, people):
    Pair.start(None, program, people[0], people[3])


def mentor_closes_account(as_, program, people):
    type(people[0]).objects.filter(pk=people[0].pk).update(is_active=False)
    tasks.ask_next_mentors()


@pytest.mark.parametrize("action", [mentor_leaves, mentor_is_paired, mentor_closes_account])
def test_the_next_choice_is_asked_if_the_mentor_is_unavailable(as_, program, people, choosing, action):
    sam, kofi, ada, _lena = people
    MatchRequest.choose(program, ada, [sam, kofi])
    action(as_, program, people)
    assert MatchRequest.objects.get(mentor=sam).answer == "full"
    assert MatchRequest.objects.waiting().get().mentor == kofi


def test_choosing_other_mentors_withdraws_the_request(program, people, choosing):
    sam, kofi, ada, _lena = people
    MatchRequest.choose(program, ada, [sam])
    MatchRequest.choose(program, ada, [kofi])
    assert MatchRequest.objects.get(mentor=sam).answer == "ended"
    assert MatchRequest.objects.waiting().get().mentor == kofi


def test_choosing_again_shows_earlier_mentors_and_who_is_left(as_, program, people, choosing):
    sam, kofi, ada, _lena = people
    MatchRequest.choose(program, ada, [sam])
    MatchRequest.objects.get().reply("yes")
    Proposal.objects.all().delete()
    pair = Pair.start(None, program, sam, ada)
    pair.end(ada)
    page = as_(ada).get(reverse("mentor_choice", args=[program.pk])).content.decode()
    assert "Sam (your mentor until Dec 7, 2026)" in page and "Were a pair until Dec 7, 2026" in page
    candidates = reverse("matching_candidates", args=[Enrollment.objects.get(user=ada).pk])
    assert "Were a pair until Dec 7, 2026" in as_(make.admin(program)).get(candidates).content.decode()
    as_(ada).post(reverse("mentor_choice", args=[program.pk]), {"first": sam.pk})
    second_request = MatchRequest.objects.waiting().get()
    assert second_request.mentor == sam
    second_request.reply("no")
    page = as_(ada).get(reverse("mentor_choice", args=[program.pk])).content.decode()
    assert f'value="{sam.pk}"' not in page and "not now" in page and "Nobody is being asked now" in page
    assert f'value="{kofi.pk}"' in page


@pytest.mark.django_db(transaction=True)
def test_simultaneous_acceptances_use_one_place():
    program = make.program()
    sam = make.participant(program, "mentor", "Sam", 1)
    requests = [make.match_request(program, make.participant(program, "mentee", name), sam) for name in ("Ada", "Lena")]
    start, errors = threading.Barrier(2), []

    def accept(pk: int):
        request = MatchRequest.objects.select_related("program", "mentor", "mentee").get(pk=pk)
        start.wait()
        try:
            request.reply("yes")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[row.pk]) for row in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert Proposal.objects.get().locked
    assert sorted(MatchRequest.objects.values_list("answer", flat=True)) == ["full", "yes"]
