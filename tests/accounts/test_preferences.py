"""The preferences page, and the page that lists who can see what."""

import pytest

from accounts.forms import PreferencesForm
from accounts.models import User
from tests import make
from tests.site.test_weight import check_page

FACTS = {
    "name": "Ada Lind",
    "zone": "America/New_York",
    "works_from": "08:30",
    "works_until": "16:00",
    "workdays": ["1", "2", "4"],
    "clock": "12",
    "theme": "dark",
    "single_keys": "on",
    "week_start": "1",
}


def test_saving_stores_every_field_and_confirms_the_time_zone(as_):
    ada = make.user("Ada", zone_confirmed_at=None)
    assert as_(ada).post("/preferences/", FACTS).status_code == 302
    ada.refresh_from_db()
    assert (ada.name, ada.zone, ada.workdays, ada.clock, ada.theme) == (
        "Ada Lind",
        "America/New_York",
        [1, 2, 4],
        "12",
        "dark",
    )
    assert (ada.works_from.hour, ada.works_until.hour) == (8, 16)
    assert ada.zone_confirmed_at


def test_saving_overwrites_nothing_else_of_the_account(ada):
    form = PreferencesForm(FACTS | {"short_name": "", "language": "en"}, instance=User.objects.get(pk=ada.pk))
    ada.end_web_sessions()
    User.objects.filter(pk=ada.pk).update(is_active=False, has_second_factor=True)
    form.save()
    ada.refresh_from_db()
    assert ada.name == "Ada Lind" and ada.folded_name == "ada lind"
    assert (ada.sessions_version, ada.is_active, ada.has_second_factor) == (2, False, True)


def test_the_browser_sets_the_time_zone_until_it_is_confirmed(as_):
    unconfirmed, confirmed = make.user(zone_confirmed_at=None), make.user(zone="Europe/London")
    assert 'data-guess-zone=""' in as_(unconfirmed).get("/preferences/").content.decode()
    page = as_(confirmed).get("/preferences/").content.decode()
    assert 'data-guess-zone="confirmed"' in page
    assert '<option value="Europe/London" selected>London</option>' in page


def test_a_deprecated_zone_name_is_kept_until_changed(as_):
    person = make.user(zone="US/Eastern")
    client = as_(person)
    assert '<option value="US/Eastern" selected>' in client.get("/preferences/").content.decode()
    assert client.post("/preferences/", FACTS | {"zone": "US/Eastern"}).status_code == 302


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"name": ""}, "required"),
        ({"name": "x" * 201}, "200"),
        ({"works_until": "07:00"}, "must end after they start"),
        ({"workdays": ["9"]}, "9"),
        ({"workdays": []}, "required"),
    ],
)
def test_invalid_input_answers_422_and_keeps_the_rest(as_, wrong, message):
    person = make.user("Before")
    answer = as_(person).post("/preferences/", FACTS | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page and 'value="08:30"' in page and "<title>Error:" in page
    person.refresh_from_db()
    assert person.name == "Before"


@pytest.mark.parametrize("name", ["x" * 200, "عبد الرحمن بن محمد", "Zoë 🦔 Ng", "<b>Bob</b>"])
def test_names_are_stored_unchanged(as_, name):
    person = make.user()
    assert as_(person).post("/preferences/", FACTS | {"name": name}).status_code == 302
    person.refresh_from_db()
    assert person.name == name
    assert "<b>Bob" not in as_(person).get("/preferences/").content.decode()


def test_only_preferences_can_be_changed(as_):
    person = make.user(email="me@example.org")
    as_(person).post("/preferences/", FACTS | {"is_staff": "1", "is_superuser": "1", "email": "x@example.org"})
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser, person.email) == (False, False, "me@example.org")


def test_who_can_see_what_names_the_operator(client, db):
    make.installation(operator_name="Example Foundation")
    page = client.get("/who-can-see-what/").content.decode()
    assert "Example Foundation" in page
    assert "does not protect them from the person who runs the server" in page


def test_the_page_stays_small_with_all_time_zones(as_):
    check_page(as_(make.user()), "/preferences/")
