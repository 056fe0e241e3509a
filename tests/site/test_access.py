"""Tests every URL, method and actor against the access table in access.py."""

import re

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.views.generic import RedirectView
from hypothesis import settings as hypothesis_settings

from tests import access
from tests.access import ACTORS, ANYONE, NOWHERE, TABLE
from tests.core import test_headers

IN_A_RELEASE = hypothesis_settings.get_current_profile_name() == "release"
# For htmx, HEAD, and methods that a view never takes; all actors are tested with every GET and POST it takes.
QUICK = ("mentee", "other mentee")
# Each of them asks every third page in the usual run, and every page in a release. So does a mentor in the usual run,
# of pages on which a mentor and a mentee have the same rights.
RARE = ("other mentor", "former mentee", "deactivated", "superuser", "admin and mentor, mentee elsewhere")
FINE = {200, 204, 302, 303, 304, 409, 422, 503}  # 503: /healthz, where nothing has ticked yet
# Sent by email clients for their users, and by the page of a SAML provider: a token and a signature are the proof.
FROM_ELSEWHERE = {"email_stop", "single_sign_on_saml"}
PARTS = 24  # many pages a test, so that what each page shows a person is read once
LAST_SEEN = ("django_session", "accounts_signin", "mentoring_sessions_sessionvisit", "mentoring_sessions_calendarfeed")
AUDIT = "accounts_auditevent"  # a refusal is stored, and nobody sees it


def url_names(patterns=None):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from url_names(entry.url_patterns)
        elif isinstance(entry, URLPattern):
            yield entry.name


