"""Commitments through the API: the same forms, errors and rules as on the pages."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from api import framework, v1
from goals.models import Commitment
from tests import make
from tests.api.client import ApiClient


@pytest.fixture
def client(ada):
    return ApiClient(make.api_token(ada)[1])


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def fields(answer) -> list[str]:
    assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
    return [error["field"] for error in answer.json()["errors"]]


def test_a_commitment_is_added_changed_moved_and_completed(client, pair, ada):
    new = client.post("commitments", {"pair": pair.pk, "text": "Send the draft", "due_on": in_days(3)})
    assert new.status_code == 201
    pk = new.json()["id"]
    row = Commitment.objects.get(pk=pk)
    assert (row.owner, row.created_by, row.text) == (ada, ada, "Send the draft")
    changed = client.patch(f"commitments/{pk}", {"version": 1, "done_when": "Lin has it"}).json()
    assert (changed["text"], changed["done_when"], changed["version"]) == ("Send the draft", "Lin has it", 2)
    moved = client.post(f"commitments/{pk}/move", {"version": 2, "due_on": in_days(5)}).json()
    assert moved["due_on"] == in_days(5)
    done = client.post(f"commitments/{pk}/complete", {"version": 3}).json()
    assert done["state"] == "done" and done["settled_at"]
    kinds = list(row.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["made", "reworded", "moved", "done"]


def test_a_change_keeps_what_is_not_sent(client, pair, ada):
    goal = make.goal(pair)
    row = make.commitment(pair, ada, goal=goal, if_then="Then Noor", size="1h")
    assert client.patch(f"commitments/{row.pk}", {"version": 1, "text": "Send it"}).status_code == 200
    row.refresh_from_db()
    assert (row.text, row.goal, row.if_then, row.size, row.owner) == ("Send it", goal, "Then Noor", "1h", ada)


def test_errors_are_those_of_the_form(client, pair, ada):
    due = in_days(3)
    assert fields(client.post("commitments", {"pair": pair.pk, "text": "", "due_on": due})) == ["text"]
    assert fields(client.post("commitments", {"pair": pair.pk, "text": "x" * 501, "due_on": due})) == ["text"]
    assert fields(client.post("commitments", {"pair": pair.pk, "text": "x", "due_on": due, "size": "no"})) == ["size"]
    past = {"pair": pair.pk, "text": "Call Lin", "due_on": in_days(-3)}
    assert fields(client.post("commitments", past)) == ["due_on"]
    assert client.post("commitments", past | {"keep_past_date": True}).status_code == 201
    late = make.commitment(pair, ada, due_on=timezone.localdate() - timedelta(days=3))
    assert fields(client.post(f"commitments/{late.pk}/move", {"version": 1, "due_on": due})) == ["reason"]
    assert fields(client.post(f"commitments/{late.pk}/complete", {"version": 1, "done_on": due})) == ["done_on"]
    type(ada).objects.update(language="de")
    german = client.post("commitments", {"pair": pair.pk, "text": "", "due_on": due}).json()
    assert "Feld" in german["errors"][0]["message"]


@pytest.mark.parametrize("name", ["owner", "state", "created_by", "parent", "settled_at", "goal"])
def test_no_other_field_can_be_set(client, pair, sam, name):
    row = make.commitment(pair)
    assert fields(client.patch(f"commitments/{row.pk}", {"version": 1, name: sam.pk})) == [name]
    new = {"pair": pair.pk, "text": "Call Lin", "due_on": in_days(3), name: sam.pk}
    assert fields(client.post("commitments", new)) == [name]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', '{"text": "\\ud800"}', "NaN"])
def test_unreadable_input_is_refused(client, body):
    assert client.post("commitments", body).status_code in (400, 422)


def test_a_stale_version_changes_nothing(client, pair, ada, sam):
    row = make.commitment(pair, ada)
    row.reword(sam, 1, text="Sam was first")
    for answer in (
        client.patch(f"commitments/{row.pk}", {"version": 1, "text": "Mine"}),
        client.post(f"commitments/{row.pk}/complete", {"version": 1}),
        client.post(f"commitments/{row.pk}/move", {"version": 1, "due_on": in_days(20)}),
    ):
        assert answer.status_code == 409 and answer.json()["status"] == 409
    row.refresh_from_db()
    assert (row.text, row.state) == ("Sam was first", "open")


def test_a_settled_commitment_is_not_completed_again(client, pair, ada):
    row = make.commitment(pair, ada)
    row.complete(ada, 1)
    assert client.post(f"commitments/{row.pk}/complete", {"version": 2}).status_code == 409
    assert client.patch(f"commitments/{row.pk}", {"version": 2, "text": "Again"}).status_code == 404
    assert row.events.count() == 2


def test_the_same_key_adds_a_commitment_once(client, pair):
    new, key = {"pair": pair.pk, "text": "Call Lin", "due_on": in_days(3)}, {"Idempotency-Key": str(uuid4())}
    first, second = client.post("commitments", new, **key), client.post("commitments", new, **key)
    assert first.json() == second.json() and Commitment.objects.count() == 1


def test_an_ended_pair_is_read_only(client, pair, ada):
    row = make.commitment(pair, ada)
    pair.end()
    assert client.get(f"commitments/{row.pk}").status_code == 200
    assert client.post(f"commitments/{row.pk}/complete", {"version": 1}).status_code == 404
    assert client.post("commitments", {"pair": pair.pk, "text": "x", "due_on": in_days(3)}).status_code == 404


def test_lists_are_paged_and_bounded(client, pair, ada):
    rows = [make.commitment(pair, ada, text=f"Step {n}").pk for n in range(5)]
    found, after = [], 0
    while after is not None:
        page = client.get("commitments", {"limit": 2, "after": after}).json()
        found, after = found + [row["id"] for row in page["items"]], page["next"]
        assert len(page["items"]) <= 2
    assert found == rows
    assert fields(client.get("commitments", {"limit": 201})) == ["limit"]
    assert fields(client.get("commitments", {"after": 10**30})) == ["after"]


def test_lists_need_no_more_queries_for_more_rows(client, pair, ada, django_assert_max_num_queries):
    admin = ApiClient(make.api_token(make.admin(pair.program), pair.program)[1])
    paths = ["pairs", "sessions", f"programs/{pair.program_id}/people"]
    for _n in range(6):
        make.session(make.pair(pair.program, make.user(), make.user()))
    for path in paths:
        with django_assert_max_num_queries(9):
            assert len(admin.get(path).json()["items"]) >= 6


def test_too_many_requests_are_refused(client, monkeypatch):
    monkeypatch.setattr(framework, "A_MINUTE", 3)
    statuses = [client.get("token").status_code for _n in range(4)]
    refused = client.get("token")
    assert statuses == [200, 200, 200, 429]
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_guesses_are_limited_by_address(db, monkeypatch):
    monkeypatch.setattr(framework, "UNKNOWN_A_MINUTE", 2)
    assert [ApiClient(f"tl_{n}").get("token").status_code for n in range(4)] == [401, 401, 429, 429]


def test_every_answer_is_json_and_never_stored(client):
    for answer in (client.get("token"), client.get("nowhere"), client.send("delete", "token", {}), client.get("")):
        assert answer.headers["Content-Type"].startswith(("application/json", "application/problem+json"))
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_failure_is_a_problem_without_details(client, monkeypatch):
    monkeypatch.setattr(v1, "pairs_of", lambda _token: 1 / 0)
    client.client.raise_request_exception = False
    answer = client.get("pairs")
    assert answer.status_code == 500 and "division" not in answer.content.decode()
    assert answer.json()["title"] == "Internal Server Error"
