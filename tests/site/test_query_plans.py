"""Tests that no page reads a whole large table, by PostgreSQL's own plans.

The tables of the tests are small, so the statistics are replaced by those of large tables, and only joins row by row
are allowed. PostgreSQL then reads a whole table only if no index fits.
"""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.models import Digest, MentorContact
from mentoring.models import Pair, Pause, Profile
from reminders import packing, planner, sender
from reminders.models import Delivery, Topic, TopicChoice
from sessions.models import SessionRating, SessionVisit
from tests import everything, make
from tests.site.test_query_counts import ACTORS, add_rows, pages, queries

pytestmark = pytest.mark.postgresql

# These have a few rows for each program, or for the whole installation.
SMALL = {
    *("accounts_installation", "mentoring_program", "django_content_type", "auth_group", "auth_permission"),
    *("reminders_watermark",),
}

COLUMNS = [f"{name}{n}" for name in ("stakind", "staop", "stacoll") for n in range(1, 6)]
NO_STATISTICS = "DELETE FROM pg_statistic USING pg_class WHERE starelid = pg_class.oid AND relname = ANY(%s)"
# Each key of another row, such as a pair, occurs twenty times; half the values that may be missing are.
MANY_DIFFERENT = f"""
    INSERT INTO pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct, {", ".join(COLUMNS)})
    SELECT attrelid, attnum, false, CASE WHEN attnotnull THEN 0 ELSE 0.5 END, 8,
        CASE WHEN atttypid = 'bigint'::regtype THEN -0.05 ELSE 0 END, {", ".join("0" for _column in COLUMNS)}
    FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
    WHERE relname = ANY(%s) AND attnum > 0 AND NOT attisdropped
"""


@pytest.fixture
def large_tables(db):
    """The names of the tables that grow with people and pairs; the planner takes them for large in this test."""
    names = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - SMALL
    with connection.cursor() as cursor:
        cursor.execute(NO_STATISTICS, [sorted(names)])
        cursor.execute("UPDATE pg_class SET reltuples = 1000000, relpages = 1 WHERE relname = ANY(%s)", [sorted(names)])
        cursor.execute(MANY_DIFFERENT, [sorted(names)])
        for method in ("hashjoin", "mergejoin", "material", "seqscan"):
            cursor.execute(f"SET LOCAL enable_{method} = off")
    return names


def whole_reads(plan: dict, large: set[str], limited: bool = False) -> list[str]:
    """Return the large tables that a plan reads completely; reading the first rows of an index does not count."""
    found = []
    limited = limited or plan["Node Type"] == "Limit"
    whole = plan["Node Type"] == "Seq Scan" or ("Index" in plan["Node Type"] and "Index Cond" not in plan)
    if whole and not limited and plan.get("Relation Name") in large:
        found.append(f"{plan['Relation Name']}, filter {plan.get('Filter')}")
    for part in plan.get("Plans", []):
        found += whole_reads(part, large, limited and plan["Node Type"] in ("Limit", "LockRows"))
    return found


def fill_empty_tables(world) -> None:
    """Give tables a row that the world leaves empty: PostgreSQL reads an empty table completely."""
    pair, now = Pair.objects.get(pk=world.rows["pair"]), timezone.now()
    mentee, today = pair.mentee, now.date()
    Delivery.objects.create(recipient=mentee, due_at=now, next_try_at=now, message_id="<1@example.org>")
    TopicChoice.objects.create(user=mentee, topic=Topic.values[0])
    Digest.objects.create(program=pair.program, user=mentee, due_on=today)
    MentorContact.objects.create(program=pair.program, mentor=pair.mentor)
    Pause.objects.create(pair=pair, from_on=today, resume_on=today + timedelta(days=1))
    SessionRating.objects.get_or_create(session=pair.sessions.first())
    SessionVisit.objects.get_or_create(session=pair.sessions.first(), user=mentee)
    Profile.objects.get_or_create(program=pair.program, user=mentee)
    Authenticator.objects.create(user=make.user(), type=Authenticator.Type.TOTP, data={})


def read_whole(statements: list[str], large: set[str]) -> list[str]:
    found = []
    for sql in dict.fromkeys(statements):
        if sql.startswith(("SELECT", "UPDATE", "DELETE")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
                plan = cursor.fetchone()[0][0]["Plan"]
            found += [f"{table}\n    {sql[:700]}" for table in whole_reads(plan, large)]
    return found


@pytest.mark.parametrize("actor", ACTORS)
def test_no_page_reads_a_large_table_from_end_to_end(large_tables, actor):
    world = everything.build()
    add_rows(world)
    fill_empty_tables(world)
    pages_of_actor = queries(world.actors[actor], pages(world, actor))
    wrong = {page: read_whole(statements, large_tables) for page, statements in pages_of_actor.items()}
    assert not any(wrong.values()), "\n".join(f"{page}: {found}" for page, whole in wrong.items() for found in whole)


def test_no_tick_reads_a_large_table_from_end_to_end(large_tables):
    """A tick finds what changed and what is due by an index."""
    world = everything.build()
    fill_empty_tables(world)
    planner.plan()
    with CaptureQueriesContext(connection) as seen:
        planner.plan()
        packing.pack()
        sender.claim()
    assert not (wrong := read_whole([query["sql"] for query in seen], large_tables)), "\n".join(wrong)
