"""Programs and topic packs as files that people read, change and pass on: YAML, with every error at its line.

A program file holds what a program's admin can set: rhythm, weights of pairing, priorities, abilities, agendas. It
never holds people or what they wrote. What it leaves out stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEvent
from goals.models import Competency, Priority
from mentoring.matching import WEIGHTS
from mentoring.models import Cadence, Program
from mentoring.reminder_plan import MAY_BE_SILENT
from mentoring.thresholds import THRESHOLDS, in_force, out_of_order
from sessions import question_bank
from sessions.agendas import ensure_templates
from sessions.models import AgendaTemplate, TemplateBlock
from sessions.models.template import BlockRole, BlockType
from sessions.program_rules import RULES, change_rules, rules_of

MOST_BYTES = 256 * 1024
PROGRAM, PACK = "program/1", "pack/1"
PACKS = Path(__file__).parent / "packs"


class Wrong(Exception):
    """The file says what cannot be; `errors` are sentences, each with its line."""

    def __init__(self, errors: list[str]):
        super().__init__("\n".join(errors))
        self.errors = errors


# --- Reading with lines ---


@dataclass
class Reader:
    """Walks through the nodes of a file and collects what is wrong, each with its line."""

    errors: list[str] = field(default_factory=list)

    def wrong(self, node, text: str) -> None:
        self.errors.append(_("Line %(n)s: %(text)s") % {"n": node.start_mark.line + 1, "text": text})

    def mapping(self, node, known: dict[str, Callable], needed: tuple[str, ...] = ()) -> dict:
        """A mapping whose keys are all known, each read by its own function."""
        found = {}
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, _("here something like “name: value” is expected."))
            return found
        for key, value in node.value:
            name = str(getattr(key, "value", ""))
            if name not in known:
                self.wrong(
                    key,
                    _("“%(name)s” is not known here. Known are: %(known)s.")
                    % {"name": name, "known": ", ".join(known)},
                )
            elif name in found:
                self.wrong(key, _("“%(name)s” stands here twice.") % {"name": name})
            else:
                found[name] = known[name](value)
        for name in needed:
            if name not in found:
                self.wrong(node, _("“%(name)s” is missing.") % {"name": name})
        return found

    def items(self, node, read: Callable, most: int = 60) -> list:
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, _("here a list is expected, each entry on its own line with “-”."))
            return []
        if len(node.value) > most:
            self.wrong(node, _("at most %(n)s entries.") % {"n": most})
        return [read(one) for one in node.value[:most]]

    def text(self, node, most: int = 300, least: int = 1) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, _("here a text is expected."))
            return ""
        value = node.value.strip()
        if not least <= len(value) <= most or "\0" in value:
            self.wrong(node, _("a text of %(least)s to %(n)s letters is expected.") % {"least": least, "n": most})
        return value

    def number(self, node, least: int, most: int) -> int:
        value = getattr(node, "value", "")
        if (
            isinstance(value, str)
            and value.isascii()
            and value.isdigit()
            and len(value) < 6
            and least <= int(value) <= most
        ):
            return int(value)
        self.wrong(node, _("a number from %(a)s to %(b)s is expected.") % {"a": least, "b": most})
        return least

    def choice(self, node, choices) -> str:
        value = str(getattr(node, "value", ""))
        if value not in choices:
            self.wrong(node, _("one of these is expected: %(choices)s.") % {"choices": ", ".join(choices)})
        return value

    def yes_no(self, node) -> bool:
        return self.choice(node, ("true", "false")) == "true"


def compose(text: str):
    """The nodes of a file. Raises Wrong for what is no YAML, too large, or refers to itself."""
    if len(text.encode()) > MOST_BYTES:
        raise Wrong([_("This file is larger than 256 KB.")])
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                raise Wrong([_("Line %(n)s: references (& and *) are not read.") % {"n": token.start_mark.line + 1}])
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        why = getattr(error, "problem", None) or _("this cannot be read")
        raise Wrong([_("Line %(n)s: %(text)s") % {"n": line, "text": f"{why}."}]) from error
    except RecursionError as error:
        raise Wrong([_("This file is nested too deeply.")]) from error
    if node is None:
        raise Wrong([_("This file is empty.")])
    return node


def read_agenda(reader: Reader, node, with_kind: bool = True) -> dict:
    """Blocks whose minutes add up to the length of the session."""
    known = {
        "minutes": lambda n: reader.number(n, 15, 240),
        "blocks": lambda n: reader.items(n, lambda b: read_block(reader, b), 20),
    }
    needed = ("minutes", "blocks")
    if with_kind:
        known |= {"kind": lambda n: reader.choice(n, AgendaTemplate.Kind.values), "name": lambda n: reader.text(n, 100)}
        needed += ("kind", "name")
    found = reader.mapping(node, known, needed)
    total = sum(block.get("minutes", 0) for block in found.get("blocks", []))
    if "minutes" in found and "blocks" in found and total != found["minutes"]:
        said = _("the blocks take %(total)s minutes, the agenda %(minutes)s.")
        reader.wrong(node, said % {"total": total, "minutes": found["minutes"]})
    return found


def read_thresholds(reader: Reader, node) -> dict[str, int]:
    """Numbers in their bounds, of which none speaks before the one it follows."""
    known = {name: lambda n, one=one: reader.number(n, one.least, one.most) for name, one in THRESHOLDS.items()}
    found = reader.mapping(node, known)
    for first, then in out_of_order(in_force(found)):
        reader.wrong(node, _("%(then)s would speak before %(first)s.") % {"then": then, "first": first})
    return found


def read_questions(reader: Reader, node) -> dict[str, list[str]]:
    """For each kind of block its questions, in place of the usual ones."""

    def texts(n):
        return list(dict.fromkeys(reader.items(n, lambda v: reader.text(v, question_bank.LONGEST), question_bank.MOST)))

    return reader.mapping(node, dict.fromkeys(BlockType.values, texts))


def read_block(reader: Reader, node) -> dict:
    known = {
        "type": lambda n: reader.choice(n, BlockType.values),
        "role": lambda n: reader.choice(n, BlockRole.values),
        "title": lambda n: reader.text(n, 100),
        "minutes": lambda n: reader.number(n, 1, 240),
        "question": lambda n: reader.text(n, 300),
    }
    return reader.mapping(node, known, ("type", "role", "title", "minutes"))


# --- A program ---


def export(program: Program) -> str:
    """The program's settings as a file."""
    ensure_templates(program)
    templates = program.agenda_templates.in_order().prefetch_related("blocks")
    said = {
        "throughline": PROGRAM,
        "cadence": str(program.cadence),
        "minutes": program.minutes,
        "mentees_choose": program.mentees_choose,
        "weights": dict(WEIGHTS) | program.match_weights,
        **rules_of(program),
        "priorities": list(Priority.objects.filter(program=program).current().values_list("title", flat=True)),
        "abilities": list(Competency.objects.filter(program=program).current().values_list("title", flat=True)),
        "agendas": [
            {"kind": t.kind, "minutes": t.minutes, "name": t.name, "blocks": [as_block(b) for b in t.blocks.all()]}
            for t in templates
        ],
    }
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=110)


