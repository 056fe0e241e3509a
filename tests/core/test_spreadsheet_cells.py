"""No exported cell is read as a formula by a spreadsheet program."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentoring.csv_export import without_formula


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
def test_formulas_are_escaped_despite_wide_or_invisible_characters(cell):
    assert without_formula(cell).startswith("'")


@pytest.mark.parametrize("between", [";", "\t", "|", "\n", "\r\n"])
def test_formulas_behind_other_delimiters_are_escaped(between):
    assert without_formula(f"x{between}=1+1") == f"x{between}'=1+1"
    assert without_formula(f"x{between} ＠y{between}ok").endswith(f"' ＠y{between}ok")


def test_plain_text_and_numbers_stay_unchanged():
    for cell in ("Ada Lind", "a = b", "x; y", "3 - 4", "清水 稔", "Zoe\u0301", -5, 1.5, ""):
        assert without_formula(cell) == cell


@given(st.text(max_size=40))
def test_no_text_becomes_a_formula(text):
    for part in re.split(r"(?<=[;|\t\r\n])", without_formula(text)):
        visible = [
            character for character in part if unicodedata.category(character) not in ("Cc", "Cf", "Zs", "Zl", "Zp")
        ]
        assert not visible or unicodedata.normalize("NFKC", visible[0])[:1] not in ("=", "+", "-", "@")
