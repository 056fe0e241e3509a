"""The language of a person: where it comes from, and that it decides about their pages."""

import re
from datetime import date

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.models import User
from config import env
from mentoring import invitations
from mentoring.models import Program
from reminders import links
from tests import make
from tests.accounts.test_preferences import FACTS

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
DATES = {"name": "P", "starts_on": date(2026, 11, 1), "ends_on": date(2027, 11, 1)}
JOINING = {"name": "Ada Lind", "password": "a-river-in-winter", "zone": "Asia/Kolkata"}


def language_of(response) -> str:
    [language] = re.findall(r'<html lang="(\w+)" dir="ltr"', response.content.decode())
    assert response.headers["Content-Language"] == language
    return language


def test_a_visitor_reads_the_language_of_their_browser_or_the_default(db):
    make.installation()
    assert language_of(Client().get("/accounts/login/", headers=GERMAN)) == "de"
    assert language_of(Client().get("/accounts/login/", headers={"Accept-Language": "pt"})) == "en"


def test_a_visitor_is_offered_languages_by_their_own_names(db):
    make.installation()
    page = Client(headers=GERMAN).get("/accounts/login/").content.decode()
    assert [name for name in ("English", "Español", "Englisch", "Spanisch") if name in page] == ["English", "Español"]


def test_a_visitor_can_choose_another_language(db):
    make.installation()
    client = Client()
    assert 'name="language" value="es" lang="es">Español</button>' in client.get("/accounts/login/").content.decode()
    response = client.post("/language/", {"language": "es", "next": "/who-can-see-what/"})
    assert response.headers["Location"] == "/who-can-see-what/"
    assert language_of(client.get("/who-can-see-what/", headers=GERMAN)) == "es"
    assert client.post("/language/", {"next": "https://evil.example/"}).headers["Location"] == "/"


def test_the_choice_of_a_person_wins_over_their_browser(as_):
    spanish = as_(make.user("Ada", language="es"))
    assert language_of(spanish.get("/preferences/", headers=GERMAN)) == "es"
    assert language_of(spanish.get("/nowhere/", headers=GERMAN)) == "es"


def test_a_language_is_chosen_in_the_preferences(as_):
    ada = make.user("Ada", clock="24")
    client = as_(ada)
    assert client.post("/preferences/", FACTS | {"language": "de"}).status_code == 302
    ada.refresh_from_db()
    assert (ada.language, ada.clock) == ("de", "12"), "the clock stays as chosen"
    assert language_of(client.get("/preferences/")) == "de"
    assert client.post("/preferences/", FACTS | {"language": "tlh"}).status_code == 422
    assert client.post("/preferences/", FACTS).status_code == 302
    ada.refresh_from_db()
    assert ada.language == "de"


def test_people_are_invited_in_the_language_of_the_program(db):
    program = Program.begin(make.user("Priya", language="es"), **DATES)
    priya = program.enrollments.get().user
    [enrollment] = invitations.invite(priya, program, "mentee", [("Ada", "ada@example.org")]).enrollments
    assert enrollment.user.language == "es"


@pytest.mark.parametrize(("headers", "facts"), [(GERMAN, ("de", "24", 1)), ({}, ("en", "12", 7))])
def test_a_newcomer_gets_the_language_and_habits_of_their_browser(db, headers, facts):
    program = make.program()
    [enrollment] = invitations.invite(make.admin(program), program, "mentee", [("", "ada@example.org")]).enrollments
    Client().post(enrollment.invitation_path(), JOINING, headers=headers)
    ada = User.objects.get(email="ada@example.org")
    assert (ada.language, ada.clock, ada.week_start) == facts


def test_a_language_that_is_no_longer_offered_becomes_the_default(as_, settings):
    client = as_(make.user("Ada", language="es"))
    settings.LANGUAGES = [("de", "Deutsch")]
    settings.LANGUAGE_CODE = "de"
    response = client.get("/preferences/")
    assert language_of(response) == "de"
    assert 'name="language"' not in response.content.decode()


@pytest.mark.parametrize("value", ["en,fr", "de,de", ",", "Deutsch"])
def test_wrong_languages_of_an_installation_stop_the_start(value, monkeypatch):
    monkeypatch.setenv("LANGUAGES", value)
    with pytest.raises(ImproperlyConfigured, match="LANGUAGES must be one or more of en, de, es"):
        env.choices("LANGUAGES", ["en", "de", "es"])


def test_the_first_language_of_an_installation_is_its_default(monkeypatch):
    monkeypatch.setenv("LANGUAGES", "de, en")
    assert env.choices("LANGUAGES", ["en", "de", "es"]) == ["de", "en"]


def test_account_emails_are_in_the_language_of_their_recipient(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    make.installation()
    make.user("Ada", email="ada@example.org", language="de")
    Client().post("/accounts/login/code/", {"email": "Ada@example.org"})
    Client().post("/accounts/login/code/", {"email": "nobody@example.org"})
    known, unknown = mail.outbox
    assert [re.findall(r'<html lang="(\w+)"', one.alternatives[0].content) for one in (known, unknown)] == [
        ["de"],
        ["en"],
    ]


def test_a_page_behind_a_link_is_in_the_language_of_the_recipient(pair):
    User.objects.filter(pk=pair.mentee_id).update(language="es")
    commitment = make.commitment(pair)
    url = links.link("email_commitment", links.Purpose.COMMITMENT, User.objects.get(pk=pair.mentee_id), commitment.pk)
    assert language_of(Client().get(url.removeprefix("http://localhost:8000"), headers=GERMAN)) == "es"
