"""Tests that no page needs more queries for twice the rows, that its queries are plain, and that it is light."""

import re

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mentoring.models import Pair
from reminders.bell import bar_of
from reminders.health import stuck_since
from reminders.intents import KINDS
from tests import everything, make
from tests.site import test_weight
from tests.walks import rows_of

ACTORS = ("mentee", "mentor", "admin")
# Upcoming emails read the facts of every kind of reminder, once each.
MORE = {"upcoming": 65, "program_reminders": 65}
MOST = 40  # finds runaway pages; it is not a budget, because simple queries are cheap (see make bench)


def add_rows(world) -> None:
    """Add one more row of each kind to the pair, and one more pair to the program."""
    pair = Pair.objects.get(pk=world.rows["pair"])
    everything.more_rows(pair)
    make.pair(pair.program, make.user("Mara Silva"), make.user("Jo Park"))


def pages(world, actor: str) -> dict[str, str]:
    """Return the pages of this actor that not everybody can read."""
    rows = {name: row for name, row in rows_of(actor).items() if actor in row.get}
    return {name: reverse(name, args=world.arguments(row)) for name, row in rows.items()}


def queries(user, urls: dict[str, str], opened_before: bool = False) -> dict[str, list[str]]:
    """Return the queries of each page when it is opened for the second time or later."""
    client, statements = Client(), {}
    client.force_login(user)
    client.get(reverse("preferences"))  # the first visit is stored
    for name, url in urls.items():
        if not opened_before:
            answer = client.get(url)
            if answer.status_code == 200:
                test_weight.check(answer, url)
        cache.clear()
        stuck_since()  # cached for half a minute on an admin's pages
        bar_of(user)  # cached for a minute
        with CaptureQueriesContext(connection) as seen:
            status = client.get(url).status_code
        assert status in (200, 302), url
        if status == 302:
            client.get(reverse("who_can_see_what"))  # shows the message, which the next page would have to remove
        statements[name] = [query["sql"] for query in seen]
    return statements


def is_complex(sql: str) -> bool:
    """Return True for more than two subqueries, or more than 1,500 characters after the outer FROM, without lists."""
    sql = re.sub(r"IN \((?!SELECT)[^()]*\)", "IN ()", sql)
    parts = sql.split(" FROM ")
    heads = (" FROM ".join(parts[:n]) for n in range(1, len(parts) + 1))
    selected = next(head for head in heads if head.count("(") == head.count(")"))
    return sql.count("(SELECT") > 2 or len(sql) - len(selected) > 1500


@pytest.mark.walk
@pytest.mark.parametrize("actor", ACTORS)
def test_twice_the_rows_need_no_more_queries(db, actor):
    with time_machine.travel(timezone.now(), tick=False):  # within a minute a page stores no further visit
        compare(actor)


def compare(actor: str) -> None:
    world = everything.build()
    urls = pages(world, actor)
    add_rows(world)  # rows of each kind, so that no query is new because of a first row
    before = queries(world.actors[actor], urls)
    add_rows(world)
    add_rows(world)
    after = queries(world.actors[actor], urls, opened_before=True)
    wrong = [
        f"{len(statements)} queries: {name}"
        for name, statements in after.items()
        if len(statements) > MORE.get(name, MOST)
    ]
    wrong += [f"not plain: {name}\n    {sql}" for name, found in after.items() for sql in found if is_complex(sql)]
    for name, statements in after.items():
        if len(statements) > len(before[name]):
            new = [sql for sql in statements if statements.count(sql) > before[name].count(sql)]
            wrong.append(
                f"{len(before[name])} queries, then {len(statements)}: {name}\n    " + "\n    ".join(new)[:1500]
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_rows_of_a_kind_are_found_by_a_plain_query(db, kind):
    sql = str(kind.in_reach(timezone.now()).query)
    assert not is_complex(sql), sql
