"""U9: the number of queries of a page is bounded, and no page asks more when there is twice as much to show."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentoring.models import Pair
from reminders.bell import inbox_count
from reminders.health import stuck_since
from tests import everything, make
from tests.access import TABLE

ACTORS = ("mentee", "mentor", "admin")
# What will be sent is read from the facts of every kind of reminder, once each.
MORE = {"upcoming": 65, "program_reminders": 65}
MOST = 40  # a runaway, not a budget: plain questions are cheap, see how the time is spent in the benchmarks


def more(world) -> None:
    """Another of everything in the pair, and another pair in the program for its admins."""
    pair = Pair.objects.get(pk=world.rows["pair"])
    everything.more_rows(pair)
    make.pair(pair.program, make.user("Mara Silva"), make.user("Jo Park"))


def pages(world, actor: str) -> dict[str, str]:
    return {
        name: reverse(name, args=world.arguments(row)) for name, row in TABLE.items() if row.get and actor in row.get
    }


def queries(user, urls: dict[str, str]) -> dict[str, list[str]]:
    """What each page asks when opened for the second time."""
    client, asked = Client(), {}
    client.force_login(user)
    for name, url in urls.items():
        client.get(url)
        cache.clear()
        stuck_since()  # an admin's pages ask for it twice a minute, not each time
        inbox_count(user)  # once a minute
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code in (200, 302), url
        asked[name] = [query["sql"] for query in seen]
    return asked


@pytest.mark.parametrize("actor", ACTORS)
def test_twice_as_much_costs_no_more(db, actor):
    world = everything.build()
    urls = pages(world, actor)
    more(world)  # some of everything, so that nothing is asked for the first time later
    before = queries(world.actors[actor], urls)
    more(world)
    more(world)
    after = queries(world.actors[actor], urls)
    wrong = [f"{len(asked)} queries: {name}" for name, asked in after.items() if len(asked) > MORE.get(name, MOST)]
    for name, asked in after.items():
        if len(asked) > len(before[name]):
            new = [sql for sql in asked if asked.count(sql) > before[name].count(sql)]
            wrong.append(f"{len(before[name])} queries, then {len(asked)}: {name}\n    " + "\n    ".join(new)[:1500])
    assert not wrong, "\n".join(wrong)
