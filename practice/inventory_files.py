"""The built-in inventories: practice/inventories/<name>-<number>.yaml in English, and in a folder for each language.

A file that people have answered is never edited: a changed inventory is a new file with the next number, and the old
one stays for the answers to it. A statement keeps its key as long as its English text stays the same. The inventories
of programs are in the database (models/program_inventory.py).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.optimistic_locking import fingerprint

FILES = Path(__file__).parent / "inventories"


@dataclass(frozen=True)
class Statement:
    key: str
    text: str


@dataclass(frozen=True)
class Theme:
    key: str
    title: str
    statements: list[Statement]


@dataclass(frozen=True)
class Inventory:
    """A list of statements by theme, in one language.

    `source` names the file, "strengths-1", or the version of a program's own inventory, "p12-3".
    """

    source: str
    title: str
    about: str
    themes: list[Theme]
    least: str = ""  # what 1 means; empty: the usual words
    most: str = ""  # what 5 means

    @property
    def name(self) -> str:
        return self.source.rpartition("-")[0]

    @property
    def number(self) -> int:
        return int(self.source.rpartition("-")[2])

    @property
    def ends(self) -> tuple[str, str]:
        """What 1 and 5 mean."""
        return self.least or _("almost never"), self.most or _("almost always")

    @property
    def statements(self) -> list[Statement]:
        return [statement for theme in self.themes for statement in theme.statements]


@cache
def read(source: str, language: str) -> Inventory:
    """Return the inventory of this source in a language, or in English if it is not translated."""
    english = yaml.safe_load((FILES / f"{source}.yaml").read_text(encoding="utf-8"))
    path = FILES / language / f"{source}.yaml"
    spoken = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else english
    themes = [
        Theme(
            fingerprint(theme),
            title,
            [Statement(fingerprint(text), words) for text, words in zip(texts, words_of_theme, strict=True)],
        )
        for (theme, texts), (title, words_of_theme) in zip(
            english["themes"].items(), spoken["themes"].items(), strict=True
        )
    ]
    return Inventory(source, spoken["title"], spoken["about"], themes)


@cache
def sources() -> tuple[str, ...]:
    """Return every source, the older ones too."""
    return tuple(sorted(path.stem for path in FILES.glob("*.yaml")))


def inventory(source: str) -> Inventory | None:
    """Return the inventory of this source in the language of the reader."""
    return read(source, (get_language() or "en").partition("-")[0]) if source in sources() else None


def newest() -> list[Inventory]:
    """Return the newest number of each inventory."""
    found: dict[str, Inventory] = {}
    for source in sources():
        one = inventory(source)
        if one.name not in found or found[one.name].number < one.number:
            found[one.name] = one
    return sorted(found.values(), key=lambda one: one.title)
