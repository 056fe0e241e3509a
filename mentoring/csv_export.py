"""Export of tables as CSV and XLSX files."""

import csv
import itertools
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from typing import IO

from django.http import FileResponse, HttpResponse, StreamingHttpResponse


class Echo:
    """A file-like object that returns what is written to it."""

    def write(self, text: str) -> str:
        return text


def table_lines(headings: Iterable[str], rows: Iterable[list]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(map(without_formula, headings))
    for row in rows:
        yield writer.writerow(map(without_formula, row))


def table_response(name: str, headings, rows, streamed: bool = False) -> HttpResponse | StreamingHttpResponse:
    """Return a CSV file with a byte order mark for spreadsheets; streamed rows must not depend on the language."""
    kind = StreamingHttpResponse if streamed else HttpResponse
    response = kind(table_lines(headings, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_response(name: str, title: str, headings, rows) -> FileResponse:
    """Return an XLSX file as a download, closed with the response."""
    file = workbook([(title, headings, rows)])
    response = FileResponse(file, as_attachment=True, filename=name)
    response.headers["Content-Type"] = XLSX
    response.headers["Cache-Control"] = "no-store"
    return response


def workbook(sheets: Iterable[tuple[str, Iterable[str], Iterable[list]]]) -> IO[bytes]:
    """Return an open XLSX file with these sheets: title, headings and rows.

    Rows are written to disk as they are read, so that memory use stays constant.
    """
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    def cell(value):
        value = without_formula(value)
        return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value

    book = Workbook(write_only=True)
    for title, headings, rows in sheets:
        sheet = book.create_sheet(title)
        for row in itertools.chain([headings], rows):
            sheet.append([cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the caller
    book.save(file)
    file.seek(0)
    return file


PLAIN = re.compile(r"(\w[^;|\t\r\n]*)?")  # most cells: empty, or one part that starts with a letter or digit
FORMULA = "=+-@"
INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # kinds of characters that a spreadsheet skips or drops


def without_formula(cell):
    """Escape a cell so that no spreadsheet reads it as a formula, even with another delimiter than ours."""
    if isinstance(cell, int | float):
        return cell
    text = str(cell)
    if PLAIN.fullmatch(text):
        return text
    return "".join(f"'{part}" if is_formula(part) else part for part in re.split(r"(?<=[;|\t\r\n])", text))


def is_formula(text: str) -> bool:
    """Return True if the first visible character starts a formula, in any width, or a tab or control comes first."""
    if text[:1] and text[0] in "\t\r\0":
        return True
    first = next((char for char in text if unicodedata.category(char) not in INVISIBLE), "")
    return unicodedata.normalize("NFKC", first)[:1] in (*FORMULA, "\u2212") if first else False
