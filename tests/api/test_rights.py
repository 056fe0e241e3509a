"""Which token may do what: tokens × operations, and no content through a token of a program."""

import re

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import AuditEvent
from api.models import OF_A_PERSON, OF_A_PROGRAM, ApiToken
from api.schema import document
from mentoring.models import Enrollment
from tests import access, everything, make
from tests.api.client import ApiClient

NOT_IN_PATH = 10**12
# For each operation: which of the tokens below get an answer. Everybody else gets 403 or 404, and 401 without a token.
OWN = {"mentee"}
PAIR = {"mentee", "mentor"}
PROGRAM = {"program"}
TOKENS = {"mentee", "mentor", "stranger", "program", "other program"}
TABLE = {
    "get token": TOKENS,
    "get programs": TOKENS,
    "get programs/{program}": PAIR | PROGRAM,
    "get programs/{program}/people": PROGRAM,
    "get programs/{program}/figures": PROGRAM,
    "get pairs": TOKENS,
    "get pairs/{pair}": PAIR | PROGRAM,
    "get sessions": TOKENS,
    "get sessions/{session}": PAIR | PROGRAM,
    "get commitments": {"mentee", "mentor", "stranger"},
    "get commitments/{commitment}": OWN,
    "post commitments": PAIR,
    "patch commitments/{commitment}": OWN,
    "post commitments/{commitment}/move": OWN,
    "post commitments/{commitment}/complete": OWN,
}


@pytest.fixture
def rows(pair):
    commitment, session = make.commitment(pair), make.session(pair)
    return {"program": pair.program_id, "pair": pair.pk, "session": session.pk, "commitment": commitment.pk}


@pytest.fixture
def secrets(pair):
    other = make.program("Other")
    stranger = make.pair(other, make.user(), make.user()).mentee
    return {
        "mentee": make.api_token(pair.mentee)[1],
        "mentor": make.api_token(pair.mentor)[1],
        "stranger": make.api_token(stranger)[1],
        "program": make.api_token(make.admin(pair.program), pair.program)[1],
        "other program": make.api_token(make.admin(other, "Omar"), other)[1],
        "none": "",
    }


def input_of(name: str, rows: dict) -> dict | None:
    due = {"due_on": (timezone.localdate() + timezone.timedelta(days=9)).isoformat()}
    if name == "post commitments":
        return {"pair": rows["pair"], "text": "Call Lin"} | due
    if name.startswith("get"):
        return None
    return {"version": 1} | (due if name.endswith("move") else {})


def test_the_table_has_every_operation():
    in_document = {
        f"{method} {re.sub('{pk}', '{}', path.removeprefix('/api/v1/'))}"
        for path, methods in document()["paths"].items()
        for method in methods
    }
    assert {re.sub(r"{\w+}", "{}", name) for name in TABLE} == in_document


@pytest.mark.parametrize("name", TABLE)
def test_who_may_do_what(rows, secrets, name):
    method, path = name.split()
    for who, secret in secrets.items():
        client = ApiClient(secret)
        data = input_of(name, rows)
        url = path.format(**rows)
        answer = client.get(url) if data is None else client.send(method, url, data)
        want = {401} if who == "none" else {200, 201, 409} if who in TABLE[name] else {403, 404}
        assert answer.status_code in want, (who, answer.content)
        if "{" in path and who not in TABLE[name]:
            missing = path.format(**dict.fromkeys(rows, NOT_IN_PATH))
            nowhere = client.get(missing) if data is None else client.send(method, missing, data)
            assert nowhere.content == answer.content


def test_each_scope_opens_its_operations_alone(pair, rows):
    admin = make.admin(pair.program)
    for path, methods in document()["paths"].items():
        for method, one in methods.items():
            if "x-scope" not in one:
                continue
            for owner, program, offered in ((pair.mentee, None, OF_A_PERSON), (admin, pair.program, OF_A_PROGRAM)):
                others = [scope for scope in offered if scope != one["x-scope"]]
                client = ApiClient(make.api_token(owner, program, others)[1])
                answer = client.send(method, path.removeprefix("/api/v1/").replace("{pk}", "1"), {})
                assert answer.status_code == 403, (path, method, answer.content)
                ApiToken.objects.all().delete()


