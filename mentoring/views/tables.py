"""Tables that leave: CSV and XLSX files."""

import csv
import itertools
import tempfile
from collections.abc import Iterable, Iterator

from django.http import FileResponse, HttpResponse, StreamingHttpResponse


class Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def table_lines(headings: Iterable[str], rows: Iterable[list]) -> Iterator[str]:
    writer = csv.writer(Line())
    yield "\ufeff" + writer.writerow(map(harmless, headings))
    for row in rows:
        yield writer.writerow(map(harmless, row))


def table_response(name: str, headings, rows, streamed: bool = False) -> HttpResponse | StreamingHttpResponse:
    """A CSV file that spreadsheets open with the right letters. Streamed, its rows must not depend on the language."""
    kind = StreamingHttpResponse if streamed else HttpResponse
    response = kind(table_lines(headings, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def workbook_response(name: str, title: str, headings, rows) -> FileResponse:
    """An XLSX file. Its rows are written to disk as they are read, so that memory does not grow with them."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    def cell(value):
        value = harmless(value)
        return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in itertools.chain([headings], rows):
        sheet.append([cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    book.save(file)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=name)
    response.headers["Content-Type"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response.headers["Cache-Control"] = "no-store"
    return response


def harmless(cell):
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, int | float):
        return cell
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
