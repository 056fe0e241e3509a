"""Reading a table from a text file in any common encoding and delimiter, or from a spreadsheet; cells stay text.

A file that cannot be read raises Unreadable with a message; each guess becomes a note for the page.
"""

import csv
import io
import json
import re
import signal
import subprocess  # nosec B404
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 300
MAX_CELLS = 500_000
LONGEST_CELL = 5_000
HEADINGS_WITHIN = 12  # rows from the top; there may be titles above the headings
SHOWN = 15  # rows of the preview
DELIMITERS = ",;\t|"
LONGEST_LINE = 100_000  # the limit of the csv module for one cell
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

# Spreadsheets are ZIP archives: one that unpacks to far more than its size is an attack.
MAX_UNPACKED = 60 * 1024 * 1024
MAX_RATIO = 200
SMALL_PART = 1024 * 1024
# A web request reads small files; a worker, which has more time, reads all others.
LIGHT_BYTES, LIGHT_UNPACKED = 1024 * 1024, 12 * 1024 * 1024
LIGHT_SECONDS, MAX_SECONDS = 3, 30
READER = Path(__file__).with_name("spreadsheet_process.py")


class Unreadable(Exception):
    """The file is not a usable table; the message explains why and what to do."""


class TooSlow(Unreadable):
    """Reading the file took too long."""


@dataclass
class Row:
    """A row of the table; `line` is its line in the file, or its row in the sheet."""

    line: int
    cells: list[str]
    trouble: str = ""
    cut: bool = False  # a cell was shortened


@dataclass
class ReadChoices:
    """How to read the file, as far as somebody chose; the rest is judged from the file."""

    sheet: str = ""
    delimiter: str = ""
    headings: int | None = None  # the line; 0 for a file without headings


@dataclass
class Table:
    headings: list[str]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    top: list[Row] = field(default_factory=list)  # the first rows as they are, for the preview
    sheets: list[str] = field(default_factory=list)
    read_as: ReadChoices = field(default_factory=ReadChoices)

    def as_data(self) -> dict:
        return {
            "headings": self.headings,
            "rows": [[row.line, row.cells, row.trouble, row.cut] for row in self.rows],
            "notes": self.notes,
            "top": [[row.line, row.cells] for row in self.top],
            "sheets": self.sheets,
            "read_as": asdict(self.read_as),
        }

    @classmethod
    def from_data(cls, data: dict) -> "Table":
        rows, top = [Row(*row) for row in data["rows"]], [Row(*row) for row in data.get("top", [])]
        sheets, read_as = data.get("sheets", []), ReadChoices(**data.get("read_as", {}))
        return cls(data["headings"], rows, data["notes"], top, sheets, read_as)


def is_heavy(content: bytes) -> bool:
    """Return True if a web request should leave this file to a worker."""
    return len(content) > LIGHT_BYTES or (is_packed(content) and unpacked_size(content) > LIGHT_UNPACKED)


def read(
    content: bytes, field_of: Callable[[str], str], choices: ReadChoices | None = None, seconds: int = MAX_SECONDS
) -> Table:
    """Return the table in a file. `field_of(heading)` names our field for a heading, to find the row of headings."""
    if len(content) > MAX_BYTES:
        raise Unreadable(_("This file is larger than 5 MB. Keep only the people, without pictures, or split it."))
    if not content.strip(b"\x00 \t\r\n"):
        raise Unreadable(_("This file is empty."))
    choices, notes, sheets = choices or ReadChoices(), [], []
    if is_packed(content) or content.startswith(b"\xd0\xcf\x11\xe0"):
        book = read_sheets(content, seconds)
        sheets = list(book)
        choices.sheet = choices.sheet if choices.sheet in book else likeliest_sheet(book, field_of)
        choices.delimiter = ""
        rows = book[choices.sheet].rows()
        if len(sheets) > 1:
            notes.append(
                _("The file has %(n)s sheets; “%(name)s” was read.") % {"n": len(sheets), "name": choices.sheet}
            )
    else:
        if content[:200].lstrip().lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
            raise Unreadable(_("This file is a web page. Open it in a spreadsheet app and save it as XLSX or CSV."))
        text = decode(content, notes).replace("\r\n", "\n").replace("\r", "\n")
        choices.sheet = ""
        choices.delimiter = choices.delimiter or likeliest_delimiter(text)
        rows = lines_of(text, choices.delimiter)
    return with_headings(rows, field_of, choices, notes, sheets)


# --- Text ---


