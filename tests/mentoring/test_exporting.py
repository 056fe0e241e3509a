"""The people and the pairs of a program as CSV and XLSX files."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentoring.importing import columns, table_reader
from mentoring.models import Pair, Profile
from mentoring.views.exporting import STATE_COLUMNS
from tests import make


@pytest.fixture
def admin(pair):
    return make.admin(pair.program)


def export(client, name: str, program, kind: str) -> list[dict]:
    """The rows of a file, each by its headings."""
    answer = client.post(reverse(name, args=[program.pk]), {"format": kind})
    assert answer.streaming and answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    content = answer.getvalue()
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    [sheet] = table_reader.read_sheets(content, seconds=5).values()
    headings, *rows = [row.cells for row in sheet.rows()]
    return [dict(zip(headings, [*row, *[""] * len(headings)], strict=False)) for row in rows]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_people_export_has_states_and_dates(as_, admin, pair, kind):
    later = make.user("=cmd|' /C calc'!A0\x0b")
    make.enrollment(pair.program, later, "mentee", accepted_at=None, invited_at=None)
    rows = {row["email"]: row for row in export(as_(admin), "people_export", pair.program, kind)}
    mentor = rows[pair.mentor.email]
    assert (mentor["role"], mentor["state"], mentor["pairs now"]) == ("mentor", "joined", "1")
    assert mentor["joined on"] == pair.program.today().isoformat()
    assert (rows[later.email]["state"], rows[later.email]["invited on"]) == ("not invited", "")
    assert rows[later.email]["name"].startswith("'=cmd"), "no cell becomes a formula"
    assert admin.email not in rows


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_pairs_export_has_states_and_dates(as_, admin, pair, kind):
    other = make.pair(pair.program, mentor=pair.mentor, mentee=make.user("Lena Brandt"))
    Pair.objects.filter(pk=other.pk).update(ended_at="2026-03-01T12:00Z")
    make.topic(pair, title="Kept between the two")
    rows = {row["mentee name"]: row for row in export(as_(admin), "pairs_export", pair.program, kind)}
    assert rows["Ada Lind"]["state"] == "running" and rows["Ada Lind"]["mentor email"] == pair.mentor.email
    assert rows["Ada Lind"]["started on"] == date.isoformat(pair.started_on)
    assert (rows["Lena Brandt"]["state"], rows["Lena Brandt"]["ended on"]) == ("ended", "2026-03-01")
    assert "Kept between" not in str(rows)


@pytest.mark.parametrize(("in_days", "state"), [(0, "paused"), (1, "running")])
def test_a_pair_is_paused_from_the_first_day_of_its_pause(as_, admin, pair, in_days, state):
    today = pair.program.today()
    start, end = today + timedelta(days=in_days), today + timedelta(days=9)
    pair.pause(admin, start, end, today)
    [row] = export(as_(admin), "pairs_export", pair.program, "csv")
    assert (row["state"], row["paused from"]) == (state, start.isoformat())


@pytest.mark.parametrize("name", ["people_export", "pairs_export"])
def test_an_export_needs_no_more_queries_for_more_people(as_, admin, pair, name):
    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            export(as_(admin), name, pair.program, "csv")
        return len(queries)

    def add_pair() -> None:
        new = make.pair(pair.program, mentor=make.user(), mentee=make.user())
        make.agreement(new)
        for person in new.people:
            Profile.objects.create(program=pair.program, user=person, wants=["Speaking"], manager=pair.mentor)

    add_pair()
    count_queries()  # the first request of a web session stores its times
    before = count_queries()
    add_pair()
    assert count_queries() == before


def test_an_import_ignores_states_and_dates():
    assert not [name for name in STATE_COLUMNS if columns.field_of(name)]
