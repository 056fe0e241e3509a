"""No pair ends by silence: a good ending, what it was worth, leaving and coming back (S95, X13, N20)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from mentoring.models import Enrollment, ExitAnswer, NeverPair, Pair
from mentoring.proposals import question_of
from reminders.intents import KINDS
from sessions.models import Session
from tests import make

MONDAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


def test_either_of_the_two_ends_it_after_being_asked(as_, ada, sam, pair):
    make.session(pair)
    url = reverse("pair_finish", args=[pair.pk])
    page = as_(ada).get(url).content.decode()
    assert "Hold a closing session" in page
    as_(ada).post(url)
    assert Pair.objects.active().exists(), "one press on nothing in particular ends nothing"
    sent = as_(ada).post(url, {"sure": "1"})
    assert sent.url == reverse("exit_answer", args=[pair.pk]) and not Pair.objects.active().exists()
    assert as_(sam).get(reverse("pair_detail", args=[pair.pk])).status_code == 200


def test_what_it_was_worth_is_asked_at_the_end_and_stays_with_who_said_it(as_, ada, sam, pair):
    url = reverse("exit_answer", args=[pair.pk])
    assert "You are asked when it ends" in as_(ada).get(url).content.decode()
    pair.end()
    assert as_(ada).post(url, {"took": "Kept"}).status_code == 422
    as_(ada).post(url, {"worth": 5, "took": "Ask sooner", "would_mentor": "on", "never_again": "on"})
    said = ExitAnswer.objects.get()
    assert (said.worth, said.took, said.would_mentor, said.user) == (5, "Ask sooner", True, ada)
    assert NeverPair.objects.get().other == sam
    assert "Ask sooner" not in as_(sam).get(url).content.decode()
    assert "I would mentor" not in as_(sam).get(url).content.decode()


def test_who_would_mentor_is_invited_in_one_press(as_, ada, sam, pair):
    admin, page = make.admin(pair.program), reverse("program_detail", args=[pair.program_id])
    pair.end()
    answer = reverse("exit_answer", args=[pair.pk])
    as_(ada).post(answer, {"worth": 5, "took": "Ask sooner", "would_mentor": "on"})
    as_(sam).post(answer, {"worth": 5, "would_mentor": "on"})  # not asked: he is one
    html = as_(admin).get(page).content.decode()
    shown = html.split('id="would-mentor"')[1].split("</section>")[0]
    assert "Ada Lind" in shown and "Sam Okafor" not in shown and "Ask sooner" not in html
    assert "that you would mentor" in as_(ada).get(reverse("what_admins_see", args=[pair.program_id])).content.decode()
    elsewhere = make.admin(make.program("Elsewhere"), "Omar Haddad")
    assert "would-mentor" not in as_(elsewhere).get(reverse("program_list")).content.decode()
    invite = {"role": "mentor", "people": ada.email}
    as_(admin).post(reverse("enrollment_create", args=[pair.program_id]), invite)
    assert pair.program.enrollments.filter(user=ada, role="mentor").exists()
    assert "would-mentor" not in as_(admin).get(page).content.decode(), "asked once"


def test_those_two_are_not_proposed_again(as_, ada, sam, pair):
    pair.end()
    as_(ada).post(reverse("exit_answer", args=[pair.pk]), {"worth": 2, "never_again": "on"})
    assert frozenset((ada.pk, sam.pk)) in question_of(pair.program).never


def test_whoever_has_no_running_pair_leaves_and_can_come_back(as_, ada, pair):
    url = reverse("program_leave", args=[pair.program_id])
    assert "First end well" in as_(ada).get(url).content.decode()
    as_(ada).post(url)
    row = Enrollment.objects.get(user=ada)
    assert row.left_at is None, "not while a pair runs"
    pair.end()
    as_(ada).post(url)
    row.refresh_from_db()
    assert row.left_at
    row.invite_again(pair.mentor)
    row.refresh_from_db()
    assert row.left_at is None and as_(ada).get(reverse("pair_detail", args=[pair.pk])).status_code == 200


def due(kind: str, pair) -> set[tuple[str, str]]:
    people = {person.pk: person for person in pair.people}
    found = KINDS[kind].about([pair.pk]).values()
    return {
        (people[it.recipient_id].first_name, f"{people[it.recipient_id].local(it.due_at):%a %d %b}") for it in found
    }


def test_n20_four_and_two_weeks_before_the_end_and_afterwards(pair, ada):
    Pair.objects.filter(pk=pair.pk).update(ends_on=MONDAY + timedelta(days=28))
    assert due("ending_plan", pair) == {("Ada", "Mon 07 Dec"), ("Sam", "Mon 07 Dec")}
    assert due("ending_closing", pair) == {("Ada", "Mon 21 Dec"), ("Sam", "Mon 21 Dec")}
    make.session(pair, kind=Session._meta.get_field("kind").choices[-1][0])
    assert due("ending_closing", pair) == set(), "it has a date"
    pair.end()
    assert due("ending_plan", pair) == set()
    assert due("exit_answer", pair) == {(name, day) for name in ("Ada", "Sam") for day in ("Tue 08 Dec", "Tue 15 Dec")}
    ExitAnswer.say(pair, ada, worth=4)
    assert {name for name, _day in due("exit_answer", pair)} == {"Sam"}
