"""The endpoint for directories: it passes an independent test suite, closes accounts at once, and shows no content."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client

from accounts.models import AuditEvent, ProvisionedPerson, User
from config import env
from operations.own_data import closing, erasure
from operations.own_data.sections import Reader, identities
from operations.scim.schema import USER
from tests import make
from tests.directory import PATCH, TOKEN, ask, is_error

USERS = "/scim/v2/Users"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _token(settings, db):
    settings.SCIM_TOKEN = TOKEN
    make.installation()


@pytest.fixture
def directory():
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


def add(directory, email: str = "lena@example.org", **facts):
    body = {"schemas": [USER], "userName": email, "displayName": "Lena Brandt", "active": True} | facts
    return ask(directory, "post", USERS, body)


def patch(directory, pk, *operations):
    return ask(directory, "patch", f"{USERS}/{pk}", {"schemas": [PATCH], "Operations": list(operations)})


def found(directory, condition: str) -> list[str]:
    return [row["id"] for row in directory.get(USERS, {"filter": condition}).json()["Resources"]]


@pytest.fixture
def _one_connection():
    """Keep the connection of the test open after a request, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def test_an_independent_test_suite_finds_no_error(settings, _one_connection):
    # Not at the top: they take seconds to import, which each test process would spend.
    from scim2_client.engines.wsgi import WSGISCIMClient
    from scim2_tester import Status, check_server

    headers = {"Authorization": f"Bearer {TOKEN}"}
    client = WSGISCIMClient(get_wsgi_application(), f"{settings.SITE_URL}/scim/v2", headers=headers)
    results = check_server(client)
    assert [(row.title, row.reason) for row in results if row.status in (Status.ERROR, Status.CRITICAL)] == []
    assert len([row for row in results if row.status == Status.SUCCESS]) > 50
    assert {"User", "Group"} <= {row.resource_type for row in results}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_without_the_token_nothing_is_answered(header):
    answer = Client(headers=header).get(USERS)
    is_error(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_request_without_https_is_refused_and_not_redirected(directory, settings):
    settings.SECURE_SSL_REDIRECT = True
    is_error(directory.get(USERS), 403)
    assert directory.get(USERS, secure=True).status_code == 200


def test_without_a_setting_there_is_no_endpoint(directory, settings):
    settings.SCIM_TOKEN = ""
    assert directory.get(USERS).status_code == 404
    assert Client(headers={"Authorization": "Bearer "}).get(USERS).status_code == 404


def test_a_short_token_stops_the_start_with_a_hint(monkeypatch):
    monkeypatch.setenv("SCIM_TOKEN", "short")
    with pytest.raises(ImproperlyConfigured, match="at least 32 characters"):
        env.token("SCIM_TOKEN")


def test_a_person_is_added_and_found(directory):
    answer = add(directory, externalId="e-1", emails=[{"value": "Lena@Example.org", "primary": True}])
    assert answer.status_code == 201 and answer.headers["Location"].endswith(f"/scim/v2/Users/{answer.json()['id']}")
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == ("lena@example.org", "Lena Brandt", False)
    assert not user.has_verified_address and not user.enrollments.exists()
    for condition in ('userName eq "LENA@example.org"', 'externalId eq "e-1"', f'id eq "{user.pk}"'):
        assert found(directory, condition) == [str(user.pk)]
    assert found(directory, f'id eq "{user.pk}" and externalId eq "e-1"') == [str(user.pk)]
    assert found(directory, f'id eq "{user.pk}" and externalId eq "e-2"') == []
    assert found(directory, 'userName eq "sam@example.org"') == []
    assert AuditEvent.objects.filter(action=AuditEvent.Action.ADDED_BY_DIRECTORY, user=None).count() == 1


def test_somebody_invited_is_taken_over_with_their_name(directory):
    nia = make.user("Nia Cole", email="nia@example.org")
    assert found(directory, 'userName eq "nia@example.org"') == [str(nia.pk)]
    answer = add(directory, "nia.cole", emails=[{"value": "nia@example.org"}], displayName="Cole, Nia")
    assert answer.json()["id"] == str(nia.pk) and answer.json()["displayName"] == "Nia Cole"
    is_error(add(directory, "other", emails=[{"value": "nia@example.org"}]), 409, "uniqueness")
    is_error(add(directory, "NIA.cole", emails=[{"value": "else@example.org"}]), 409, "uniqueness")
    assert User.objects.count() == 1


@pytest.mark.parametrize("value", [False, "False"])
def test_inactive_ends_sign_ins_at_once_and_deletes_nothing(directory, as_, pair, value):
    ada = pair.mentee
    web = as_(ada)
    assert web.get("/").status_code == 200
    answer = patch(directory, ada.pk, {"op": "Replace", "path": "active", "value": value})
    assert answer.json()["active"] is False
    assert web.get("/").status_code == 302
    pair.refresh_from_db()
    assert pair.ended_at
    actions = set(AuditEvent.objects.filter(user=None).values_list("action", flat=True))
    assert {AuditEvent.Action.ACCOUNT_CLOSED, AuditEvent.Action.CHANGED_BY_DIRECTORY} <= actions
    assert patch(directory, ada.pk, {"op": "replace", "value": {"active": True}}).json()["active"] is True
    assert web.get("/").status_code == 302


def test_what_the_person_closed_themselves_stays_closed(directory):
    pk = add(directory).json()["id"]
    closing.close(User.objects.get(), User.objects.get())
    assert patch(directory, pk, {"op": "replace", "path": "active", "value": True}).json()["active"] is False


def test_delete_closes_the_account_and_a_return_opens_it(directory):
    pk = add(directory).json()["id"]
    assert directory.delete(f"{USERS}/{pk}").status_code == 204
    is_error(directory.get(f"{USERS}/{pk}"), 404)
    assert directory.get(USERS).json()["totalResults"] == 0
    assert not User.objects.get().is_active
    assert add(directory).json()["id"] == pk
    assert User.objects.get().is_active


def test_a_put_changes_the_name_but_never_the_address(directory):
    pk = add(directory).json()["id"]
    body = {"schemas": [USER], "userName": "lena.b", "name": {"givenName": "Lena", "familyName": "Moss"}}
    answer = ask(directory, "put", f"{USERS}/{pk}", body | {"emails": [{"value": "thief@example.org"}]})
    assert answer.json()["displayName"] == "Lena Moss" and answer.json()["userName"] == "lena.b"
    assert User.objects.get().email == "lena@example.org"
    before = AuditEvent.objects.count()
    ask(directory, "put", f"{USERS}/{pk}", body)
    assert AuditEvent.objects.count() == before  # nothing changed


def test_the_list_has_pages_and_attributes_can_be_chosen(directory):
    for n in range(5):
        make.user(f"Person {n}")
    page = directory.get(USERS, {"startIndex": 2, "count": 2, "attributes": "userName"}).json()
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (5, 2, 2)
    assert {name for row in page["Resources"] for name in row} == {"id", "schemas", "userName"}
    assert directory.get(USERS, {"count": 0}).json()["Resources"] == []
    assert directory.get(USERS, {"count": -5, "startIndex": -5}).json()["startIndex"] == 1


def test_the_number_of_queries_does_not_grow_with_people(directory, django_assert_num_queries):
    for n in range(3):
        add(directory, f"p{n}@example.org")
    with django_assert_num_queries(2):
        directory.get(USERS)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "scim_type"),
    [
        ("post", USERS, "{", 400, "invalidSyntax"),
        ("post", USERS, "[" * 100_000, 400, "invalidSyntax"),
        ("post", USERS, {"displayName": "x"}, 400, "invalidValue"),
        ("post", USERS, {"userName": "no-address"}, 400, "invalidValue"),
        ("post", USERS, {"userName": "a\0@example.org"}, 400, "invalidValue"),
        ("post", USERS, {"userName": "x" * 100_000}, 400, "invalidValue"),
        ("post", USERS, {"userName": ["a@example.org"]}, 400, "invalidValue"),
        ("post", USERS, {"userName": "a@example.org", "active": 7}, 400, "invalidValue"),
        ("patch", f"{USERS}/PK", {"Operations": 3}, 400, "invalidSyntax"),
        ("patch", f"{USERS}/PK", {"Operations": [{"op": "remove"}]}, 400, "noTarget"),
        ("patch", f"{USERS}/PK", {"Operations": [{"op": "remove", "path": "active"}]}, 400, "mutability"),
        ("patch", f"{USERS}/PK", {"Operations": [{"op": "burn", "path": "active"}]}, 400, "invalidSyntax"),
        ("patch", f"{USERS}/99999999999999999999", {"Operations": []}, 404, ""),
        ("get", f"{USERS}?filter=name+co+%22a%22", None, 400, "invalidFilter"),
        *(("get", f"{USERS}?count={text}", None, 400, "invalidValue") for text in ("many", "²", "", "9" * 5000)),
        *(("get", f"{USERS}?startIndex={text}", None, 400, "invalidValue") for text in ("--5", "-", "5-", "1.5")),
        ("get", "/scim/v2/Things", None, 404, ""),
        ("get", f"{USERS}?filter=id+eq+%221%22+or+id+eq+%222%22", None, 400, "invalidFilter"),
        ("post", "/scim/v2/Bulk", {}, 501, ""),
        ("post", "/scim/v2/ServiceProviderConfig", {}, 405, ""),
        ("put", USERS, {}, 405, ""),
    ],
)
def test_bad_requests_are_errors_in_the_format_of_scim(directory, method, path, body, status, scim_type):
    pk = add(directory).json()["id"]
    path = path.replace("PK", pk)
    answer = directory.get(path) if method == "get" else ask(directory, method, path, body)
    is_error(answer, status, scim_type)
    assert User.objects.count() == 1


def test_an_erased_person_is_gone_and_the_row_was_in_their_data(directory):
    pk = add(directory, externalId="e-1").json()["id"]
    lena = User.objects.get()
    facts = {fact.name: fact.value for fact in next(iter(identities(Reader(lena))))}
    assert (facts["user_name"], facts["external_id"]) == ("lena@example.org", "e-1")
    closing.close(lena, None)
    erasure.erase(lena, None)
    is_error(directory.get(f"{USERS}/{pk}"), 404)
    assert not ProvisionedPerson.objects.exists()
