"""Topic packs: one topic each, with an agenda, questions, practices and a worked example.

Twelve are built in, in English in packs/ and in other languages in packs/<language>/ under the same name. A program
can change or leave out any of them and add its own, in its program file.
"""

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mentoring.models import Program
from sessions.models import TemplateBlock
from sessions.yaml_reader import InvalidFile, Reader, compose, read_agenda

PACK = "pack/1"
SHIPPED = Path(__file__).parent / "packs"
MOST = 60


@dataclass(frozen=True)
class Pack:
    """One topic: an agenda, questions, practices and a worked example."""

    key: str
    title: str
    about: str
    agenda: dict
    questions: list[str]
    practices: list[dict]
    example: str

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
    }


def read_pack(text: str) -> Pack:
    """Read a pack's file. Raises InvalidFile with every error and its line."""
    reader, node = Reader(), compose(text)
    parts = {"throughline": lambda n: reader.choice(n, (PACK,))} | pack_parts(reader)
    values = reader.mapping(node, parts, tuple(parts))
    if reader.errors:
        raise InvalidFile(reader.errors)
    del values["throughline"]
    return Pack(**values)


def read_packs(reader: Reader, node) -> list[dict]:
    """Read the packs in a program's file, as they are stored."""
    parts = pack_parts(reader)
    return reader.items(node, lambda n: reader.mapping(n, parts, tuple(parts)), MOST)


@cache
def shipped(language: str) -> dict[str, Pack]:
    """Return the built-in packs by key, in this language, or in English where there is no translation."""
    paths = {path.name: path for folder in (SHIPPED, SHIPPED / language) for path in sorted(folder.glob("*.yaml"))}
    found = [read_pack(path.read_text(encoding="utf-8")) for path in paths.values()]
    return {pack.key: pack for pack in found}


def packs_of(program: Program) -> dict[str, Pack]:
    """Return the packs of a program by key, in its language, ordered by title."""
    own = {values["key"]: Pack(**values) for values in program.packs.get("own", [])}
    left_out = set(program.packs.get("left_out", []))
    found = [pack for key, pack in (shipped(program.spoken_language) | own).items() if key not in left_out]
    return {pack.key: pack for pack in sorted(found, key=lambda pack: (pack.title, pack.key))}


def as_stored(packs: list[dict], language: str) -> dict:
    """Return these packs as a program of this language stores them.

    These are its own or changed ones, and the built-in ones it leaves out.
    """
    usual = {key: asdict(pack) for key, pack in shipped(language).items()}
    own = [pack for pack in packs if usual.get(pack["key"]) != pack]
    left_out = sorted(usual.keys() - {pack["key"] for pack in packs})
    return {name: value for name, value in (("own", own), ("left_out", left_out)) if value}
