"""Reads a spreadsheet in a separate process with memory and CPU limits, since a broken file may exceed them.

Run as a script: it reads the file from stdin and prints its sheets as JSON. The arguments are the limits.
"""

import datetime
import io
import json
import sys

import python_calamine

MEMORY = 512 * 1024 * 1024
MAX_TEXT = 40_000_000  # characters of all sheets together


def limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # no such limits on Windows; there the caller's timeout is left
        return
    for kind, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        _soft, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def text(cell, longest: int) -> str:
    """Return the text of a cell: whole numbers without decimals, dates as year-month-day."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    return str(cell)[: longest + 1]


def rows_of(sheet, most_rows: int, most_columns: int, longest: int) -> dict:
    """Return the rows that are not empty with their numbers, and whether the sheet exceeds the limits."""
    rows, columns = [], 0
    first_column = sheet.start[1] if sheet.start else 0
    before = [""] * min(first_column, most_columns)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        while cells and cells[-1] in ("", None):
            cells.pop()
        if not cells:
            continue
        columns = max(columns, first_column + len(cells))
        if len(rows) > most_rows or columns > most_columns:
            return {"rows": rows, "many_rows": len(rows) > most_rows, "many_columns": columns > most_columns}
        rows.append([number, [*before, *("" if cell is None else text(cell, longest) for cell in cells)]])
    return {"rows": rows, "many_rows": False, "many_columns": False}


def read(content: bytes, *limits: int) -> dict:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets, size = [], 0
        for sheet in book.sheets_metadata:
            if sheet.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            found = rows_of(book.get_sheet_by_name(sheet.name), *limits)
            hidden = sheet.visible != python_calamine.SheetVisibleEnum.Visible
            size += sum(len(cell) + 1 for _number, cells in found["rows"] for cell in cells)
            if size > MAX_TEXT:
                return {"error": "large"}
            sheets.append({"name": sheet.name, "hidden": hidden, **found})
        return {"sheets": sheets}
    except python_calamine.PasswordError:
        return {"error": "password"}
    except MemoryError:
        return {"error": "large"}
    except Exception:  # whatever a broken file makes the library raise
        return {"error": "broken"}


if __name__ == "__main__":
    seconds, *limits = map(int, sys.argv[1:])
    limit(seconds)
    json.dump(read(sys.stdin.buffer.read(), *limits), sys.stdout)
