"""The list of a person's commitments, and adding one in a line."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from goals.models import Commitment
from tests import make
from tests.site.test_weight import check_page


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel("2026-12-07 10:00Z", tick=False):
        yield


def test_the_list_shows_own_commitments_of_all_pairs_soonest_first(as_, pair, sam):
    other = make.pair(pair.program, mentor=make.user("Kofi Mensah"), mentee=sam)
    late, soon = date(2026, 12, 20), date(2026, 12, 8)
    make.commitment(pair, owner=sam, text="mine later", due_on=late)
    make.commitment(other, owner=sam, text="mine sooner", due_on=soon)
    make.commitment(pair, text="Ada owns this", due_on=soon)
    make.commitment(pair, owner=sam, text="finished", due_on=soon).complete(sam, 1)
    make.commitment(make.pair(pair.program), text="not mine to see")
    html = as_(sam).get(reverse("commitment_list")).content.decode()
    places = [html.index(text) for text in ("mine sooner", "mine later", "finished")]
    assert places == sorted(places)
    assert "not mine to see" not in html and "Ada owns this" not in html
    theirs = as_(sam).get(reverse("commitment_list") + "?whose=theirs").content.decode()
    assert "Ada owns this" in theirs and "mine sooner" not in theirs
    both = as_(sam).get(reverse("commitment_list") + "?whose=both").content.decode()
    assert "Ada owns this" in both and "mine sooner" in both


def test_the_list_groups_commitments_by_due_date(as_, pair, sam):
    today = sam.today()
    for days in (-1, 0, 6, 7):
        make.commitment(pair, owner=sam, text=f"in {days} days", due_on=today + timedelta(days=days))
    html = as_(sam).get(reverse("commitment_list")).content.decode()
    order = ["due-overdue", "in -1 days", "due-today", "in 0 days", "due-week", "in 6 days", "due-later", "in 7 days"]
    places = [html.index(text) for text in order]
    assert places == sorted(places)
    assert html.count("answers-folded") == 2, "what is not due yet has fewer answers on a phone"


def test_one_line_adds_a_commitment_with_its_owner_and_date(as_, pair, sam, ada):
    url = reverse("commitment_create", args=[pair.pk])
    assert as_(sam).post(url, {"line": "Ada will send the draft to Lin tomorrow"}).url == reverse("commitment_list")
    added = Commitment.objects.get()
    assert (added.text, added.owner, added.due_on) == ("Send the draft to Lin", ada, sam.today() + timedelta(days=1))


def test_one_line_without_an_owner_is_the_writers_own(as_, pair, sam):
    as_(sam).post(reverse("commitment_create", args=[pair.pk]), {"line": "Read the draft"})
    assert Commitment.objects.get().owner == sam


def test_a_line_that_is_too_long_stays_in_the_form(as_, pair, sam):
    answer = as_(sam).post(reverse("commitment_create", args=[pair.pk]), {"line": "word " * 200})
    assert answer.status_code == 422 and "Word word word" in answer.content.decode()
    assert not Commitment.objects.exists()


def test_an_empty_list_explains_what_belongs_there(as_, ada, pair):
    html = as_(ada).get(reverse("commitment_list")).content.decode()
    assert "<h1" in html and reverse("commitment_create", args=[pair.pk]) in html


def test_twice_the_commitments_need_no_more_queries(as_, ada, sam, pair, django_assert_max_num_queries):
    client, counts = as_(ada), []
    for _ in range(2):
        for n in range(6):
            row = make.commitment(pair, owner=(ada, sam)[n % 2], goal=make.goal(pair), work_event=make.work_event(pair))
            if n > 3:
                row.complete(ada, 1)
        client.get(reverse("preferences"))  # caches for a minute what every page shows
        with django_assert_max_num_queries(40) as seen:
            client.get(reverse("commitment_list"))
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]


def test_a_full_list_stays_small(as_, ada, pair):
    for n in range(30):
        make.commitment(pair, text=f"A commitment in about ten words, which is number {n:02}", done_when="it is done")
    check_page(as_(ada), reverse("commitment_list"))
