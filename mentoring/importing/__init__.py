"""Import of people from a file: a preview line by line, then all of it or nothing (docs/rules.md, import).

`check` reads and `carry_out` writes; both see the same lines. Importing the same file twice changes nothing.
"""

from mentoring.importing.files import read_again, read_in_worker, take
from mentoring.importing.lines import Line, Reader
from mentoring.importing.report import Report, check
from mentoring.importing.writing import carry_out

__all__ = ["Line", "Reader", "Report", "carry_out", "check", "read_again", "read_in_worker", "take"]
