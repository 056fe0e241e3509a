"""The pages on which people make and revoke tokens."""

import re
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from api.models import ApiToken
from operations.own_data import closing, download, erasure
from tests import make
from tests.api.client import ApiClient

FORM = {"name": "Calendar", "scopes": ["pairs:read", "sessions:read"], "days": "30"}


def secret_in(answer) -> str:
    assert answer.status_code == 200
    return re.search(r"tl_[\w-]{43}", answer.content.decode())[0]


def test_a_person_makes_uses_and_revokes_a_token(as_, ada, pair):
    page, client = reverse("api_token_list"), as_(ada)
    secret = secret_in(client.post(page, FORM))
    token = ApiToken.objects.get()
    assert (token.user, token.program, token.scopes) == (ada, None, FORM["scopes"])
    assert secret not in token.digest and token.used_at is None
    assert ApiClient(secret).get("sessions").status_code == 200
    assert ApiClient(secret).get("commitments").status_code == 403
    html = client.get(page).content.decode()
    assert "Calendar" in html and "Last used" in html and secret not in html
    client.post(reverse("api_token_revoke", args=[token.pk]))
    assert ApiClient(secret).get("sessions").status_code == 401
    actions = AuditEvent.objects.filter(user=ada).values_list("action", flat=True)
    assert {"API token created", "API token revoked"} <= set(actions)


def test_an_admin_makes_a_token_of_the_program(as_, pair):
    admin, page = make.admin(pair.program), reverse("program_api", args=[pair.program_id])
    secret = secret_in(as_(admin).post(page, FORM))
    token = ApiToken.objects.get()
    assert token.program == pair.program
    assert ApiClient(secret).get("pairs").json()["items"][0]["id"] == pair.pk
    other = make.admin(pair.program, "Ines Duarte")
    as_(other).post(reverse("program_api_revoke", args=[pair.program_id, token.pk]))
    assert not ApiToken.objects.exists()


def test_a_token_of_a_program_has_no_scope_for_content(as_, pair):
    page = reverse("program_api", args=[pair.program_id])
    answer = as_(make.admin(pair.program)).post(page, FORM | {"scopes": ["commitments:read"]})
    assert answer.status_code == 422 and not ApiToken.objects.exists()


def test_a_token_of_somebody_else_is_left_alone(as_, ada, sam, pair):
    token, _secret = make.api_token(ada)
    as_(sam).post(reverse("api_token_revoke", args=[token.pk]))
    of_program, _secret = make.api_token(make.admin(pair.program), pair.program)
    other = make.admin(make.program("Other"), "Omar")
    where = other.enrollments.get().program_id
    as_(other).post(reverse("program_api_revoke", args=[where, of_program.pk]))
    assert ApiToken.objects.count() == 2


def test_an_invalid_form_keeps_its_input(as_, ada):
    answer = as_(ada).post(reverse("api_token_list"), {"name": "Calendar sync", "days": "365"})
    html = answer.content.decode()
    assert answer.status_code == 422 and 'value="Calendar sync"' in html and '<option value="365" selected' in html


def test_there_are_at_most_ten_tokens(as_, ada):
    for _n in range(ApiToken.MOST):
        make.api_token(ada)
    answer = as_(ada).post(reverse("api_token_list"), FORM)
    assert answer.status_code == 422 and ApiToken.objects.count() == ApiToken.MOST


def test_a_form_sent_twice_makes_one_token(as_, ada):
    client, page = as_(ada), reverse("api_token_list")
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(page).content.decode())[1]
    client.post(page, FORM | {"form_token": token})
    assert client.post(page, FORM | {"form_token": token}).status_code == 302
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize("of_program", [False, True])
def test_making_a_token_needs_a_confirmation(as_, pair, ada, of_program):
    person = make.admin(pair.program) if of_program else ada
    person.set_password("a-river-in-winter")
    person.save()
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=20)):
        client.post("/accounts/login/", {"login": person.email, "password": "a-river-in-winter"})
        client.get("/preferences/")
    page = reverse("program_api", args=[pair.program_id]) if of_program else reverse("api_token_list")
    answer = client.post(page, FORM)
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    assert not ApiToken.objects.exists()
    assert secret_in(client.post(answer["Location"], {"password": "a-river-in-winter"}, follow=True))


def test_the_copy_of_ones_data_has_tokens_without_secrets(ada, pair):
    token, secret = make.api_token(ada, name="Calendar of Ada")
    file = download.as_zip(ada)
    with zipfile.ZipFile(file) as zipped:
        text = "".join(zipped.read(name).decode(errors="ignore") for name in zipped.namelist())
    assert "Calendar of Ada" in text
    assert secret not in text and token.digest not in text


@pytest.mark.parametrize("end", [lambda person: closing.close(person, person), erasure.erase])
def test_tokens_go_with_the_account(ada, end):
    make.api_token(ada)
    end(ada)
    assert not ApiToken.objects.exists()


def test_the_reference_names_every_operation(as_, ada, client):
    html = as_(ada).get(reverse("api_reference")).content.decode()
    for path, methods in client.get(reverse("api_schema")).json()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in html
