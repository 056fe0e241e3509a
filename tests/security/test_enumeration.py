"""Nobody learns who has, had, or closed an account; and the limits that no other test shows."""

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from operations.own_data import closing, erasure
from tests import make
from tests.accounts.test_sign_in import CODE, PASSWORD, RESET, body, header_names

SIGN_UP = "/accounts/signup/"


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings, db):
    settings.EMAIL_URL = "smtp://localhost:25"
    make.installation()


def closed(address: str):
    person = make.user("Gone", email=address, password=PASSWORD)
    closing.close(person, person)


def erased(address: str):
    erasure.erase(make.user("Gone", email=address, password=PASSWORD))


@pytest.mark.parametrize("url", [RESET, CODE])
@pytest.mark.parametrize("become", [closed, erased])
def test_a_closed_or_erased_account_is_answered_like_none(url, become, mailoutbox):
    become("gone@example.org")
    pages = []
    for address in ("gone@example.org", "nobody@example.org"):
        client = Client()
        answer = client.post(url, {"email": address})
        page = client.get(answer.headers["Location"])
        pages.append((answer.status_code, answer.headers["Location"], header_names(answer), body(page)))
    assert pages[0] == pages[1]
    assert [mail.to for mail in mailoutbox] == [["gone@example.org"], ["nobody@example.org"]]
    assert not any("/password/reset/key/" in mail.body for mail in mailoutbox)


def test_a_closed_account_is_not_named_to_who_guesses_its_password():
    closed("gone@example.org")
    pages = [
        Client().post("/accounts/login/", {"login": address, "password": "wrong-guess"})
        for address in ("gone@example.org", "nobody@example.org")
    ]
    assert pages[0].status_code == pages[1].status_code == 422 and body(pages[0]) == body(pages[1])


def test_sign_ups_from_one_address_are_limited(settings):
    settings.OPEN_REGISTRATION = True
    with time_machine.travel(timezone.now(), tick=False):
        answers = [Client().post(SIGN_UP, {"email": f"n{n}@example.org"}) for n in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {422}
    assert answers[20].status_code == 429 and answers[20].headers["Retry-After"]


def test_the_session_room_has_a_limit_of_its_own(as_, pair, ada):
    url = reverse("session_live", args=[make.running_session(pair).pk])
    with time_machine.travel(timezone.now(), tick=False):
        minute = int(timezone.now().timestamp()) // 60
        client = as_(ada)
        cache.set(f"posts:site:{ada.pk}:{minute}", 60, 120)
        cache.set(f"posts:room:{ada.pk}:{minute}", 299, 120)
        assert client.post(url).status_code == 405
        answer = client.post(url)
    assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 60
