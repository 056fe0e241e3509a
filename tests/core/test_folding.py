"""People are found and sorted whatever the accents and the case of their names, on every database."""

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
def test_folding(text, expected):
    assert folded(text) == expected


@pytest.fixture
def program(db):
    program = make.program()
    for name in ("Zoe Park", "anna lind", "Émile Roux", "Özge Kaya"):
        make.enrollment(program, make.user(name), "mentee")
    return program


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("émile", "Émile Roux"),
        ("EMILE", "Émile Roux"),
        ("emile", "Émile Roux"),
        ("özge", "Özge Kaya"),
        ("ZOE", "Zoe Park"),
    ],
)
def test_a_person_is_found_however_their_name_is_typed(as_, program, asked, found):
    html = as_(make.admin(program)).get(reverse("program_detail", args=[program.pk]), {"q": asked}).content.decode()
    names = {name for name in ("Zoe Park", "anna lind", "Émile Roux", "Özge Kaya") if name in html}
    assert names == {found}


def test_people_are_sorted_as_people_sort_them(as_, program):
    page = reverse("program_detail", args=[program.pk])
    html = as_(make.admin(program)).get(page, {"role": "mentee"}).content.decode()
    at = [html.index(name) for name in ("anna lind", "Émile Roux", "Özge Kaya", "Zoe Park")]
    assert at == sorted(at)


def test_a_new_name_is_found_at_once(as_, program):
    ada = User.objects.get(name="anna lind")
    ada.name = "Åsa Berg"
    ada.save()
    html = as_(make.admin(program)).get(reverse("program_detail", args=[program.pk]), {"q": "asa"}).content.decode()
    assert "Åsa Berg" in html


def test_whoever_stores_a_name_stores_what_is_searched_for():
    """`update_fields` with a name and without its folded form would leave the search with the old one."""
    saves = [
        call
        for p in sources()
        for call in re.findall(r"user\.save\(update_fields=\[[^\]]*\"name\"[^\]]*\]", p.read_text())
    ]
    assert saves and all("folded_name" in call for call in saves), saves
