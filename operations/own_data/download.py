"""One ZIP file with everything a person wrote and everything they may read: as data, and as a page to read.

Rows are read and written a few at a time, so that memory does not grow with what somebody wrote.
"""

import copy
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import IO

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import formats
from django.utils.translation import gettext as _

from accounts.localization import localized_for
from accounts.models import User
from operations.own_data.sections import SECTIONS, Fact, Reader

FORMAT = "throughline-person/1"
JSON_FILE, HTML_FILE = "data.json", "read-me.html"
ROWS_AT_ONCE = 100
# The dates under which a row is shown, the first that it has.
DATES = ("starts_at", "happened_on", "measured_on", "happens_on", "on", "created_at", "answered_at", "invited_at")
# Shown above the row, or only of use to a program.
NOT_IN_LINES = {*DATES, "key"}


@dataclass(frozen=True)
class Line:
    label: str
    text: str


@dataclass(frozen=True)
class Entry:
    """A row as the page shows it: when, who, and what it contains."""

    meta: str
    lines: list[Line]


def as_zip(person: User) -> IO[bytes]:
    """Return a temporary file with the ZIP; it is deleted when it is closed."""
    person = copy.copy(person)
    person.is_active = True  # what belongs to a closed account is theirs, too; the copy is never stored
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    with localized_for(person), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(JSON_FILE, "w", force_zip64=True) as target:
            for text in json_parts(Reader(person)):
                target.write(text.encode())
        with archive.open(HTML_FILE, "w", force_zip64=True) as target:
            for text in html_parts(Reader(person)):
                target.write(text.encode())
    file.seek(0)
    return file


def counts(person: User) -> dict[str, int]:
    """Return how many rows each section of the file has, by its name in data.json."""
    person = copy.copy(person)
    person.is_active = True
    with localized_for(person):
        return {section.name: sum(1 for _row in section.rows(Reader(person))) for section in SECTIONS}


def file_name(person: User) -> str:
    return f"throughline-{person.today():%Y-%m-%d}.zip"


def json_parts(reader: Reader) -> Iterator[str]:
    head = {"format": FORMAT, "made_on": reader.person.today()}
    yield as_json(head)[:-1] + ', "sections": {\n'
    for number, section in enumerate(SECTIONS):
        yield f'{", " if number else ""}"{section.name}": ['
        for n, row in enumerate(section.rows(reader)):
            yield f"{',' if n else ''}\n  " + as_json({fact.name: fact.value for fact in row})
        yield "]\n"
    yield "}}\n"


def as_json(data: dict) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)


def html_parts(reader: Reader) -> Iterator[str]:
    context = {"person": reader.person, "made_on": reader.person.today()}
    yield render_to_string("operations/your_data_file.html", context)
    for section in SECTIONS:
        title = section.title
        entries = (entry for row in section.rows(reader) if (entry := as_entry(row, reader)))
        while some := list(islice(entries, ROWS_AT_ONCE)):
            yield render_to_string("operations/_your_data_entries.html", {"title": title, "entries": some})
            title = ""
    yield "</body>\n</html>\n"


def as_entry(row: list[Fact], reader: Reader) -> Entry | None:
    """Return the row as the page shows it, or None if there is nothing to read in it."""
    facts = {fact.name: fact.value for fact in row}
    at = next((facts[name] for name in DATES if facts.get(name)), None)
    me = str(reader.person)
    people = dict.fromkeys(_("you") if fact.value == me else fact.value for fact in row if fact.is_person)
    lines = [line for fact in row if fact.is_shown and fact.name not in NOT_IN_LINES for line in as_lines(fact)]
    meta = " · ".join(filter(None, (as_text(at), ", ".join(name for name in people if name))))
    return Entry(meta, lines) if lines else None


def as_lines(fact: Fact) -> Iterator[Line]:
    """Yield the value in lines: the answers to several questions one by one."""
    if isinstance(fact.value, list) and fact.value and isinstance(fact.value[0], dict):
        for item in fact.value:
            values = [as_text(value) for value in item.values()]
            yield Line(values[0] if len(values) > 1 else "", values[-1])
    elif isinstance(fact.value, dict):
        for name, value in fact.value.items():
            yield Line(str(name), as_text(value))
    elif text := as_text(fact.value):
        yield Line(fact.label, text)


def as_text(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(value, "DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, Iterable) and not isinstance(value, str | dict):
        return ", ".join(as_text(one) for one in value)
    return str(formats.localize(value))
