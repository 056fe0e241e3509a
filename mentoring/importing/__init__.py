"""Import of people from a file: a preview line by line, then all of it or nothing (docs/rules.md, import).

`check` reads and `import_people` writes; both see the same lines. Importing the same file twice changes nothing.
"""

from mentoring.importing.line_reader import Line, LineReader
from mentoring.importing.report import Report, check
from mentoring.importing.upload import create_run, read_in_worker, reread
from mentoring.importing.writer import import_people

__all__ = ["Line", "LineReader", "Report", "check", "create_run", "import_people", "read_in_worker", "reread"]