def parts(names) -> list:
    """Return the names in parts of about the same size, each named by its first and last."""
    names, size = sorted(names), -(-len(TABLE) // PARTS)
    found = [names[at : at + size] for at in range(0, len(names), size)]
    return [pytest.param(part, id=f"{part[0]}..{part[-1]}") for part in found]


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Created once for all tests here: `ask` rolls back what a request changed."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = access.build()
        world.web_sessions = {actor: web_session(user) for actor, user in world.actors.items() if user}
        yield world
        transaction.set_rollback(True)


def web_session(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def client_for(world, actor: str, **extra) -> Client:
    client = Client(**extra)
    if actor in world.web_sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.web_sessions[actor]
    return client


def ask(client, method: str, url: str, data=None, **headers):
    """Send one request and roll back its changes."""
    with transaction.atomic():
        response = getattr(client, method)(url, data or {}, **headers)
        if response.streaming:
            response.getvalue()
        transaction.set_rollback(True)
    return response


def expected(row_allows, actor: str) -> str:
    if row_allows is None:
        return "refused"
    if row_allows == NOWHERE:
        return "not there"
    if row_allows == ANYONE or actor in row_allows:
        return "fine"
    return "sign in" if actor in ("anonymous", "deactivated") else "not there"


def outcome(response) -> str:
    status = response.status_code
    if status in (301, 302) and "/accounts/login/" in response.headers.get("Location", ""):
        return "sign in"
    return {404: "not there", 405: "refused"}.get(status, "fine" if status in FINE else str(status))


def changes(queries) -> list[str]:
    """Return the SQL statements that changed visible data: not the time of a visit or a refusal."""
    return [
        query["sql"]
        for query in queries
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        and not any(f'"{table}"' in query["sql"] for table in (*LAST_SEEN, AUDIT))
        and not query["sql"].startswith('UPDATE "accounts_user" SET "seen_at"')
    ]


def test_every_url_is_in_the_table():
    undeclared = set(url_names()) - set(TABLE) - set(access.ALLAUTH) - access.BY_TOKEN - {None}
    assert not undeclared, f"declare these in tests/access.py: {sorted(undeclared)}"


def unnamed_patterns(patterns=None, before=""):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from unnamed_patterns(entry.url_patterns, before + str(entry.pattern))
        elif entry.name is None:
            yield before + str(entry.pattern), entry.callback


@pytest.mark.parametrize(("path", "view"), [pytest.param(*entry, id=entry[0]) for entry in unnamed_patterns()])
def test_an_unnamed_url_only_redirects_to_one_in_the_table(world, path, view):
    """An earlier address tells nobody whether its row exists, keeps the query, and leads nowhere else."""
    assert view.view_class is RedirectView
    target = view.view_initkwargs["pattern_name"]
    assert target in TABLE
    for pk in (world.rows["pair"], 10**9):
        url = "/" + path.replace("<int:pk>", str(pk))
        for actor in ("mentee", "other mentee", "admin", "superuser"):
            response = client_for(world, actor).get(f"{url}?next=//example.org/%0d%0aX:1")
            assert response.status_code == 301
            assert response["Location"] == f"{reverse(target, args=[pk])}?next=//example.org/%0d%0aX:1"
            assert "no-store" in response["Cache-Control"]
        for actor in ("anonymous", "deactivated"):
            assert outcome(client_for(world, actor).get(url)) == "sign in"


def test_every_row_names_a_url():
    assert not set(TABLE) - set(url_names())


@pytest.mark.walk
@pytest.mark.parametrize("names", parts(TABLE))
def test_who_may_read_and_who_may_change(world, names):
    """Each method by each actor; reading changes nothing."""
    surprises = []
    for actor in ACTORS:
        for method in ("get", "head", "post"):
            surprises += [
                wrong for name in asked(names, actor, method) for wrong in surprises_of(world, name, actor, method)
            ]
    assert not surprises, "\n".join(surprises)


def asked(names: list[str], actor: str, method: str) -> list[str]:
    """Return the pages that this actor asks in this run."""
    if IN_A_RELEASE or actor not in (*RARE, "mentor"):
        return names
    some = names[(*RARE, "mentor").index(actor) % 3 :: 3]
    if actor in RARE:
        return some
    rights = {name: TABLE[name].post if method == "post" else TABLE[name].get for name in names}
    return [name for name in names if name in some or len((rights[name] or set()) & {"mentor", "mentee"}) == 1]


def surprises_of(world, name: str, actor: str, method: str) -> list[str]:
    """Send one request and return what is not as the table has it."""
    if method == "head" and not IN_A_RELEASE and actor not in QUICK:
        return []  # HEAD is GET without a body
    row = TABLE[name]
    want = expected(row.post if method == "post" else row.get, actor)
    if want == "refused" and not IN_A_RELEASE and actor not in (*QUICK, "anonymous"):
        return []  # the view refuses the method to everyone
    if want == "refused" and actor in ("anonymous", "deactivated"):
        want = "sign in"
    url, surprises = reverse(name, args=world.arguments(row)), []
    with CaptureQueriesContext(connection) as queries:
        response = ask(client_for(world, actor), method, url, row.data if method == "post" else None)
    got = outcome(response)
    if method != "post" and actor != "deactivated":
        test_headers.check(response, signed_in=actor != "anonymous")
    if got != want and not (want == "sign in" and got == "refused"):
        surprises.append(f"{name}: {method} {url} by {actor}: {got}, not {want}")
    if method != "post" and changes(queries):
        surprises.append(f"{name}: {method} {url} by {actor} changes something: {changes(queries)}")
    return surprises


CHANGING = [name for name, row in TABLE.items() if row.post is not None and name not in FROM_ELSEWHERE]


@pytest.mark.walk
@pytest.mark.parametrize("names", parts(CHANGING))
def test_a_change_needs_a_csrf_token(world, names):
    for name in names:
        row = TABLE[name]
        url = reverse(name, args=world.arguments(row))
        for actor in ("mentee", "mentor", "admin"):
            without_token = client_for(world, actor, enforce_csrf_checks=True)
            assert ask(without_token, "post", url, row.data).status_code == 403, url
            elsewhere = ask(client_for(world, actor), "post", url, row.data, headers={"Sec-Fetch-Site": "cross-site"})
            assert elsewhere.status_code == 403, url


@pytest.mark.walk
@pytest.mark.parametrize("names", parts(TABLE))
def test_requests_through_htmx_have_the_same_access(world, names):
    for name in names:
        row = TABLE[name]
        url = reverse(name, args=world.arguments(row))
        for actor in sorted(access.SIGNED_IN) if IN_A_RELEASE else QUICK:
            client = client_for(world, actor)
            got = outcome(ask(client, "get", url, headers={"HX-Request": "true"}))
            assert got == expected(row.get, actor), f"{url} by {actor}"


@pytest.mark.walk
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_change_nothing(world, method):
    for name, row in TABLE.items():
        url = reverse(name, args=world.arguments(row))
        client = client_for(world, "mentee")
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, method, url)
        test_headers.check(response, signed_in=True)
        assert not changes(queries), f"{method} {url}: {changes(queries)}"


def without_tokens(answer) -> bytes:
    """Return the page without its CSRF tokens, which differ each time."""
    return re.sub(rb'(name="csrf-token" content|name="csrfmiddlewaretoken" value)="\w+"', b"", answer.content)


@pytest.mark.walk
def test_rows_of_others_look_like_missing_rows(world):
    """Status, headers and body are the same for a row of another pair and a row that never existed."""
    client = client_for(world, "other mentee")
    for name, row in TABLE.items():
        if row.get is None or row.get == ANYONE or "other mentee" in row.get:
            continue
        arguments = world.arguments(row)
        if not arguments or not isinstance(arguments[0], int):
            continue
        theirs = ask(client, "get", reverse(name, args=arguments))
        nowhere = ask(client, "get", reverse(name, args=[987654321, *arguments[1:]]))
        assert (theirs.status_code, without_tokens(theirs)) == (nowhere.status_code, without_tokens(nowhere)), name
