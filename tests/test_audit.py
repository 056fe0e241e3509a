"""What admins do, what becomes visible and what is refused is written down: who, when, which row, and no content."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import resolve, reverse

from accounts.models import AuditEvent
from mentoring.models import Program
from sessions import files
from tests import access, make
from tests.access import ADMIN, STARTS_PROGRAMS, TABLE
from tests.test_nonsense import client_of, forms_on

CHANGES_NOTHING = {"figures_count"}  # counts now what would be counted tonight


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


def filled_in(program) -> dict[str, dict]:
    """Where the form on its page, with the data of the table of rights, makes nothing happen yet."""
    mentor, mentee = (make.enrollment(program, make.user(), role).pk for role in ("mentor", "mentee"))
    dates = {"starts_on": program.starts_on, "ends_on": program.ends_on}
    return {
        "enrollment_create": {"people": "New Person, new@example.org"},
        "people_import": {"file": SimpleUploadedFile("people.csv", b"email\nnew@example.org\n")},
        "program_create": {"name": "Autumn"} | dates,
        "program_duplicate": {"name": "Autumn"},
        "program_rules": {"A1_amber": 12},
        "program_file": {"text": files.export(program), "sure": "1"},
        "pair_create": {"mentor": mentor, "mentee": mentee},
    }


def test_every_act_of_an_admin_is_written_down(db):
    world = access.build()
    admin, client = world.actors["admin"], client_of(world, "admin")
    pages = {name: row for name, row in TABLE.items() if row.get in (ADMIN, STARTS_PROGRAMS)}
    on_pages = {resolve(form.action.partition("?")[0]).url_name: form.data for form in forms_on(world, client, pages)}
    more = filled_in(Program.objects.get(pk=world.rows["program"]))
    acts = {name for name, row in TABLE.items() if row.post in (ADMIN, STARTS_PROGRAMS)}
    silent = []
    for name in sorted(acts - CHANGES_NOTHING):
        row = TABLE[name]
        with transaction.atomic():
            said = on_pages.get(name, {}) | row.data | more.get(name, {})
            AuditEvent.objects.all().delete()
            answer = client.post(reverse(name, args=world.arguments(row)), said)
            if not AuditEvent.objects.filter(who=admin, result="ok").exists():
                silent.append(f"{name}: {answer.status_code}")
            transaction.set_rollback(True)
    assert not silent, silent


@pytest.mark.parametrize("name", ["outcome_share", "celebration_wall", "advocacy_release"])
def test_what_becomes_visible_to_others_is_written_down(db, name):
    world = access.build()
    row, client = TABLE[name], client_of(world, "mentee")
    client.post(reverse(name, args=world.arguments(row)), row.data)
    assert AuditEvent.objects.filter(who=world.actors["mentee"], result="ok").count() == 1


def test_what_is_refused_is_written_down_once_a_minute_with_the_row_and_no_token(pair, as_, clock):
    stranger, session = make.user(), make.session(pair)
    client, page = as_(stranger), reverse("session_detail", args=[session.pk])
    for _press in range(3):
        assert client.get(page).status_code == 404
    event = AuditEvent.objects.get(result="refused")
    assert (event.who, event.what, event.object) == (stranger, "asked for", f"session_detail:{session.pk}")
    clock.shift(timedelta(minutes=1))
    client.post(reverse("session_start", args=[session.pk]))
    client.get(reverse("invitation_accept", args=["a-secret-token"]))
    client.get("/no/such/page/")
    as_(pair.mentor).get(page)
    objects = AuditEvent.objects.filter(result="refused").values_list("object", flat=True)
    assert set(objects) == {f"session_detail:{session.pk}", f"session_start:{session.pk}", "invitation_accept"}


def test_nobody_fills_the_disk_with_refusals(pair, as_, clock):
    client = as_(make.user())
    for pk in range(1000, 1030):
        client.get(reverse("pair_detail", args=[pk]))
    assert AuditEvent.objects.filter(result="refused").count() == 20


def printed(**options) -> list[list[str]]:
    out = StringIO()
    call_command("audit", stdout=out, **options)
    return [line.split("\t") for line in out.getvalue().splitlines()]


def test_whoever_runs_the_server_reads_it_line_by_line(pair, clock):
    AuditEvent.record(pair.mentor, "pair ended", pair)
    AuditEvent.record(pair.mentee, "asked for", pair, "refused")
    clock.shift(timedelta(days=31))
    AuditEvent.record(None, "content of a pair deleted", pair)
    assert [row[2] for row in printed()] == ["content of a pair deleted"]
    assert [row[1:] for row in printed(days=40, who=pair.mentor.email.upper())] == [
        [pair.mentor.email, "pair ended", f"mentoring.pair:{pair.pk}", "ok"]
    ]
    assert [row[4] for row in printed(days=40, refused=True)] == ["refused"]
    for wrong, says in (({"days": 0}, "from 1 to"), ({"who": "nobody@example.org"}, "Nobody here")):
        with pytest.raises(CommandError, match=says):
            printed(**wrong)
