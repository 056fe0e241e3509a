"""Security and cache headers of every response; test_access.py checks those of every page."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse

from tests import make

# Byte for byte, in this order.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
# Pages that are opened by a link with a secret.
SECRET_LINK = re.compile(
    r"/(m/[a-z-]+|f|invitation|calendar|accounts/confirm-email|accounts/password/reset/key)/[^/]{9,}"
)
FOR_EVERYBODY = {"/api/v1/openapi.json"}  # the same for everybody, so caches may keep it


def breaks(request):
    raise RuntimeError("on purpose")


urlpatterns = [path("breaks/", breaks), path("", include("config.urls"))]
handler500 = "core.errors.server_error"


def check(answer, signed_in: bool = False) -> None:
    url = answer.request["PATH_INFO"]
    expected = HEADERS | ({"Referrer-Policy": "no-referrer"} if SECRET_LINK.match(url) else {})
    assert {name: answer.get(name) for name in HEADERS} == expected, url
    assert answer.get("Content-Security-Policy") == POLICY, url
    if signed_in and url not in FOR_EVERYBODY:
        assert "no-store" in answer.get("Cache-Control", ""), url
        assert "Cookie" in answer.get("Vary", "") or answer.status_code in (204, 405), url


@pytest.mark.urls("tests.core.test_headers")
@pytest.mark.parametrize("signed_in", [True, False])
def test_error_pages_send_the_security_headers(ada, signed_in):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    if signed_in:
        client.force_login(ada)
    for answer, status in ((client.get("/breaks/"), 500), (client.get("/no/such/page/"), 404)):
        assert answer.status_code == (status if signed_in or status == 404 else 302)
        check(answer)
    refused = client.post("/accounts/logout/")
    assert refused.status_code == 403
    check(refused, signed_in)


def test_static_files_and_unchanged_ones_send_the_security_headers(db):
    client = Client()
    answer = client.get("/static/js/app.js")
    unchanged = client.get("/static/js/app.js", headers={"If-Modified-Since": answer["Last-Modified"]})
    assert (answer.status_code, unchanged.status_code) == (200, 304)
    for one in (answer, unchanged, client.get("/static/none.js"), client.get("/", headers={"Host": "evil.example"})):
        check(one)


def test_a_redirect_to_https_sends_the_security_headers(db, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/preferences/")
    assert answer.status_code == 301 and answer["Location"].startswith("https:")
    assert answer["Content-Security-Policy"] == POLICY
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin" and answer["Permissions-Policy"]


def test_a_poll_without_news_sends_the_headers_of_the_page(local_cache, pair, ada):
    """Most polls are answered before the session and the view (sessions/session_room/live_poll.py)."""
    client, url = Client(), reverse("session_live", args=[make.running_session(pair).pk])
    client.force_login(ada)
    first = client.get(url)
    with CaptureQueriesContext(connection) as queries:
        unchanged = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (unchanged.status_code, len(queries)) == (304, 0)
    for answer in (first, unchanged):
        check(answer, signed_in=True)