def decode(content: bytes, notes: list[str]) -> str:
    """Decode by byte order mark, else as UTF-8, else line by line, else in the likeliest encoding."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    lines = content.splitlines(keepends=True)
    bad = [number for number, line in enumerate(lines, start=1) if not is_utf8(line)]
    foreign = [number for number, line in enumerate(lines, start=1) if not line.isascii()]
    if len(bad) < len(foreign):
        where = ", ".join(str(number) for number in bad[:10]) + (", …" if len(bad) > 10 else "")
        notes.append(
            _("The file mixes two encodings. These lines were read as Windows-1252: %(lines)s.") % {"lines": where}
        )
        return "".join(line.decode("utf-8" if is_utf8(line) else "cp1252", errors="replace") for line in lines)
    found = from_bytes(content, cp_isolation=["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "shift_jis", "gb18030"])
    best = found.best()
    encoding = best.encoding if best else "cp1252"
    notes.append(_("Read as %(encoding)s. If characters look wrong, save the file as UTF-8.") % {"encoding": encoding})
    return content.decode(encoding, errors="replace")


def is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def lines_of(text: str, delimiter: str) -> list[Row]:
    """Return the rows of a delimited text; an unclosed quotation mark affects only its own row."""
    rows, previous = [], 0
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for cells in reader:
            if len(cells) > MAX_COLUMNS and any(cell.strip() for cell in cells[MAX_COLUMNS:]):
                raise Unreadable(too_many_columns())
            rows.append(cleaned_row(previous + 1, cells[:MAX_COLUMNS]))
            previous = reader.line_num
            if len(rows) > MAX_ROWS + HEADINGS_WITHIN:
                break
        else:
            mark_unclosed(rows, text, delimiter)
    except csv.Error as error:
        message = _(
            "A cell that starts in line %(n)s is too long. Check for a missing quotation mark, or save the file as CSV."
        )
        raise Unreadable(message % {"n": previous + 1}) from error
    return rows


def mark_unclosed(rows: list[Row], text: str, delimiter: str) -> None:
    """Mark the last row if its quotation mark is never closed, since it swallowed all lines below."""
    if not rows:
        return
    rest = "\n".join(text.split("\n")[rows[-1].line - 1 :])
    try:
        list(csv.reader(io.StringIO(rest), delimiter=delimiter, strict=True))
    except csv.Error:
        rows[-1].trouble = _("A quotation mark in this line is never closed, so the lines below it were not read.")


def likeliest_delimiter(text: str) -> str:
    """Return the delimiter that splits the most lines into the same, high number of columns."""
    sample = [line[:LONGEST_LINE] for line in text[: 10 * LONGEST_LINE].split("\n")[:60] if line.strip()]

    def fit(delimiter: str) -> int:
        """Rate a delimiter; lines that agree count more than columns, since one line may contain a long list."""
        lengths = Counter(map(len, csv.reader(sample, delimiter=delimiter)))
        least = min(2, len(sample))
        return max(((columns - 1) * lines**3 for columns, lines in lengths.items() if lines >= least), default=0)

    return max(DELIMITERS, key=fit)


# --- Spreadsheets ---


@dataclass
class Sheet:
    name: str
    hidden: bool
    found: list[list]
    many_rows: bool
    many_columns: bool

    def rows(self) -> list[Row]:
        if self.many_columns:
            raise Unreadable(too_many_columns())
        return [cleaned_row(number, cells) for number, cells in self.found]

    def top(self) -> list[Row]:
        return [Row(number, cells) for number, cells in self.found[: HEADINGS_WITHIN + 1]]


def is_packed(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def unpacked_size(content: bytes) -> int:
    """Return the size of a packed spreadsheet as it would be unpacked; refuse a decompression bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [(part.file_size, part.compress_size) for part in archive.infolist()]
    except Exception as error:  # a broken archive may raise anything
        raise Unreadable(cannot_be_opened()) from error
    size = sum(unpacked for unpacked, _packed in parts)
    bombs = any(unpacked > SMALL_PART and unpacked > MAX_RATIO * packed for unpacked, packed in parts)
    if bombs or size > MAX_UNPACKED:
        raise Unreadable(far_too_large())
    return size


def read_sheets(content: bytes, seconds: int) -> dict[str, Sheet]:
    """Return the sheets of a spreadsheet by name, read in a separate process with limits."""
    if is_packed(content):
        unpacked_size(content)
    limits = (seconds, MAX_ROWS + HEADINGS_WITHIN, MAX_COLUMNS, LONGEST_CELL)
    command = [sys.executable, "-I", str(READER), *map(str, limits)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=2 * seconds + 5, check=False)  # nosec
    except subprocess.TimeoutExpired as error:
        raise TooSlow(far_too_large()) from error
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise TooSlow(far_too_large())
    if done.returncode:  # out of memory, it cannot print an error
        raise Unreadable(far_too_large() if done.returncode == -signal.SIGABRT else cannot_be_opened())
    answer = json.loads(done.stdout)
    if "error" in answer:
        messages = {"password": _("This spreadsheet has a password. Save it without one."), "large": far_too_large()}
        raise Unreadable(messages.get(answer["error"], cannot_be_opened()))
    sheets = [
        Sheet(one["name"], one["hidden"], one["rows"], one["many_rows"], one["many_columns"])
        for one in answer["sheets"]
    ]
    filled = {sheet.name: sheet for sheet in sheets if sheet.found or sheet.many_columns}
    if not filled:
        raise Unreadable(_("This spreadsheet has no sheet with a table."))
    return filled


