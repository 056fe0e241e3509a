"""Hypothesis strategies that damage valid input: most of it is still valid, so that it reaches deep into a parser."""

import time
from contextlib import contextmanager

from hypothesis import strategies as st

try:
    import resource
except ImportError:  # Windows
    resource = None

MOST_SECONDS, MOST_MB = 2, 200
# What parsers stumble over: separators, quotes, escapes, other encodings, huge numbers, control characters.
PIECES = [
    *(
        b"",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\r",
        b"\n",
        b"\t",
        b",",
        b";",
        b'"',
        b"'",
        b"\\",
        b"&",
        b"<",
    ),
    *(
        b">",
        b"[",
        b"]",
        b"{",
        b"}",
        b"!!python/object:os.system",
        b"&a",
        b"*a",
        b"<<: ",
        b"- ",
        b": ",
        b"|",
        b"#",
        b"%",
    ),
    *(
        b"9" * 40,
        b"-1",
        b"1e400",
        b"NaN",
        b"\xe2\x80\xae",
        b"\xf0\x9f\x91\xa9",
        b"=cmd|",
        b"]]>",
        b"<!DOCTYPE a>",
        b".",
    ),
    *(b":" * 9, b"([" * 200, b" " * 300, b"x" * 3_000),
]
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(PIECES) | st.binary(max_size=8)), max_size=6
)


def damaged(valid: bytes, edits: list[tuple[float, int, bytes]], longest: int = 60_000) -> bytes:
    """Return the content with a piece cut out and another put in at each place, from 0 at its start to 1 at its end."""
    for place, cut, piece in edits:
        at = int(place * len(valid))
        valid = valid[:at] + piece + valid[at + cut :]
    return valid[:longest]


@contextmanager
def within_limits():
    """Fail if what is done takes more than two seconds of this process, or 200 MB more than it had at its most."""
    started, before = time.process_time(), peak()
    yield
    assert time.process_time() - started < MOST_SECONDS
    assert peak() - before < MOST_MB


def peak() -> float:
    """Return the most megabytes that this process has used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 if resource else 0
