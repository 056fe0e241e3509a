"""Topic packs: one topic each, with an agenda, questions, practices, private entries to write and a worked example.

Twelve are built in, in English in packs/ and in other languages in packs/<language>/ under the same name. A program
can change or leave out any of them and add its own, in its program file.
"""

from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from core.hooks import Hook
from mentoring.models import Program
from sessions.models import TemplateBlock
from sessions.yaml_reader import InvalidFile, Reader, compose, read_agenda

PACK = "pack/1"
SHIPPED = Path(__file__).parent / "packs"
MOST = 60
MOST_ENTRIES = 3

# () -> the kinds of private entries that a pack can offer by name, each with its `new` (of a button) and its `icon`
kinds_of_entries = Hook(dict)


@dataclass(frozen=True)
class Pack:
    """One topic: an agenda, questions, practices, a worked example, and private entries that each person can start.

    Each of `entries` has its `kind`, such as a prepared hard conversation, and in one sentence what it is for.
    """

    key: str
    title: str
    about: str
    agenda: dict
    questions: list[str]
    practices: list[dict]
    example: str
    entries: list[dict] = field(default_factory=list)

    @property
    def blocks(self) -> list[TemplateBlock]:
        return [TemplateBlock(position=n, **block) for n, block in enumerate(self.agenda["blocks"])]


def pack_parts(reader: Reader) -> dict:
    """Return the function that reads each part of a pack."""
    practice = {"do": lambda n: reader.text(n, 500), "done_when": lambda n: reader.text(n, 300)}
    return {
        "key": reader.key,
        "title": lambda n: reader.text(n, 100),
        "about": lambda n: reader.text(n, 300),
        "agenda": lambda n: read_agenda(reader, n, with_kind=False),
        "questions": lambda n: reader.items(n, reader.text),
        "practices": lambda n: reader.items(n, lambda v: reader.mapping(v, practice, ("do", "done_when"))),
        "example": lambda n: reader.text(n, 3000),
        "entries": lambda n: read_entries(reader, n),
    }


def needed(parts: dict) -> tuple[str, ...]:
    """Return the names of the parts that a file must have; files of earlier versions have no entries."""
    return tuple(name for name in parts if name != "entries")


def read_entries(reader: Reader, node) -> list[dict]:
    """Read the private entries that a pack offers, each kind once."""
    known = {"kind": lambda n: reader.choice(n, kinds_of_entries.ask()), "what_for": lambda n: reader.text(n, 200)}
    rows = reader.items(node, lambda n: reader.mapping(n, known, tuple(known)), MOST_ENTRIES)
    kinds = [row.get("kind") for row in rows]
    for kind in sorted({kind for kind in kinds if kind and kinds.count(kind) > 1}):
        reader.add_error(node, _("“%(name)s” appears twice.") % {"name": kind})
    return rows


def read_pack(text: str) -> Pack:
    """Read a pack's file. Raises InvalidFile with every error and its line."""
    reader, node = Reader(), compose(text)
    parts = {"throughline": lambda n: reader.choice(n, (PACK,))} | pack_parts(reader)
    values = reader.mapping(node, parts, needed(parts))
    if reader.errors:
        raise InvalidFile(reader.errors)
    del values["throughline"]
    return Pack(**values)


def read_packs(reader: Reader, node) -> list[dict]:
    """Read the packs in a program's file, as they are stored."""
    parts = pack_parts(reader)
    return reader.items(node, lambda n: reader.mapping(n, parts, needed(parts)), MOST)


@cache
def shipped(language: str) -> dict[str, Pack]:
    """Return the built-in packs by key, in this language, or in English where there is no translation."""
    paths = {path.name: path for folder in (SHIPPED, SHIPPED / language) for path in sorted(folder.glob("*.yaml"))}
    found = [read_pack(path.read_text(encoding="utf-8")) for path in paths.values()]
    return {pack.key: pack for pack in found}


def packs_of(program: Program) -> dict[str, Pack]:
    """Return the packs of a program by key, in its language, ordered by title."""
    usual = shipped(program.spoken_language)
    own = {
        values["key"]: Pack(**entries_of(usual.get(values["key"])) | values) for values in program.packs.get("own", [])
    }
    left_out = set(program.packs.get("left_out", []))
    found = [pack for key, pack in (usual | own).items() if key not in left_out]
    return {pack.key: pack for pack in sorted(found, key=lambda pack: (pack.title, pack.key))}


def entries_of(pack: Pack | None) -> dict:
    return {"entries": pack.entries if pack else []}


def completed(packs: list[dict], program: Program) -> list[dict]:
    """Return the packs of a file with the entries that it leaves out, as the program has them by now."""
    now = shipped(program.spoken_language) | packs_of(program)
    return [entries_of(now.get(pack["key"])) | pack for pack in packs]


def as_stored(packs: list[dict], program: Program) -> dict:
    """Return the packs of a file as the program stores them: its own or changed ones, and what is left out."""
    usual = {key: asdict(pack) for key, pack in shipped(program.spoken_language).items()}
    own = [pack for pack in completed(packs, program) if usual.get(pack["key"]) != pack]
    left_out = sorted(usual.keys() - {pack["key"] for pack in packs})
    return {name: value for name, value in (("own", own), ("left_out", left_out)) if value}
