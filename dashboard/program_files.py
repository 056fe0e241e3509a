"""A program as a file that people read, change and pass on: YAML, with every error at its line.

It holds what a program's admin can set: rhythm, weights of pairing, rules, priorities, abilities, agendas, topic packs.
It never holds people or what they wrote. What it leaves out stays as it is.
"""

from dataclasses import asdict, fields

import yaml
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEvent
from dashboard.program_rules import RULES, change_rules, rules_of
from goals.models import Competency, Priority
from mentoring.matching import WEIGHTS
from mentoring.matching.rules import MOST_GRADES, Rules
from mentoring.models import Cadence, Program
from mentoring.models.program import MOST_MENTEES
from mentoring.reminder_plan import MAY_BE_SILENT
from mentoring.thresholds import THRESHOLDS, in_force, out_of_order
from sessions import question_bank
from sessions.agendas import ensure_templates
from sessions.models import AgendaTemplate, TemplateBlock
from sessions.models.template import BlockType
from sessions.topic_packs import own_of, packs_of, read_packs
from sessions.yaml_reader import Reader, Wrong, compose, read_agenda

PROGRAM = "program/1"
PLAIN = ("cadence", "minutes", "most_mentees", "mentees_choose")  # fields of the program, stored as they are


def read_thresholds(reader: Reader, node) -> dict[str, int]:
    """Numbers in their bounds, of which none speaks before the one it follows."""
    known = {name: lambda n, one=one: reader.number(n, one.least, one.most) for name, one in THRESHOLDS.items()}
    found = reader.mapping(node, known)
    for first, then in out_of_order(in_force(found)):
        reader.wrong(node, _("%(then)s would speak before %(first)s.") % {"then": then, "first": first})
    return found


def read_pairing_rules(reader: Reader, node) -> dict:
    """The rules of pairing that a program turns on; what the file leaves out stays."""
    known = {field.name: reader.yes_no for field in fields(Rules)}
    return reader.mapping(node, known | {"grades_above": lambda n: reader.number(n, 0, MOST_GRADES)})


def read_questions(reader: Reader, node) -> dict[str, list[str]]:
    """For each kind of block, and for the phases of a pair, its questions in place of the usual ones."""

    def texts(n):
        return list(dict.fromkeys(reader.items(n, lambda v: reader.text(v, question_bank.LONGEST), question_bank.MOST)))

    return reader.mapping(node, dict.fromkeys([*BlockType.values, *question_bank.Phase.values], texts))


def export(program: Program) -> str:
    """The program's settings as a file."""
    ensure_templates(program)
    templates = program.agenda_templates.in_order().prefetch_related("blocks")
    said = {
        "throughline": PROGRAM,
        "cadence": str(program.cadence),
        "minutes": program.minutes,
        "most_mentees": program.most_mentees,
        "mentees_choose": program.mentees_choose,
        "weights": dict(WEIGHTS) | program.match_weights,
        "pairing_rules": asdict(Rules.of(program.match_rules)),
        **rules_of(program),
        "priorities": list(Priority.objects.filter(program=program).current().values_list("title", flat=True)),
        "abilities": list(Competency.objects.filter(program=program).current().values_list("title", flat=True)),
        "agendas": [
            {"kind": t.kind, "minutes": t.minutes, "name": t.name, "blocks": [as_block(b) for b in t.blocks.all()]}
            for t in templates
        ],
        "packs": [asdict(pack) for pack in packs_of(program).values()],
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
        "most_mentees": lambda n: reader.number(n, 1, MOST_MENTEES),
        "mentees_choose": reader.yes_no,
        "weights": lambda n: reader.mapping(n, {name: lambda v: reader.number(v, 0, 100) for name in WEIGHTS}),
        "pairing_rules": lambda n: read_pairing_rules(reader, n),
        "thresholds": lambda n: read_thresholds(reader, n),
        "silent_kinds": lambda n: reader.items(n, lambda v: reader.choice(v, MAY_BE_SILENT)),
        "norms": lambda n: reader.text(n, 2000, least=0),
        "questions": lambda n: read_questions(reader, n),
        "priorities": lambda n: reader.items(n, lambda v: reader.text(v, 120)),
        "abilities": lambda n: reader.items(n, lambda v: reader.text(v, 120)),
        "agendas": lambda n: reader.items(n, lambda v: read_agenda(reader, v), 30),
        "packs": lambda n: read_packs(reader, n),
    }
    said = reader.mapping(node, known, ("throughline",))
    twice = [(a.get("kind"), a.get("minutes")) for a in said.get("agendas", [])]
    if len(set(twice)) < len(twice):
        reader.wrong(node, _("two agendas are of the same kind and length."))
    keys = [pack["key"] for pack in said.get("packs", []) if "key" in pack]
    if len(set(keys)) < len(keys):
        reader.wrong(node, _("two packs have the same key."))
    if said.get("weights") and not any((dict(WEIGHTS) | said["weights"]).values()):
        reader.wrong(node, _("something has to count in pairing."))
    if reader.errors:
        raise Wrong(reader.errors)
    return said


def changes(program: Program, said: dict) -> list[str]:
    """What bringing this file in would change, in words."""
    found, now = [], yaml.safe_load(export(program))
    for name in PLAIN:
        if name in said and said[name] != now[name]:
            found.append(_("%(name)s: %(old)s becomes %(new)s") % {"name": name, "old": now[name], "new": said[name]})
    if said.get("weights") and now["weights"] | said["weights"] != now["weights"]:
        found.append(_("other weights in pairing"))
    for name, value in said.get("pairing_rules", {}).items():
        if value != now["pairing_rules"][name]:
            words = {"name": f"pairing_rules {name}", "old": now["pairing_rules"][name], "new": value}
            found.append(_("%(name)s: %(old)s becomes %(new)s") % words)
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
    return found + changed_packs(now["packs"], said.get("packs", now["packs"]))


def changed_packs(now: list[dict], then: list[dict]) -> list[str]:
    before, after = ({pack["key"]: pack for pack in packs} for packs in (now, then))
    new = [_("pack “%(title)s” is new") % after[key] for key in after if key not in before]
    other = [_("pack “%(title)s” changes") % after[key] for key in after if before.get(key, after[key]) != after[key]]
    return new + other + [_("pack “%(title)s” is taken off") % before[key] for key in before if key not in after]


def in_words(value) -> str:
    if isinstance(value, list):
        return ngettext("%(n)s question", "%(n)s questions", len(value)) % {"n": len(value)}
    return str(value)


def bring_in(program: Program, said: dict, by) -> None:
    """Apply a file that was read, all of it in one transaction. Sessions that are planned keep their agendas."""
    with transaction.atomic():
        ensure_templates(program)
        for name in PLAIN:
            setattr(program, name, said.get(name, getattr(program, name)))
        program.match_weights = program.match_weights | said.get("weights", {})
        rules = asdict(Rules.of(program.match_rules)) | said.get("pairing_rules", {})
        program.match_rules = Rules.of(rules).changed()
        if "packs" in said:
            program.packs = own_of(said["packs"])
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
