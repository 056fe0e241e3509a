"""Names are found and sorted despite case and accents, on every database."""

import re

import pytest
from django.urls import reverse

from accounts.models import User
from core.folding import folded
from tests import make
from tests.sources import sources


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Émile  Zola", "emile zola"), ("ÖZGE", "ozge"), ("Łukasz Ørsted", "lukasz orsted"), ("Groß", "gross"), ("", "")],
)
def test_folded_text_has_no_accents_case_or_extra_spaces(text, expected):
    assert folded(text) == expected


@pytest.fixture
def program(db):
    program = make.program()
    for name in ("Zoe Park", "anna lind", "Émile Roux", "Özge Kaya"):
        make.enrollment(program, make.user(name), "mentee")
    return program


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("émile", "Émile Roux"),
        ("EMILE", "Émile Roux"),
        ("emile", "Émile Roux"),
        ("özge", "Özge Kaya"),
        ("ZOE", "Zoe Park"),
    ],
)
def test_people_are_found_despite_case_and_accents(as_, program, query, found):
    html = as_(make.admin(program)).get(reverse("program_detail", args=[program.pk]), {"q": query}).content.decode()
    names = {name for name in ("Zoe Park", "anna lind", "Émile Roux", "Özge Kaya") if name in html}
    assert names == {found}


def test_people_are_sorted_despite_case_and_accents(as_, program):
    page = reverse("program_detail", args=[program.pk])
    html = as_(make.admin(program)).get(page, {"role": "mentee"}).content.decode()
    at = [html.index(name) for name in ("anna lind", "Émile Roux", "Özge Kaya", "Zoe Park")]
    assert at == sorted(at)


def test_a_changed_name_is_found_at_once(as_, program):
    ada = User.objects.get(name="anna lind")
    ada.name = "Åsa Berg"
    ada.save()
    html = as_(make.admin(program)).get(reverse("program_detail", args=[program.pk]), {"q": "asa"}).content.decode()
    assert "Åsa Berg" in html


def test_code_that_saves_a_name_also_saves_its_folded_form():
    """With `update_fields` that omits the folded form, the search would still find the old name."""
    saves = [
        call
        for p in sources()
        for call in re.findall(r"user\.save\(update_fields=\[[^\]]*\"name\"[^\]]*\]", p.read_text())
    ]
    assert saves and all("folded_name" in call for call in saves), saves