def likeliest_sheet(book: dict[str, Sheet], field_of) -> str:
    """Return the sheet with the most known headings; among equals, a visible one, then the longest."""

    def fit(name: str) -> tuple:
        sheet = book[name]
        return best_headings(sheet.top(), field_of)[0], not sheet.hidden, len(sheet.found)

    return max(book, key=fit)


def cannot_be_opened() -> str:
    return _("This spreadsheet cannot be opened. Save it again, or save it as CSV.")


def far_too_large() -> str:
    return _("This spreadsheet is too large when unpacked. Copy only the people into a new one, or save them as CSV.")


def too_many_columns() -> str:
    message = _("This file has more than %(n)s columns. Delete those you do not need; nothing was imported.")
    return message % {"n": MAX_COLUMNS}


# --- Both ---


def cleaned_row(line: int, cells: list[str]) -> Row:
    """Return the row without invisible characters and surrounding spaces."""
    texts = [NOT_TEXT.sub("", cell).strip() for cell in cells]
    return Row(line, [text[:LONGEST_CELL] for text in texts], cut=any(len(text) > LONGEST_CELL for text in texts))


def has_address(row: Row) -> bool:
    """Return True if a cell is an email address, so that the row is a person and not headings."""
    return any(re.fullmatch(r"\S+@\S+\.\S+", cell) for cell in row.cells)


def best_headings(rows: list[Row], field_of) -> tuple[int, int]:
    """Return how many fields the likeliest row of headings names, and its index; -1 if there is none.

    A row with a person's data never counts. If no heading is known, it is the row above the first person.
    """
    counts = [0 if has_address(row) else fields_in(row, field_of) for row in rows[:HEADINGS_WITHIN]]
    most = max(counts, default=0)
    if most:
        return most, counts.index(most)
    return 0, next((at for at, row in enumerate(rows) if has_address(row)), 1) - 1


def fields_in(row: Row, field_of) -> int:
    return len({field_of(cell) for cell in row.cells} - {""})


def second_headings(headings: Row, below: Row, field_of) -> list[str] | None:
    """Return the headings joined with a second line: answer options of a survey, or another language."""
    if has_address(below):
        return None
    filled, joined, question = 0, [], ""
    for at in range(max(len(headings.cells), len(below.cells))):
        upper = headings.cells[at] if at < len(headings.cells) else ""
        lower = below.cells[at] if at < len(below.cells) else ""
        filled += bool(lower and not upper)
        question = upper or question
        joined.append(f"{question} [{lower}]" if lower and question and lower != question else question or lower)
    if filled and joined.count("") < len(joined):
        return joined
    return headings.cells if fields_in(below, field_of) > 1 else None


def with_headings(rows: list[Row], field_of, choices: ReadChoices, notes: list[str], sheets: list[str]) -> Table:
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise Unreadable(_("This file has no rows."))
    if choices.headings is None:
        at = best_headings(rows, field_of)[1]
        if at > 0:
            notes.append(_("The headings were found in line %(n)s.") % {"n": rows[at].line})
        if at < 0:
            notes.append(_("No headings were found; every line was read as a person."))
    else:
        at = max((n for n, row in enumerate(rows) if row.line <= choices.headings), default=-1)
    headings, body = rows[at].cells if at >= 0 else [], rows[at + 1 :]
    most_have_addresses = sum(map(has_address, body[:10])) > len(body[:10]) / 2
    if at >= 0 and most_have_addresses and (joined := second_headings(rows[at], body[0], field_of)):
        headings, body = joined, body[1:]
        notes.append(_("Line %(n)s was read as a second line of headings.") % {"n": rows[at + 1].line})
    choices.headings = rows[at].line if at >= 0 else 0
    if len(body) > MAX_ROWS:
        raise Unreadable(_("This file has more than 5,000 people. Please split it; nothing was imported."))
    if not body:
        raise Unreadable(_("There are no people below the headings."))
    width = max(len(row.cells) for row in rows)
    if width * len(body) > MAX_CELLS:
        raise Unreadable(_("This file has too many columns for so many people. Delete those you do not need."))
    headings = [*headings, *[""] * (width - len(headings))]
    return Table(headings, body, notes, rows[:SHOWN], sheets, choices)
