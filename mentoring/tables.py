"""Reading a table that somebody saved: any common encoding and delimiter, or a spreadsheet. Cells stay text.

What cannot be read is said in one sentence (Unreadable); what had to be guessed is a note for the page.
"""

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_CELLS = 60  # in one row
LONGEST_CELL = 5_000
MOST_UNPACKED = 60 * 1024 * 1024  # of a spreadsheet, which is a packed archive
DELIMITERS = ",;\t|"
HEADINGS_WITHIN = 12  # rows from the top; above them stand titles
LONGEST_LINE = 100_000  # no cell may be longer than what the csv module takes
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Unreadable(Exception):
    """The file is no table that can be used; the message says why and what to do."""


@dataclass
class Row:
    """`line` is where a person finds it: the line of the file, or the row of the sheet."""

    line: int
    cells: list[str]
    trouble: str = ""


@dataclass
class Table:
    headings: list[str]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)

    def as_data(self) -> dict:
        return {
            "headings": self.headings,
            "rows": [[row.line, row.cells, row.trouble] for row in self.rows],
            "notes": self.notes,
        }

    @classmethod
    def of_data(cls, data: dict) -> "Table":
        return cls(data["headings"], [Row(*row) for row in data["rows"]], data["notes"])


def read(name: str, content: bytes, knows) -> Table:
    """The table in a file. `knows(heading)` says whether it is a heading of ours, to find the row of headings."""
    if len(content) > MOST_BYTES:
        raise Unreadable(_("This file is larger than 5 MB. Save only the people, without pictures, or split it."))
    if not content.strip(b"\x00 \t\r\n"):
        raise Unreadable(_("This file is empty."))
    notes: list[str] = []
    if content.startswith(b"PK\x03\x04"):
        rows = best_sheet(content, knows, notes)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_("This is an old spreadsheet (.xls). Save it as .xlsx or CSV, please."))
    else:
        rows = lines_of(decode(content, notes))
    return with_headings(rows, knows, notes)


# --- Text ---


def decode(content: bytes, notes: list[str]) -> str:
    """UTF-8 and UTF-16 by their marks; else UTF-8; else line by line, else the likeliest encoding."""
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
        where = ", ".join(str(number) for number in bad[:10])
        notes.append(
            _("Two encodings in one file: these lines were read as Windows-1252: %(lines)s.") % {"lines": where}
        )
        return "".join(line.decode("utf-8" if is_utf8(line) else "cp1252", errors="replace") for line in lines)
    found = from_bytes(content, cp_isolation=["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "shift_jis", "gb18030"])
    best = found.best()
    encoding = best.encoding if best else "cp1252"
    notes.append(_("Read as %(encoding)s. If letters look wrong, save the file as UTF-8.") % {"encoding": encoding})
    return content.decode(encoding, errors="replace")


def is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def lines_of(text: str) -> list[Row]:
    """The rows of a text with delimiters. A quotation mark that is never closed spoils its own row alone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    delimiter = likeliest_delimiter(text)
    rows, previous = [], 0
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for cells in reader:
            rows.append(Row(previous + 1, clean(cells)))
            previous = reader.line_num
            if len(rows) > MOST_ROWS + HEADINGS_WITHIN:
                break
        else:
            tell_unclosed(rows, text, delimiter)
    except csv.Error as error:
        said = _(
            "A cell that begins in line %(n)s is too long to read. Is a quotation mark missing, or the file no CSV?"
        )
        raise Unreadable(said % {"n": previous + 1}) from error
    return rows


def tell_unclosed(rows: list[Row], text: str, delimiter: str) -> None:
    """A quotation mark that nobody closed takes everything below it into its own row."""
    if not rows:
        return
    rest = "\n".join(text.split("\n")[rows[-1].line - 1 :])
    try:
        list(csv.reader(io.StringIO(rest), delimiter=delimiter, strict=True))
    except csv.Error:
        rows[-1].trouble = _("A quotation mark in this line is never closed; what stands below it was not read.")


def likeliest_delimiter(text: str) -> str:
    """The one that divides the first lines into the most columns, alike."""
    sample = [line[:LONGEST_LINE] for line in text.split("\n")[:40] if line.strip()][:12]

    def columns(delimiter: str) -> tuple[int, int]:
        counts = [len(next(csv.reader([line], delimiter=delimiter), [])) for line in sample]
        return min(counts[0], 60) if counts else 0, sum(count == counts[0] for count in counts)

    return max(DELIMITERS, key=columns) if sample else ","


# --- Spreadsheets ---


def best_sheet(content: bytes, knows, notes: list[str]) -> list[Row]:
    """The rows of the sheet with the most headings that are known."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise Unreadable(_("Unpacked, this spreadsheet is far too large. Save only the people as CSV."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Unreadable:
        raise
    except Exception as error:  # whatever a broken archive makes the library say
        raise Unreadable(_("This spreadsheet cannot be opened. Save it once more, or as CSV.")) from error
    sheets = {sheet.title: sheet_rows(sheet) for sheet in book.worksheets}
    if not sheets:
        raise Unreadable(_("This spreadsheet has no sheet with a table."))
    best = max(sheets, key=lambda name: known_headings(sheets[name], knows)[0])
    if len(sheets) > 1:
        notes.append(_("Of %(n)s sheets, “%(name)s” was read.") % {"n": len(sheets), "name": best})
    return sheets[best]


def sheet_rows(sheet) -> list[Row]:
    rows = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_CELLS), start=1):
        if any(cell not in (None, "") for cell in cells):
            rows.append(Row(number, clean(as_text(cell) for cell in cells)))
        if len(rows) > MOST_ROWS + HEADINGS_WITHIN:
            break
    return rows


def as_text(cell) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


# --- Both ---


def clean(cells) -> list[str]:
    """Without what cannot be seen, and without blanks around."""
    return [NOT_TEXT.sub("", cell)[:LONGEST_CELL].strip() for cell in list(cells)[:MOST_CELLS]]


def known_headings(rows: list[Row], knows) -> tuple[int, int]:
    """How many headings of ours the best row near the top has, and which row that is."""
    counts = [sum(bool(knows(cell)) for cell in row.cells) for row in rows[:HEADINGS_WITHIN]]
    most = max(counts, default=0)
    return most, counts.index(most) if counts else 0


def with_headings(rows: list[Row], knows, notes: list[str]) -> Table:
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise Unreadable(_("This file has no rows."))
    _most, at = known_headings(rows, knows)
    if at:
        notes.append(_("The headings were found in line %(n)s.") % {"n": rows[at].line})
    body = rows[at + 1 :]
    if len(body) > MOST_ROWS:
        raise Unreadable(_("This file has more than 5,000 people. Split it, please; nothing was imported."))
    if not body:
        raise Unreadable(_("Below the headings there is nobody."))
    return Table(rows[at].cells, body, notes)
