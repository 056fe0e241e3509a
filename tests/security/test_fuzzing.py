"""Each reader gets damaged valid input from outside: it is read or refused, quickly and without a crash."""

import hashlib
import io
import json
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from accounts.models import User
from core.markdown import render
from dashboard import program_files
from mentoring import importing
from mentoring.importing import columns, table_reader
from operations import backups
from sessions import busy_times, calendar, calendar_process
from sessions.models import BusyCalendar
from sessions.topic_packs import SHIPPED, read_pack
from sessions.yaml_reader import InvalidFile
from tests import everything, make
from tests.access import TABLE
from tests.core.test_markdown import unsafe
from tests.security.mutations import EDITS, damaged, within_limits

SINCE = datetime(2026, 12, 7, 9, tzinfo=UTC)
DATA = Path(__file__).parents[1] / "data"
TEXT_TABLES = sorted(DATA.glob("*.csv")) + sorted(DATA.glob("*.txt"))
SPREADSHEETS = sorted(DATA.glob("*.xlsx")) + sorted(DATA.glob("*.ods")) + sorted(DATA.glob("*.xls"))
IN_A_RELEASE = settings.get_current_profile_name() == "release"
WITH_DATABASE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_table(content: bytes) -> None:
    """Read a file of people as the import does, up to each cell."""
    try:
        table = table_reader.read(content, columns.field_of)
    except table_reader.Unreadable as refusal:
        assert str(refusal)
        return
    reader = importing.LineReader(table.headings, columns.guess(table.headings), "mentee", {}, 3)
    for row in table.rows:
        reader.line(row)


@given(st.sampled_from(TEXT_TABLES), EDITS)
def test_a_damaged_text_file_of_people_is_read_or_refused(file, edits):
    with within_limits():
        read_table(damaged(file.read_bytes()[:4_000], edits))