def test_a_list_has_only_ones_own_rows(pair, secrets, rows):
    make.commitment(pair, pair.mentor, text="Not hers")
    other_pair = make.pair(pair.program, make.user(), make.user())
    make.session(other_pair)
    mentee, program, stranger = (ApiClient(secrets[who]) for who in ("mentee", "program", "stranger"))
    assert [row["id"] for row in mentee.get("commitments").json()["items"]] == [rows["commitment"]]
    assert [row["id"] for row in mentee.get("pairs").json()["items"]] == [pair.pk]
    assert [row["id"] for row in mentee.get("sessions").json()["items"]] == [rows["session"]]
    assert [row["id"] for row in program.get("pairs").json()["items"]] == [pair.pk, other_pair.pk]
    assert len(program.get("sessions").json()["items"]) == 2
    assert stranger.get("sessions").json() == {"items": [], "next": None}


@pytest.fixture
def admin_token(pair):
    admin = make.admin(pair.program)
    return admin, ApiClient(make.api_token(admin, pair.program)[1])


def test_a_token_ends_with_the_role_of_its_admin(pair, admin_token):
    admin, client = admin_token
    assert client.get("pairs").status_code == 200
    Enrollment.objects.filter(user=admin).update(left_at=timezone.now())
    assert client.get("pairs").status_code == 401
    Enrollment.objects.filter(user=admin).update(left_at=None)
    assert client.get("pairs").status_code == 401
    assert not ApiToken.objects.exists()


def test_a_token_is_deleted_when_its_admin_leaves(pair, admin_token, django_capture_on_commit_callbacks):
    admin, _client = admin_token
    make.admin(pair.program, "Ines Duarte")
    with django_capture_on_commit_callbacks(execute=True):
        Enrollment.objects.get(user=admin).leave(admin)
    assert not ApiToken.objects.exists()


def test_a_deactivated_person_is_refused_at_once(ada):
    client = ApiClient(make.api_token(ada)[1])
    assert client.get("pairs").status_code == 200
    type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get("pairs").status_code == 401


def test_an_admin_without_second_factor_sees_no_program(pair, admin_token, settings):
    settings.ADMIN_SECOND_FACTOR = True
    _admin, client = admin_token
    assert client.get(f"programs/{pair.program_id}").status_code == 404
    assert client.get("pairs").json()["items"] == []


def test_an_expired_token_is_refused(ada):
    token, secret = make.api_token(ada)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert ApiClient(secret).get("token").status_code == 401


def test_a_request_without_https_is_refused_and_not_redirected(ada, settings):
    settings.SECURE_SSL_REDIRECT = True
    client = ApiClient(make.api_token(ada)[1])
    answer = client.get("token")
    assert answer.status_code == 403 and "sent unencrypted" in answer.json()["detail"]
    assert client.client.get("/api/v1/token", headers=client.headers, secure=True).status_code == 200


def test_cookies_are_not_accepted(as_, ada, pair):
    signed_in = as_(ada)
    assert signed_in.get("/").status_code == 200
    answer = signed_in.get("/api/v1/pairs")
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    token = signed_in.get("/api/v1/pairs", headers={"Authorization": f"Bearer {make.api_token(pair.mentor)[1]}"})
    assert token.status_code == 200 and not token.cookies


def test_a_program_token_never_gets_content(db):
    world = everything.build()
    program = world.actors["admin"].enrollments.get(role="admin").program
    canary = "zqxcanary"
    everything.fill_texts(lambda row, field: f"{canary}{row.pk}"[: field.max_length or 80])
    for admin in (world.actors["admin"], world.actors["admin and mentor, mentee elsewhere"]):
        client = ApiClient(make.api_token(admin, program)[1])
        read = [client.get(path) for path in ("token", "programs", "pairs", "sessions", "commitments")]
        read += [client.get(f"programs/{program.pk}{rest}") for rest in ("", "/people", "/figures")]
        read += [client.get(f"pairs/{row['id']}") for row in client.get("pairs").json()["items"]]
        read += [client.get(f"sessions/{row['id']}") for row in client.get("sessions").json()["items"]]
        assert len(read) > 12 and len(client.get("pairs").json()["items"]) > 2
        assert not [answer.request["PATH_INFO"] for answer in read if canary in answer.content.decode()]


def test_no_scope_of_a_program_names_content():
    assert not {scope for scope in OF_A_PROGRAM if scope.startswith("commitments")}


def test_the_access_table_leaves_only_endpoints_with_tokens_out():
    assert frozenset({"api", "scim"}) == access.BY_TOKEN
    assert settings.MIDDLEWARE.index("api.middleware.ApiMiddleware") < settings.MIDDLEWARE.index(
        "django.contrib.sessions.middleware.SessionMiddleware"
    )


def test_a_refusal_is_in_the_audit_log(ada, sam, pair):
    theirs = make.commitment(pair, sam)
    ApiClient(make.api_token(ada)[1]).get(f"commitments/{theirs.pk}")
    event = AuditEvent.objects.get(result="refused")
    assert (event.user, event.subject) == (ada, "api")
