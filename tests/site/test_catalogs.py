"""Tests of the catalogs in locale/: complete, reviewed, with the same placeholders, and compiled.

`scripts/catalogs check` compares them with the texts in the code; it needs GNU gettext.
"""

import ast
import gettext
import re

import pytest
from django.conf import settings

from sessions.topic_packs import SHIPPED, shipped

CATALOGS = sorted(path.parent for path in (settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\((\w+)\)|{(\w*)}|%%")
TAG = re.compile(r"</?[a-z][^>]*>")
PACK_LANGUAGES = sorted(path.name for path in SHIPPED.iterdir() if path.is_dir())


def entries(folder) -> list[dict]:
    """Return the entries of a catalog as {"msgid": …, "msgstr[0]": …}, with "flags", without its header."""
    found = []
    for block in (folder / "django.po").read_text(encoding="utf-8").split("\n\n"):
        entry, keyword = {"flags": ""}, ""
        for line in block.splitlines():
            if line.startswith("#"):
                entry["flags"] += line if line.startswith("#,") else ""
                continue
            if match := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
                keyword, line = match[1], match[2]
            entry[keyword] = entry.get(keyword, "") + ast.literal_eval(line)
        if entry.get("msgid"):
            found.append(entry)
    return found


def translations(entry: dict) -> list[str]:
    return [text for keyword, text in entry.items() if keyword.startswith("msgstr")]


def parts(pattern: re.Pattern, text: str) -> set[str]:
    return {match[0] for match in pattern.finditer(text)} - {"%%"}


@pytest.mark.parametrize("folder", CATALOGS, ids=lambda folder: folder.parent.name)
def test_every_text_of_a_catalog_is_translated(folder):
    rows = entries(folder)
    assert len(rows) > 3000
    assert [row["msgid"] for row in rows if "fuzzy" in row["flags"] or not all(translations(row))] == []


@pytest.mark.parametrize("folder", CATALOGS, ids=lambda folder: folder.parent.name)
def test_translations_have_the_placeholders_and_tags_of_the_text(folder):
    wrong = []
    for row in entries(folder):
        texts = [text for text in (row["msgid"], row.get("msgid_plural")) if text]
        for pattern in (PLACEHOLDER, TAG):
            known = set().union(*(parts(pattern, text) for text in texts))
            needed = set.intersection(*(parts(pattern, text) for text in texts))
            wrong += [(row["msgid"], text) for text in translations(row) if not needed <= parts(pattern, text) <= known]
    assert wrong == []


@pytest.mark.parametrize("folder", CATALOGS, ids=lambda folder: folder.parent.name)
def test_the_compiled_catalog_has_every_translation(folder):
    with open(folder / "django.mo", "rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    for row in entries(folder):
        key = f"{row['msgctxt']}\x04{row['msgid']}" if "msgctxt" in row else row["msgid"]
        if "msgid_plural" in row:
            assert [compiled[key, n] for n in range(len(translations(row)))] == translations(row)
        else:
            assert compiled[key] == row["msgstr"]
    assert len({key[0] if isinstance(key, tuple) else key for key in compiled} - {""}) == len(entries(folder))


def test_translated_topic_packs_have_the_same_parts():
    """Only texts differ: the agendas have the same blocks, and there are as many questions and practices."""

    def shape(pack) -> dict:
        blocks = [(block["type"], block["role"], block["minutes"]) for block in pack.agenda["blocks"]]
        kinds = [entry["kind"] for entry in pack.entries]
        return {"blocks": blocks, "entries": kinds, "questions": len(pack.questions), "practices": len(pack.practices)}

    english = shipped("en")
    for language in PACK_LANGUAGES:
        own = shipped(language)
        assert {path.name for path in (SHIPPED / language).iterdir()} == {path.name for path in SHIPPED.glob("*.yaml")}
        assert {key: shape(pack) for key, pack in own.items()} == {key: shape(pack) for key, pack in english.items()}
        assert not [key for key in own if own[key].about == english[key].about]
