"""A request that went wrong is answered with a next step, and loses nothing that was typed."""

import pytest
from django.contrib.messages import success
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client, RequestFactory

from accounts.errors import server_error
from accounts.middleware import messages_for_htmx

HTMX = {"HX-Request": "true"}


@pytest.fixture
def strict(ada) -> Client:
    """Ada's browser, held to the CSRF check that the test client usually skips."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    return client


def test_a_page_that_is_not_there_says_where_to_go(as_, ada):
    answer = as_(ada).get("/no/such/page/")
    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


def test_a_stale_form_from_our_own_page_can_be_sent_again(strict):
    answer = strict.post(
        "/accounts/email/?next=/",
        {"email": "ada@new.example", "again": ["1", "2"]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'action="/accounts/email/?next=/"' in page
    assert '<input type="hidden" name="email" value="ada@new.example">' in page
    assert page.count('name="again"') == 2


@pytest.mark.parametrize("site", [None, "none", "same-site", "cross-site"])
def test_a_form_from_elsewhere_cannot(strict, site):
    answer = strict.post(
        "/accounts/email/", {"email": "x@evil.example"}, headers={"Sec-Fetch-Site": site} if site else {}
    )
    assert answer.status_code == 403
    assert "x@evil.example" not in answer.content.decode()


def test_a_password_is_never_sent_back(db):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(
        "/accounts/login/", {"login": "a@b.example", "password": "hush"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 403
    assert "hush" not in answer.content.decode()


def test_our_script_gets_a_fresh_token_that_works(strict):
    stale = strict.post("/accounts/logout/", headers=HTMX)
    assert stale.status_code == 403
    fresh = strict.post("/accounts/logout/", headers=HTMX | {"X-CSRFToken": stale["X-CSRFToken"]})
    assert fresh.status_code == 302


def test_our_own_failure_needs_neither_database_nor_style_sheet(monkeypatch):
    def missing(path):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr("accounts.errors.static", missing)
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b'href="/"' in answer.content and b"stylesheet" not in answer.content


def answered(response, method="post", headers=HTMX, text="Moved to <Thursday>"):
    """What reaches the browser when a view leaves a message and answers with `response`."""

    def view(request):
        request.session = {}
        request._messages = FallbackStorage(request)
        request.csrf_processing_done = True
        success(request, text)
        return response

    return messages_for_htmx(view)(getattr(RequestFactory(), method)("/", headers=headers)).content.decode()


def test_a_message_travels_with_the_fragment():
    html = answered(HttpResponse("<li>one</li>"))
    assert html.startswith("<li>one</li>")
    assert 'hx-swap-oob="beforeend:#messages"' in html and "Moved to &lt;Thursday&gt;" in html


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(status=204),
        HttpResponse(status=304),
        HttpResponseRedirect("/"),
        HttpResponse(status=200, headers={"HX-Redirect": "/"}),
        HttpResponse("{}", content_type="application/json"),
    ],
)
def test_it_waits_for_the_next_page_where_this_answer_shows_nothing(response):
    assert "Moved" not in answered(response)


def test_a_poll_never_takes_a_message_that_the_next_page_would_show():
    assert "Moved" not in answered(HttpResponse("<li>one</li>"), method="get")


def test_a_plain_page_shows_its_messages_itself():
    assert "Moved" not in answered(HttpResponse("<html></html>"), headers={})


def test_a_cache_that_forgets_between_two_looks_stops_nobody(as_, sam, monkeypatch):
    monkeypatch.setattr("accounts.middleware.cache.add", lambda *args, **more: True)
    assert as_(sam).post("/preferences/", {"name": ""}).status_code == 422
