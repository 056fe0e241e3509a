"""The energy check: three remedies for the pair when its sessions become less useful, never for the admin."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from mentoring.models import Pair
from sessions.energy_check import energy_check
from sessions.models import EnergyCheck, SessionRating
from tests import make

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)
ASKS = "Could your sessions be more useful?"


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


def rated(pair: Pair, *useful: int) -> Pair:
    for value in useful:
        SessionRating.objects.create(session=make.past_session(pair), useful=value)
    return pair


def settle(client, pair, remedy: str):
    return client.post(reverse("energy_check_settle", args=[pair.pk]), {"remedy": remedy})


def pages(client, pair, session) -> str:
    urls = reverse("pair_detail", args=[pair.pk]), reverse("session_prepare", args=[session.pk])
    return "".join(client.get(url).content.decode() for url in urls)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([1, 1], False),  # below three answers nothing is shown
        ([3, 3, 3], False),
        ([2, 2, 2], True),  # partly
        ([4, 4, 4, 3, 3, 3], True),  # lower than before
        ([4, 4, 4, 4, 4, 4], False),
        ([3, 3, 3, 4, 4, 4], False),
        ([4, 4, 4, 1, 1], False),  # a third answer is missing
        ([4, 4, 4, 4, 4, 3], False),  # rounds to the same
        ([4, 4, 4, 3, 3, 3, 4, 4, 4], False),  # it has recovered
    ],
)
def test_it_reads_whole_results_of_three_answers(pair, answers, expected):
    assert (energy_check(rated(pair, *answers)) is not None) is expected


def test_both_people_see_it_on_the_pair_page_and_in_the_preparation(as_, pair, ada, sam):
    session = make.session(rated(pair, 2, 2, 2))
    for person in (ada, sam):
        assert pages(as_(person), pair, session).count(ASKS) == 2


def test_program_admins_see_nothing_of_it(as_, pair, sam):
    settle(as_(sam), rated(pair, 2, 2, 2), "cadence")
    admin = make.admin(pair.program)
    for name in ("program_overview", "program_figures"):
        page = as_(admin).get(reverse(name, args=[pair.program_id])).content.decode()
        assert "more useful" not in page
    assert settle(as_(admin), pair, "topic").status_code == 404


@pytest.mark.parametrize(
    ("remedy", "page", "text"),
    [
        ("format", "agenda_edit", "change the format"),
        ("cadence", "agreement_edit", "change the rhythm"),
        ("topic", "pack_list", "choose another topic"),
    ],
)
def test_each_remedy_leads_to_its_page_and_the_partner_reads_it(as_, pair, ada, sam, remedy, page, text):
    session = make.session(rated(pair, 2, 2, 2))
    target = settle(as_(sam), pair, remedy)
    assert target.url == reverse(page, args=[session.pk if page == "agenda_edit" else pair.pk])
    assert as_(sam).get(target.url).status_code == 200
    found = pages(as_(ada), pair, session)
    assert ASKS not in found and f"Sam suggests: {text}" in found


def test_without_a_next_session_the_format_begins_with_one(as_, pair, sam):
    assert settle(as_(sam), rated(pair, 2, 2, 2), "format").url == reverse("session_schedule", args=[pair.pk])


def test_leaving_it_as_it_is_hides_it_for_both(as_, pair, ada, sam):
    session = make.session(rated(pair, 2, 2, 2))
    settle(as_(ada), pair, "none")
    assert "more useful" not in pages(as_(sam), pair, session)


def test_the_first_decision_stays_and_the_second_still_leads_on(as_, pair, ada, sam):
    settle(as_(sam), rated(pair, 2, 2, 2), "topic")
    assert settle(as_(ada), pair, "cadence").url == reverse("agreement_edit", args=[pair.pk])
    assert EnergyCheck.objects.get().remedy == "topic"


def test_it_ends_after_its_days_and_comes_back_with_the_next_results(pair, sam, clock):
    rated(pair, 2, 2, 2)
    clock.move_to(TUESDAY + timedelta(days=27))
    assert energy_check(pair)
    clock.move_to(TUESDAY + timedelta(days=29))
    assert not energy_check(pair)
    rated(pair, 1, 1, 1)
    assert energy_check(pair).answers == 6


def test_a_decision_is_shown_for_two_weeks(as_, pair, sam, clock):
    settle(as_(sam), rated(pair, 2, 2, 2), "topic")
    clock.move_to(TUESDAY + timedelta(days=13))
    assert energy_check(pair).decision
    clock.move_to(TUESDAY + timedelta(days=15))
    assert not energy_check(pair)


def test_an_ended_pair_and_an_unknown_remedy_are_refused(as_, pair, sam):
    assert settle(as_(sam), rated(pair, 2, 2, 2), "dance").status_code == 404
    pair.end()
    assert not energy_check(pair)
    assert settle(as_(sam), pair, "topic").status_code == 404
