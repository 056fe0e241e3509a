"""Tables that leave: CSV files for spreadsheets."""

import csv
from collections.abc import Iterable, Iterator

from django.http import HttpResponse, StreamingHttpResponse


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


def harmless(cell):
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, int | float):
        return cell
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
