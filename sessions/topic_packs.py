"""Topic packs: one topic each, with an agenda, questions, practices and a worked example.

Twelve come with the product. A program may change them, leave some out and add its own, in its file.
"""

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mentoring.models import Program
from sessions.models import TemplateBlock
from sessions.yaml_reader import Reader, Wrong, compose, read_agenda

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


def known(reader: Reader) -> dict:
    """How each part of a pack is read."""
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
    """A pack's file. Raises Wrong with every error at its line."""
    reader, node = Reader(), compose(text)
    parts = {"throughline": lambda n: reader.choice(n, (PACK,))} | known(reader)
    said = reader.mapping(node, parts, tuple(parts))
    if reader.errors:
        raise Wrong(reader.errors)
    del said["throughline"]
    return Pack(**said)


def read_packs(reader: Reader, node) -> list[dict]:
    """The packs within a program's file, as they are stored."""
    parts = known(reader)
    return reader.items(node, lambda n: reader.mapping(n, parts, tuple(parts)), MOST)


@cache
def shipped() -> dict[str, Pack]:
    """Those that come with the product, by key."""
    found = [read_pack(path.read_text(encoding="utf-8")) for path in sorted(SHIPPED.glob("*.yaml"))]
    return {pack.key: pack for pack in found}


def packs_of(program: Program) -> dict[str, Pack]:
    """What a program offers, by key, in the order of the titles."""
    own = {said["key"]: Pack(**said) for said in program.packs.get("own", [])}
    left_out = set(program.packs.get("left_out", []))
    found = [pack for key, pack in (shipped() | own).items() if key not in left_out]
    return {pack.key: pack for pack in sorted(found, key=lambda pack: (pack.title, pack.key))}


def own_of(packs: list[dict]) -> dict:
    """These packs as a program keeps them: those unlike the shipped ones, and which of those it leaves out."""
    usual = {key: asdict(pack) for key, pack in shipped().items()}
    own = [said for said in packs if usual.get(said["key"]) != said]
    left_out = sorted(usual.keys() - {said["key"] for said in packs})
    return {name: value for name, value in (("own", own), ("left_out", left_out)) if value}
