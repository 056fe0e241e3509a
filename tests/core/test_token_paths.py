"""Links with a secret appear in no log and no Referer header, and their forms still work."""

import io
import logging
import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from gunicorn.config import Config
from gunicorn.glogging import Logger

from core.token_paths import IN_TEXT, without_tokens
from goals.models import FeedbackInvite
from reminders import links
from reminders.links import Purpose
from tests import make


def routes(patterns, before=""):
    for each in patterns:
        route = before + str(each.pattern)
        yield from routes(each.url_patterns, route) if hasattr(each, "url_patterns") else [(route, each.name)]


@pytest.fixture
def logged():
    """Everything that the loggers of this process write."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def secret_links(pair, ada) -> dict[str, str]:
    """A working link of each kind that needs no sign-in, with the name of its URL."""
    commitment, invited = (
        make.commitment(pair),
        make.enrollment(pair.program, make.user("Nia Cole"), "mentee", accepted_at=None),
    )
    invite = make.feedback_round(pair).invites.first()
    return {
        links.link("email_commitment", Purpose.COMMITMENT, ada, commitment.pk): "email_commitment",
        links.link("email_stop", Purpose.STOP, ada): "email_stop",
        reverse("feedback_round_answer", args=[invite.token]): "feedback_round_answer",
        reverse("invitation_accept", args=[invited.invitation_token]): "invitation_accept",
    }


def test_every_route_with_a_token_is_known_to_the_logs():
    for route, name in routes(get_resolver().url_patterns):
        if "token>" in route or "P<key>" in route:
            path = "/" + re.sub(r"<[^>]*token>|\(\?P<key>.*|\(\?P<uidb36>.*", "SECRET", route.replace("^", ""))
            assert "SECRET" not in without_tokens(path), f"{name}: add it to core/token_paths.py"


def test_a_form_without_cookies_leaves_no_token_in_the_logs(secret_links, logged):
    client = Client(enforce_csrf_checks=True)
    for url in secret_links:
        path = url.removeprefix("http://localhost:8000")
        client.post(path, {"answer": "met"})
        client.post(path, headers={"Origin": "https://evil.example"})
        client.get(f"/accounts/login/?next={quote(path, safe='')}")
        client.put(path)
        token = path.rstrip("/").rpartition("/")[2]
        assert token not in logged() and quote(token) not in logged(), path
    assert "CSRF" in logged() and "[token]" in logged()


def test_all_loggers_leave_out_tokens(logged):
    token, log = "c.12.5.0a1b2c:1xYz:s-ecre_t", logging.getLogger("celery.app.trace")
    log.error("Task failed for %(path)s", {"path": f"/m/met/{token}/"})
    log.warning("100 %% of /invitation/%s/ from %s", token, f"https://a.example/f/{token}?x=1")
    log.warning(f"login?next=%2Fm%2Fstop%2F{quote(token)}%2F&code=tulip-fern")
    log.warning("/start/?code=tulip-fern")
    try:
        raise RuntimeError(f"no answer for /calendar/{token}.ics")
    except RuntimeError:
        log.exception("broken")
    for part in ("0a1b2c", "ecre_t", "tulip"):
        assert part not in logged()
    assert "100 % of /invitation/[token]/" in logged() and "no answer for /calendar/[token]" in logged()
    assert not IN_TEXT.search("/sessions/12/ /programs/3/people/ /f/")


def test_the_web_server_log_leaves_out_tokens(tmp_path):
    config = Config()
    config.set("accesslog", str(tmp_path / "access.log"))
    config.set("errorlog", str(tmp_path / "error.log"))
    log = Logger(config)
    log.access_log.info('%(h)s "%(r)s"', {"h": "127.0.0.1", "r": "POST /f/12:secret/ HTTP/1.1"})
    log.error("Error handling request %s", "/m/stop/u.1.0.secret:sig/")
    for handler in (*log.access_log.handlers, *log.error_log.handlers):
        handler.close()
    written = (tmp_path / "access.log").read_text() + (tmp_path / "error.log").read_text()
    assert "secret" not in written and written.count("[token]") == 2


def test_forms_behind_secret_links_work_with_a_hidden_origin(secret_links, as_, sam):
    for url, name in secret_links.items():
        browser = Client(enforce_csrf_checks=True)
        page = browser.get(url)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        html = page.content.decode()
        assert "components/_bar.html" not in [each.name for each in page.templates]  # its forms lead to other pages
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', html)[1]
        hidden = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        assert browser.post(url, {"frequency": "3"}, headers=hidden).status_code == (
            200 if name == "email_stop" else 403
        )
        data = {"frequency": "3", "csrfmiddlewaretoken": token}
        assert browser.post(url, data, headers=hidden).status_code in (200, 302, 422), name
        assert browser.post(url, data, headers={"Origin": "https://evil.example"}).status_code in (403, 200), name
    assert FeedbackInvite.objects.filter(used=True).count() == 1

    browser = Client(enforce_csrf_checks=True)
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', browser.get("/accounts/login/").content.decode())[1]
    data = {"login": sam.email, "csrfmiddlewaretoken": token}
    assert browser.post("/accounts/login/", data, headers={"Origin": "null"}).status_code == 403
    assert browser.post("/accounts/login/", data, headers={"Origin": "http://testserver"}).status_code == 422
