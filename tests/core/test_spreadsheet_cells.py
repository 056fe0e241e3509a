"""No cell of a table that leaves is a formula, however it is disguised and wherever the line is divided."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentoring.csv_export import harmless


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "﹦1",
        "\u200b=1+1",
        "\ufeff=1",
        "  =1",
        "\u00a0@x",
        "\u202e=1",
        "\t=1",
        "\0=1",
        "\r=1",
    ],
)
def test_formulas_in_any_width_and_behind_what_is_not_seen(cell):
    assert harmless(cell).startswith("'")


@pytest.mark.parametrize("between", [";", "\t", "|", "\n", "\r\n"])
def test_a_cell_that_another_program_divides_holds_no_formula(between):
    assert harmless(f"x{between}=1+1") == f"x{between}'=1+1"
    assert harmless(f"x{between} ＠y{between}ok").endswith(f"' ＠y{between}ok")


def test_plain_text_and_numbers_stay():
    for cell in ("Ada Lind", "a = b", "x; y", "3 - 4", "清水 稔", "Zoe\u0301", -5, 1.5, ""):
        assert harmless(cell) == cell


@given(st.text(max_size=40))
def test_nothing_else_gets_through(text):
    for part in re.split(r"(?<=[;|\t\r\n])", harmless(text)):
        seen = [letter for letter in part if unicodedata.category(letter) not in ("Cc", "Cf", "Zs", "Zl", "Zp")]
        assert not seen or unicodedata.normalize("NFKC", seen[0])[:1] not in ("=", "+", "-", "@")