def parts_of(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


# Each example starts a process.
@settings(max_examples=300 if IN_A_RELEASE else 8)
@given(st.sampled_from(SPREADSHEETS), st.floats(0, 1), EDITS, st.booleans())
def test_a_damaged_spreadsheet_is_read_or_refused(file, which, edits, inside):
    """Damage one of the files inside the spreadsheet, or the spreadsheet as a whole."""
    content = file.read_bytes()
    if inside and table_reader.is_packed(content):
        parts = parts_of(file)
        name = sorted(parts)[min(int(which * len(parts)), len(parts) - 1)]
        content = packed(parts | {name: damaged(parts[name], edits, 2_000_000)})
    else:
        content = damaged(content, edits, 2_000_000)
    with within_limits():
        read_table(content)


@given(st.sampled_from(SPREADSHEETS[:3]), EDITS)
def test_the_size_of_a_damaged_spreadsheet_is_known_or_it_is_refused(file, edits):
    try:
        assert table_reader.unpacked_size(damaged(file.read_bytes(), edits, 2_000_000)) >= 0
    except table_reader.Unreadable as refusal:
        assert str(refusal)


@pytest.fixture(scope="module")
def program_text(django_db_setup, django_db_blocker) -> bytes:
    """A program file with every section, as an export has it."""
    with django_db_blocker.unblock(), transaction.atomic():
        program = make.program()
        make.priority(program, "Ship sooner"), make.competency(program, "Runs a meeting")
        text = program_files.export(program)
        transaction.set_rollback(True)
    return text.encode()


@WITH_DATABASE
@given(edits=EDITS)
def test_a_damaged_program_file_is_read_or_explained(program_text, edits):
    with within_limits():
        try:
            program_files.read_program(damaged(program_text, edits, 300_000).decode(errors="replace"))
        except InvalidFile as wrong:
            assert wrong.errors


@given(st.sampled_from(sorted(SHIPPED.glob("*.yaml"))), EDITS)
def test_a_damaged_topic_pack_is_read_or_explained(file, edits):
    with within_limits():
        try:
            read_pack(damaged(file.read_bytes(), edits).decode(errors="replace"))
        except InvalidFile as wrong:
            assert wrong.errors


MARKDOWN = (DATA / "README.md").read_bytes() + b"\n> * [a](https://example.org) **b** `c`\n\n1. <b>d</b>\n![e](f)\n"


@given(EDITS)
def test_damaged_markdown_stays_harmless(edits):
    with within_limits():
        html = render(damaged(MARKDOWN, edits, 20_000).decode(errors="replace"))
    assert unsafe(html) == []


# --- Tokens -----------------------------------------------------------------------------------------------------

SECRET_LINKS = sorted(name for name, row in TABLE.items() if "anyone" in (row.get or ()) and row.args)


@pytest.fixture
def tokens(db) -> dict[str, str]:
    """The page of each secret link with a valid token."""
    world = everything.build()
    found = {name: world.arguments(TABLE[name]) for name in SECRET_LINKS}
    return {name: arguments[0] for name, arguments in found.items() if isinstance(arguments[0], str)}


@settings(WITH_DATABASE, max_examples=1_000 if IN_A_RELEASE else 60)
@given(data=st.data())
def test_a_damaged_token_opens_nothing(tokens, data):
    assert len(tokens) > 8
    name = data.draw(st.sampled_from(sorted(tokens)))
    text = damaged(tokens[name].encode(), data.draw(EDITS), 2_000).decode(errors="replace").replace("/", "")
    if text.strip("\x00") in ("", ".", "..", tokens[name]):
        return
    cache.clear()
    with within_limits(), transaction.atomic():
        for method in ("get", "post"):
            answer = getattr(Client(), method)(reverse(name, args=[text]))
            assert answer.status_code in (302, 400, 403, 404, 405, 410), (name, text, answer.status_code)
        transaction.set_rollback(True)


# --- Calendar files ---------------------------------------------------------------------------------------------

TYPED = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.sampled_from(
    [
        "a\r\nATTENDEE:mailto:x@example.org",
        "\nEND:VEVENT\nBEGIN:VEVENT",
        "BEGIN:VALARM",
        "a;b,c\\n:d",
        "x" * 2_000,
        "\u2028",
    ]
)


@settings(WITH_DATABASE)
@given(place=TYPED, name=TYPED)
def test_a_calendar_file_has_one_event_whatever_was_typed(pair, place, name):
    session = make.session(pair) if not pair.sessions.exists() else pair.sessions.get()
    session.place, session.pair = place, pair
    pair.mentee.name = pair.mentee.short_name = name
    with within_limits():
        content = calendar.message(calendar.SessionEntry(session), pair.mentor).content
    found = Calendar.from_ical(content)
    [event] = found.walk("VEVENT")
    assert not found.errors and not event.errors
    assert event["ATTENDEE"] == f"mailto:{pair.mentor.email}" and len(event.walk("VALARM")) <= 1


FROM_OUTSIDE = (DATA / "calendar.ics").read_bytes()


@given(EDITS)
def test_a_damaged_calendar_is_reduced(edits):
    with within_limits():
        text = damaged(FROM_OUTSIDE, edits).decode(errors="replace")
        assert len(calendar_process.reduced(text, SINCE, SINCE + busy_times.WEEKS)) <= len(text) + 4


# Each example starts a process.
@settings(max_examples=300 if IN_A_RELEASE else 8)
@given(EDITS)
def test_a_damaged_calendar_is_read_or_refused(edits):
    with within_limits():
        try:
            found = busy_times.busy_in(damaged(FROM_OUTSIDE, edits), User(email="ada@example.org"), SINCE)
        except busy_times.Unreadable as problem:
            assert str(problem) in BusyCalendar.Problem.values
        else:
            assert all(start < end for start, end in found)


# --- Backups ----------------------------------------------------------------------------------------------------

CONTENT = b"SQLite for"
MANIFEST = {
    "format": backups.FORMAT,
    "version": "0.1.0",
    "created_at": "2026-11-29T06:00:00+00:00",
    "engine": backups.engine(),
    "sha256": hashlib.sha256(CONTENT).hexdigest(),
    "bytes": len(CONTENT),
    "migrations": ["accounts.0001_initial"],
    "rows": {"accounts_user": 3},
    "secret_key": "0" * 8,
    "private_keys": [],
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda one: st.lists(one, max_size=3),
)


def archive_with(manifest: bytes, database: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=1) as archive:
        for name, content in ((backups.MANIFEST, manifest), (backups.DATABASE, database)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def read_backup(content: bytes, folder: Path) -> None:
    file = folder / "damaged.backup"
    file.write_bytes(content)
    with within_limits():
        try:
            backups.check_fits(backups.unpack(file, folder))
        except backups.BackupError as refusal:
            assert str(refusal)


@WITH_DATABASE
@given(
    edits=st.just([]) | EDITS,
    values=st.dictionaries(st.sampled_from(sorted(MANIFEST)), ANYTHING, max_size=3),
    edits_outside=st.just([]) | EDITS,
)
def test_a_damaged_backup_is_refused(tmp_path, edits, values, edits_outside):
    """Damage the description inside the file, its values, or the file as a whole."""
    manifest = damaged(json.dumps(MANIFEST | values).encode(), edits)
    read_backup(damaged(archive_with(manifest, CONTENT), edits_outside), tmp_path)
