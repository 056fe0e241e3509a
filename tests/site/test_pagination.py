"""Tests empty and paginated lists, with any page number."""

import pytest
from django.urls import reverse

from dashboard.models import Flag, FlagRule
from tests import make


@pytest.fixture
def program(db):
    return make.program()


def test_an_empty_program_shows_empty_states(as_, program):
    client = as_(make.admin(program))
    matching = client.get(reverse("matching", args=[program.pk])).content.decode()
    assert "This program has no mentees yet." in matching and "Every mentee has a mentor" not in matching
    overview = client.get(reverse("program_overview", args=[program.pk])).content.decode()
    assert "This program has no running pairs yet." in overview and "No pair needs attention." not in overview


def test_full_and_healthy_programs_show_their_state(as_, pair):
    client = as_(make.admin(pair.program))
    assert "Every mentee has a mentor." in client.get(reverse("matching", args=[pair.program_id])).content.decode()
    overview = client.get(reverse("program_overview", args=[pair.program_id])).content.decode()
    assert "No pair needs attention." in overview


@pytest.mark.parametrize("page", ["99", "0", "-1", "x", "", "9" * 30])
def test_any_page_number_shows_pairs(as_, pair, page):
    Flag.objects.create(pair=pair, rule=FlagRule.NO_FIRST_SESSION, level="red")
    url = reverse("program_overview", args=[pair.program_id])
    html = as_(make.admin(pair.program)).get(url, {"page": page}).content.decode()
    assert "Sam Okafor" in html and "No pair needs attention" not in html


def test_upcoming_emails_past_the_end_show_the_last_page(as_, pair):
    client, url = as_(make.admin(pair.program)), reverse("program_reminders", args=[pair.program_id])
    make.session(pair)
    last, past = (client.get(url, {"page": page}).content.decode() for page in ("1", "99"))
    assert "Ada Lind" in last and "Ada Lind" in past


def test_timeline_past_the_end_redirects_to_its_beginning(as_, pair):
    make.closed_session(pair)
    html = as_(pair.mentee).get(reverse("pair_detail", args=[pair.pk]), {"page": "99"}, follow=True).content.decode()
    assert "Your story starts with the first session." not in html