def as_block(block: TemplateBlock) -> dict:
    said = {name: getattr(block, name) for name in ("type", "role", "title", "minutes", "question")}
    return {name: value for name, value in said.items() if value != ""}


def read_program(text: str) -> dict:
    """What a program file says. Raises Wrong with every error at its line."""
    reader, node = Reader(), compose(text)
    known = {
        "throughline": lambda n: reader.choice(n, (PROGRAM,)),
        "cadence": lambda n: reader.choice(n, Cadence.values),
        "minutes": lambda n: reader.number(n, 15, 240),
        "mentees_choose": reader.yes_no,
        "weights": lambda n: reader.mapping(n, {name: lambda v: reader.number(v, 0, 100) for name in WEIGHTS}),
        "thresholds": lambda n: read_thresholds(reader, n),
        "silent_kinds": lambda n: reader.items(n, lambda v: reader.choice(v, MAY_BE_SILENT)),
        "norms": lambda n: reader.text(n, 2000, least=0),
        "questions": lambda n: read_questions(reader, n),
        "priorities": lambda n: reader.items(n, lambda v: reader.text(v, 120)),
        "abilities": lambda n: reader.items(n, lambda v: reader.text(v, 120)),
        "agendas": lambda n: reader.items(n, lambda v: read_agenda(reader, v), 30),
    }
    said = reader.mapping(node, known, ("throughline",))
    twice = [(a.get("kind"), a.get("minutes")) for a in said.get("agendas", [])]
    if len(set(twice)) < len(twice):
        reader.wrong(node, _("two agendas are of the same kind and length."))
    if said.get("weights") and not any((dict(WEIGHTS) | said["weights"]).values()):
        reader.wrong(node, _("something has to count in pairing."))
    if reader.errors:
        raise Wrong(reader.errors)
    return said


