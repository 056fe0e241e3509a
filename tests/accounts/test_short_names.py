"""Short names of people on pages and in emails."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.names import guess_short_name
from mentoring import invitations
from tests import make


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ada Lind", "Ada"),
        ("Dr. Lin Chen", "Lin"),
        ("Prof. Dr. med. Olga Ruiz", "Olga"),
        ("Lind, Ada", "Ada"),
        ("van der Berg, Dr. Jan Piet", "Jan"),
        ("Ada Lind, PhD", "Ada"),
        ("Lind,", "Lind"),
        ("Madonna", "Madonna"),
        ("Dr.", "Dr."),
        ("Phil Ma", "Phil"),
        ("清水 稔", "清水"),
        ("", ""),
    ],
)
def test_a_short_name_is_guessed_from_the_name(name, short):
    assert guess_short_name(name) == short


def test_a_chosen_short_name_is_used(as_, pair):
    User.objects.filter(pk=pair.mentee_id).update(name="Lind, Ada")
    ada, sam = as_(pair.mentee), as_(pair.mentor)
    page = ada.get("/preferences/")
    form = page.context["form"]
    assert 'value="Ada"' in str(form["short_name"])
    facts = {name: form[name].value() for name in form.fields} | {"works_from": "09:00", "works_until": "17:00"}
    ada.post("/preferences/", facts | {"name": "Lind, Adalbertine"})
    pair.mentee.refresh_from_db()
    assert pair.mentee.first_name == "Adalbertine", "an unchanged guess follows the name"
    ada.post("/preferences/", facts | {"short_name": "Addie\r\nX"})
    pair.mentee.refresh_from_db()
    assert pair.mentee.first_name == "Addie X"
    assert "Schedule sessions with Addie X" in sam.get(reverse("session_schedule", args=[pair.pk])).content.decode()
    ada.post("/preferences/", facts | {"short_name": ""})
    pair.mentee.refresh_from_db()
    assert pair.mentee.first_name == "Ada"


def test_accepting_an_invitation_asks_for_a_short_name(db):
    program = make.program()
    people = [("Chen, Dr. Lin", "lin@example.org"), ("Bo\nhttps://evil.example", "bo@example.org")]
    lin, bo = invitations.invite(make.admin(program), program, "mentee", people).enrollments
    assert bo.user.name == "Bo https://evil.example"
    assert 'value="Lin"' in Client().get(lin.invitation_path()).content.decode()
    data = {"name": "Lin Chen", "password": "a-river-in-winter", "zone": "Asia/Kolkata", "short_name": "Linny"}
    assert Client().post(lin.invitation_path(), data).status_code == 302
    lin.user.refresh_from_db()
    assert lin.user.first_name == "Linny"
