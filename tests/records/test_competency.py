"""The page of a competency: what a pair has for it, and what could come next (docs/rules.md, practice)."""

import pytest
from django.urls import reverse

from goals.models import Commitment
from practice.models import Entry
from records import growth
from tests import make


@pytest.fixture
def competency(pair):
    return make.competency(pair.program, "Says no")


def url(pair, competency) -> str:
    return reverse("competency_detail", args=[pair.pk, competency.pk])


@pytest.fixture
def full(pair, ada, sam, competency):
    """A row of each kind for the competency, and a private lesson."""
    make.goal(pair, "Say it early").competencies.add(competency)
    make.commitment(pair, text="Turn one down", competency=competency).complete(ada, 1)
    make.commitment(pair, text="Turn the next one down", competency=competency)
    make.outcome(pair, "Two turned down", competency=competency)
    make.feedback(pair, created_by=sam, differently="Say it sooner", competency=competency)
    lesson = make.entry(ada, pair, lesson="A pause is enough")
    Entry.objects.filter(pk=lesson.pk).update(competency=competency)
    return lesson


SHARED = ("Say it early", "Turn one down", "Turn the next one down", "Two turned down", "Say it sooner")


def test_it_collects_what_names_the_competency(as_, ada, pair, competency, full):
    other = make.competency(pair.program, "Opens a meeting")
    make.commitment(pair, text="Open with the number", competency=other)
    page = as_(ada).get(url(pair, competency)).content.decode()
    for words in (*SHARED, "A pause is enough"):
        assert words in page
    assert "Open with the number" not in page
    assert url(pair, competency) in as_(ada).get(reverse("competency_list", args=[pair.pk])).content.decode()


def test_the_mentor_sees_private_entries_once_shared(as_, sam, pair, competency, full):
    page = as_(sam).get(url(pair, competency)).content.decode()
    assert all(words in page for words in SHARED) and "A pause is enough" not in page
    full.share(pair)
    assert "A pause is enough" in as_(sam).get(url(pair, competency)).content.decode()


def test_it_leads_to_a_commitment_that_names_it(as_, ada, pair, competency):
    create = f"{reverse('commitment_create', args=[pair.pk])}?competency={competency.pk}"
    assert create in as_(ada).get(url(pair, competency)).content.decode()
    assert f'value="{competency.pk}" selected' in as_(ada).get(create).content.decode()
    assert not Commitment.objects.exists()
    foreign = make.competency(make.program("Elsewhere"))
    page = as_(ada).get(f"{reverse('commitment_create', args=[pair.pk])}?competency={foreign.pk}")
    assert page.status_code == 200 and foreign.title not in page.content.decode()


def test_a_competency_of_another_program_is_not_found(as_, ada, pair):
    foreign = make.competency(make.program("Elsewhere"))
    assert as_(ada).get(url(pair, foreign)).status_code == 404


def test_an_ended_pair_keeps_the_page_without_next_steps(as_, ada, pair, competency, full):
    pair.end()
    page = as_(ada).get(url(pair, competency)).content.decode()
    assert "Two turned down" in page and reverse("commitment_create", args=[pair.pk]) not in page


def test_the_growth_record_has_it_without_private_texts(pair, competency, full):
    record = growth.build_record(pair, ["competencies"])
    (row,) = record["competencies"]
    assert [one["text"] for one in row["outcomes"] + row["goals"] + row["commitments"]] == [
        *("Two turned down", "Say it early", "Turn one down")
    ]
    page = growth.as_html(record)
    assert "Says no" in page and "A pause is enough" not in page and "Say it sooner" not in page


def test_a_number_that_no_competency_has_is_not_found(as_, ada, pair, competency):
    make.competency(pair.program, "Opens a meeting")
    for number in (0, 2**31, 2**63):
        assert as_(ada).get(reverse("competency_detail", args=[pair.pk, number])).status_code == 404
