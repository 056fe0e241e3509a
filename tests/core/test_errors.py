"""Error pages name a next step and keep what was typed."""

import re
from datetime import timedelta
from io import BytesIO
from unittest.mock import Mock
from uuid import uuid4

import html5lib
import pytest
from django.contrib.messages import success
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.middleware import HtmxMessagesMiddleware
from accounts.models import FormToken
from config.wsgi import application
from core.errors import server_error
from goals.models import Commitment
from sessions.models import AgendaItem
from tests import make
from tests.site.test_bad_input import Form

HTMX = {"HX-Request": "true"}


@pytest.fixture
def strict(ada) -> Client:
    """Ada's client with the CSRF check, which the test client skips by default."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    return client


def test_the_404_page_links_to_a_next_step(as_, ada):
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
def test_a_form_from_another_site_cannot_be_sent_again(strict, site):
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


def test_our_script_gets_a_new_csrf_token_that_works(strict):
    stale = strict.post("/accounts/logout/", headers=HTMX)
    assert stale.status_code == 403
    fresh = strict.post("/accounts/logout/", headers=HTMX | {"X-CSRFToken": stale["X-CSRFToken"]})
    assert fresh.status_code == 302


def test_the_500_page_needs_no_database_and_no_style_sheet(monkeypatch):
    def missing(path):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr("core.errors.static", missing)
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b'href="/"' in answer.content and b"stylesheet" not in answer.content


def body_with_message(response, method="post", headers=HTMX, text="Moved to <Thursday>"):
    """The response body when a view adds a message and returns `response`."""

    def view(request):
        request.session = {}
        request._messages = FallbackStorage(request)
        request.csrf_processing_done = True
        success(request, text)
        return response

    return HtmxMessagesMiddleware(view)(getattr(RequestFactory(), method)("/", headers=headers)).content.decode()


def test_a_message_is_sent_with_a_fragment():
    html = body_with_message(HttpResponse("<li>one</li>"))
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
def test_a_message_is_kept_for_the_next_page_if_not_shown(response):
    assert "Moved" not in body_with_message(response)


def test_polling_does_not_consume_messages():
    assert "Moved" not in body_with_message(HttpResponse("<li>one</li>"), method="get")


def test_a_full_page_renders_its_own_messages():
    assert "Moved" not in body_with_message(HttpResponse("<html></html>"), headers={})


def test_a_cache_that_loses_entries_blocks_nobody(as_, sam, monkeypatch):
    monkeypatch.setattr("accounts.middleware.cache.add", lambda *args, **more: True)
    assert as_(sam).post("/preferences/", {"name": ""}).status_code == 422


def token_of(page: str) -> str:
    return re.search(r'name="form_token" value="([^"]+)"', page)[1]


def test_a_token_of_another_form_is_refused_and_no_text_is_lost(as_, pair, ada):
    browser = as_(ada)
    token = token_of(browser.get(f"/pairs/{pair.pk}/commitments/new/").content.decode())
    commitment = {
        "text": "Send the draft",
        "owner": ada.pk,
        "due_on": timezone.localdate() + timedelta(days=3),
        "form_token": token,
    }
    assert browser.post(f"/pairs/{pair.pk}/commitments/new/", commitment).status_code == 302
    assert browser.post(f"/pairs/{pair.pk}/commitments/new/", commitment).status_code == 302
    assert Commitment.objects.count() == 1

    question = {"title": "How do I say no?", "kind": "question", "form_token": token}
    here = {"Sec-Fetch-Site": "same-origin"}
    answer = browser.post(f"/pairs/{pair.pk}/agenda-items/new/", question, headers=here)
    page = answer.content.decode()
    assert answer.status_code == 409 and not AgendaItem.objects.exists()
    assert 'name="title" value="How do I say no?"' in page and token_of(page) != token
    retry = question | {"form_token": token_of(page)}
    assert browser.post(f"/pairs/{pair.pk}/agenda-items/new/", retry).status_code == 302
    assert AgendaItem.objects.get().title == "How do I say no?"


def test_htmx_shows_the_refusal_of_a_token_in_place_of_the_page(as_, pair, ada):
    used = FormToken.objects.create(user=ada, token=uuid4(), form="/elsewhere/", response="12")
    question = {"title": "How do I say no?", "kind": "question", "form_token": str(used.token)}
    here = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    answer = as_(ada).post(f"/pairs/{pair.pk}/agenda-items/new/", question, headers=here)
    assert answer.status_code == 409 and (answer["HX-Retarget"], answer["HX-Reswap"]) == ("body", "innerHTML")
    assert 'name="title" value="How do I say no?"' in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["session_schedule", "session_log", "goal_create", "feedback_round_create", "agreement_edit"]
)
def test_a_token_of_another_form_causes_no_server_error(as_, pair, ada, name):
    browser, url = as_(ada), reverse(name, args=[pair.pk])
    page = browser.get(url).content.decode()
    used = FormToken.objects.create(user=ada, token=token_of(page), form="/elsewhere/", response="12")
    form = html5lib.parse(page, namespaceHTMLElements=False).find(".//main").iter("form")
    data = next(sent for sent in (Form(url, each).data for each in form) if "form_token" in sent)
    data |= {"title": "Lead a review", "about": "Talks", "names": "Lin\nNoor\nKim", "line": "Numbers"}
    assert browser.post(url, data | {"form_token": str(used.token)}).status_code == 409


@pytest.mark.parametrize("charset", ["utf-16", "idna", "rot13", "no-such-codec"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
def test_encodings_other_than_utf_8_are_rejected(db, charset, kind):
    sent = {
        "CONTENT_TYPE": f"{kind}; charset={charset}",
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "HTTP_HOST": "localhost",
    }
    for path in ("/accounts/login/", "/m/stop/no-such-link/", "/f/no-such-link/", "/no/such/page/"):
        for method in ("GET", "POST"):
            body = {"wsgi.input": BytesIO(b"login=a"), "CONTENT_LENGTH": "7", "wsgi.url_scheme": "http"}
            where = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "next=/%ff"}
            start = Mock()
            application(sent | body | where, start)
            assert start.call_args.args[0] == "400 Bad Request", (method, path)


def test_an_explicit_utf_8_charset_is_accepted(ada):
    for charset in ("UTF-8", "utf-8"):
        kind = f"application/x-www-form-urlencoded; charset={charset}"
        assert Client().post("/accounts/login/", "login=a", content_type=kind).status_code == 422
    kind = kind.replace("utf-8", "utf-16")
    assert Client().post("/accounts/login/", "login=a", content_type=kind).status_code == 400


def test_an_id_too_large_for_the_database_answers_404(as_, pair, ada):
    make.competency(pair.program, "Says no"), make.priority(pair.program)
    for field in ("competencies", "priorities"):
        data = {"title": "Lead a review", field: "9" * 23}
        assert as_(ada).post(f"/pairs/{pair.pk}/goals/new/", data).status_code == 422