def changes(program: Program, said: dict) -> list[str]:
    """What bringing this file in would change, in words."""
    found, now = [], yaml.safe_load(export(program))
    for name in ("cadence", "minutes", "mentees_choose"):
        if name in said and said[name] != now[name]:
            found.append(_("%(name)s: %(old)s becomes %(new)s") % {"name": name, "old": now[name], "new": said[name]})
    if said.get("weights") and now["weights"] | said["weights"] != now["weights"]:
        found.append(_("other weights in pairing"))
    if said.get("norms", now["norms"]) != now["norms"]:
        found.append(_("another text for how they work together, for agreements from now on"))
    for name, whole in (("thresholds", in_force), ("questions", question_bank.in_force)):
        for key, value in whole(said[name]).items() if name in said else ():
            if value != now[name][key]:
                words = {"name": f"{name} {key}", "old": in_words(now[name][key]), "new": in_words(value)}
                found.append(_("%(name)s: %(old)s becomes %(new)s") % words)
    for kind in sorted(set(said.get("silent_kinds", now["silent_kinds"])) ^ set(now["silent_kinds"])):
        words, off = {"what": MAY_BE_SILENT[kind]}, kind in said["silent_kinds"]
        found.append((_("no longer sent: %(what)s") if off else _("sent again: %(what)s")) % words)
    for name in ("priorities", "abilities"):
        for title in [title for title in said.get(name, now[name]) if title not in now[name]]:
            found.append(_("%(name)s: “%(title)s” is new") % {"name": name, "title": title})
        for title in [title for title in now[name] if title not in said.get(name, now[name])]:
            found.append(_("%(name)s: “%(title)s” is taken off") % {"name": name, "title": title})
    agendas = {(a["kind"], a["minutes"]): a for a in now["agendas"]}
    for agenda in said.get("agendas", []):
        before = agendas.get((agenda["kind"], agenda["minutes"]))
        if before is None:
            found.append(_("agenda “%(name)s” is new") % {"name": agenda["name"]})
        elif before != agenda:
            found.append(_("agenda “%(name)s” changes") % {"name": agenda["name"]})
    return found


def in_words(value) -> str:
    if isinstance(value, list):
        return ngettext("%(n)s question", "%(n)s questions", len(value)) % {"n": len(value)}
    return str(value)


def bring_in(program: Program, said: dict, by) -> None:
    """Apply a file that was read, all of it in one transaction. Sessions that are planned keep their agendas."""
    with transaction.atomic():
        ensure_templates(program)
        for name in ("cadence", "minutes", "mentees_choose"):
            setattr(program, name, said.get(name, getattr(program, name)))
        program.match_weights = program.match_weights | said.get("weights", {})
        program.save()
        change_rules(program, by, {name: said[name] for name in RULES if name in said})
        for name, model in (("priorities", Priority), ("abilities", Competency)):
            if name in said:
                for row in model.objects.filter(program=program).current().exclude(title__in=said[name]):
                    row.take_off()
                for title in said[name]:
                    model.put_on_the_list(program, title)
        for agenda in said.get("agendas", []):
            template, _made = AgendaTemplate.objects.get_or_create(
                program=program, kind=agenda["kind"], minutes=agenda["minutes"], defaults={"name": agenda["name"]}
            )
            template.reshape(agenda["name"], [TemplateBlock(**block) for block in agenda["blocks"]])
        AuditEvent.record(by, "program file brought in", program)


# --- Topic packs ---


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


def read_pack(text: str) -> Pack:
    """A pack's file. Raises Wrong with every error at its line."""
    reader, node = Reader(), compose(text)
    practice = {"do": lambda n: reader.text(n, 500), "done_when": lambda n: reader.text(n, 300)}
    known = {
        "throughline": lambda n: reader.choice(n, (PACK,)),
        "key": lambda n: reader.text(n, 60),
        "title": lambda n: reader.text(n, 100),
        "about": lambda n: reader.text(n, 300),
        "agenda": lambda n: read_agenda(reader, n, with_kind=False),
        "questions": lambda n: reader.items(n, reader.text),
        "practices": lambda n: reader.items(n, lambda v: reader.mapping(v, practice, ("do", "done_when"))),
        "example": lambda n: reader.text(n, 3000),
    }
    said = reader.mapping(node, known, tuple(known))
    if reader.errors:
        raise Wrong(reader.errors)
    del said["throughline"]
    return Pack(**said)


@cache
def packs() -> dict[str, Pack]:
    """Those that come with the product, by key, in the order of their titles."""
    found = [read_pack(path.read_text(encoding="utf-8")) for path in PACKS.glob("*.yaml")]
    return {pack.key: pack for pack in sorted(found, key=lambda pack: pack.title)}
