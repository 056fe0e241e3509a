"""Tests simultaneous requests. On PostgreSQL these are real races; SQLite has one writer at a time."""

import re
from functools import partial

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import ResolverMatch, reverse

from accounts.middleware import DeadlockRetryMiddleware
from accounts.models import AuditEvent
from sessions.models import AgendaItem, Session
from sessions.session_room import timer
from tests import make
from tests.threads import run_at_once


@pytest.fixture
def pair(transactional_db):
    return make.pair()


def test_extending_at_once_extends_once(pair, as_):
    session = make.session(pair)
    timer.start(session)
    block = session.blocks.get(position=Session.objects.get(pk=session.pk).current_block)
    url = reverse("session_extend", args=[session.pk, block.planned_minutes])
    run_at_once(*(partial(as_(person).post, url, {"expected": block.position}) for person in pair.people))
    block.refresh_from_db()
    assert block.extended_minutes == timer.EXTEND_BY


def test_thirty_moves_up_and_down_are_all_answered(pair, as_):
    items = [make.topic(pair, title=f"Topic {n}", position=n) for n in range(5)]
    clients = [as_(person) for person in pair.people for _device in range(3)]

    def press(client, first: int) -> list[int]:
        moves = [(("item_move_up", "item_move_down")[n % 2], items[(first + n) % 5]) for n in range(5)]
        return [client.post(reverse(name, args=[item.pk])).status_code for name, item in moves]

    answers = run_at_once(*(partial(press, client, n) for n, client in enumerate(clients)))
    assert {status for statuses in answers for status in statuses} == {302}
    places = list(AgendaItem.objects.order_by("position").values_list("position", flat=True))
    assert len(set(places)) == len(items)


def test_closing_and_writing_do_not_overlap(pair, as_):
    make.session(pair)
    session = make.running_session(pair)
    topic, block = make.topic(pair), session.blocks.first()
    mentor, mentee = pair.people

    def writes() -> list[int]:
        client, pieces = as_(mentee), (f"block-{block.pk}-note", f"item-{topic.pk}-obstacle")
        urls = [reverse("text_edit", args=[piece]) for piece in pieces]
        return [client.post(url, {"text": "Interruptions", "started_from": make.EMPTY}).status_code for url in urls]

    def closes() -> list[int]:
        client = as_(mentor)
        client.post(reverse("wrap_up_no_commitments", args=[session.pk]))
        data = {"takeaway": "", "started_from": make.EMPTY, "need": ""}
        return [client.post(reverse("session_close", args=[session.pk]), data).status_code]

    assert run_at_once(writes, closes) == [[302, 302], [302]]
    block.refresh_from_db()
    topic.refresh_from_db()
    assert (block.note, topic.obstacle) == ("Interruptions", "Interruptions")
    assert Session.objects.get(pk=session.pk).closed_at


def deadlock(sqlstate: str) -> OperationalError:
    cause = Exception()
    cause.sqlstate = sqlstate
    error = OperationalError()
    error.__cause__ = cause
    return error


def test_a_deadlock_is_retried_but_other_errors_are_not(rf):
    request, calls, failures = rf.post("/"), [], []

    def view(_request):
        calls.append(1)
        if failures:
            raise failures.pop()
        return "answer"

    request.resolver_match = ResolverMatch(view, (), {})
    after = DeadlockRetryMiddleware(None).process_exception
    assert after(request, deadlock("40P01")) == "answer"
    failures.append(deadlock("40001"))
    assert after(request, deadlock("40P01")) == "answer"
    failures.extend([deadlock("40P01")] * 2)
    assert after(request, deadlock("40P01")) is None
    assert len(calls) == 5
    assert after(request, deadlock("57014")) is None
    assert after(request, ValueError()) is None
    assert len(calls) == 5


def test_a_double_click_on_an_invitation_signs_in_once(transactional_db):
    program = make.program()
    invited = make.enrollment(program, make.user("Ada", address_verified=False), "mentee", accepted_at=None)
    url, clients = invited.invitation_path(), [Client(), Client()]
    token = re.search(r'name="form_token" value="([^"]+)"', Client().get(url).content.decode())[1]
    data = {"name": "Ada Lind", "password": "a-river-in-winter", "zone": "Asia/Kolkata", "form_token": token}
    answers = run_at_once(*(partial(client.post, url, data) for client in clients))
    assert [answer.headers.get("Location") for answer in answers] == ["/", "/"]
    assert [client.get("/preferences/").status_code for client in clients] == [200, 200]
    assert AuditEvent.objects.filter(action=AuditEvent.Action.SIGNED_IN).count() == 1
