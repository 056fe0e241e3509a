"""A program file: the settings of a program as YAML that people can read, edit and share.

It holds what an admin can set: cadence, matching weights, rules, priorities, competencies, agendas, topic packs. It
never holds people or what they wrote. Importing changes only what the file names. Every error names its line.
"""

from dataclasses import asdict, fields
from functools import partial

import yaml
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEvent
from dashboard.models import FlagRule
from dashboard.program_rules import RULES, SWITCHES, change_rules, optional_reminders, rules_of
from goals.models import Competency, Priority
from mentoring import mentor_tips
from mentoring.matching import WEIGHTS
from mentoring.matching.rules import MAX_GRADES, Rules
from mentoring.models import Cadence, Program
from mentoring.models.program import MAX_MENTEES
from mentoring.thresholds import THRESHOLDS, out_of_order, with_defaults
from practice import note_templates, phrases
from practice.models import ProgramInventory, Resource, program_inventory
from practice.models.resource import MOST, ResourceKind
from sessions import question_bank
from sessions.agendas import ensure_templates
from sessions.models import AgendaTemplate, TemplateBlock
from sessions.models.agenda_template import BlockType
from sessions.topic_packs import as_stored, completed, packs_of, read_packs
from sessions.yaml_reader import InvalidFile, Reader, compose, read_agenda

PROGRAM = "program/1"
PLAIN = ("cadence", "minutes", "most_mentees", "mentees_choose")  # fields of the program that are stored unchanged


def read_thresholds(reader: Reader, node) -> dict[str, int]:
    """Read thresholds within their bounds and in their order."""
    known = {name: lambda n, one=one: reader.number(n, one.minimum, one.maximum) for name, one in THRESHOLDS.items()}
    found = reader.mapping(node, known)
    for first, then in out_of_order(with_defaults(found)):
        reader.add_error(node, _("%(then)s must not take effect before %(first)s.") % {"then": then, "first": first})
    return found


def read_pairing_rules(reader: Reader, node) -> dict:
    """Read the matching rules that a program turns on or off."""
    known = {field.name: reader.yes_no for field in fields(Rules)}
    return reader.mapping(node, known | {"grades_above": lambda n: reader.number(n, 0, MAX_GRADES)})


def read_questions(reader: Reader, node) -> dict[str, list[str]]:
    """Read the coaching questions of each block type and phase of a pair, which replace the defaults."""

    def texts(n):
        return list(dict.fromkeys(reader.items(n, lambda v: reader.text(v, question_bank.LONGEST), question_bank.MOST)))

    return reader.mapping(node, dict.fromkeys([*BlockType.values, *question_bank.Phase.values], texts))


def read_phrases(reader: Reader, node) -> dict[str, list[str]]:
    """Read the phrases of each occasion, which replace the built-in ones."""

    def texts(n):
        return list(dict.fromkeys(reader.items(n, lambda v: reader.text(v, phrases.LONGEST), phrases.MOST)))

    return reader.mapping(node, dict.fromkeys(phrases.Occasion.values, texts))


def read_note_template(reader: Reader, node) -> dict:
    """Read a template for quick notes: a title and its questions."""
    known = {
        "title": lambda n: reader.text(n, note_templates.LONGEST_TITLE),
        "questions": lambda n: reader.items(
            n, lambda v: reader.text(v, note_templates.LONGEST_QUESTION), note_templates.MOST_QUESTIONS
        ),
    }
    found = reader.mapping(node, known, ("title", "questions"))
    if found.get("title") and "questions" in found and not found["questions"]:
        reader.add_error(node, _("“%(title)s” has no questions.") % found)
    return found


def export(program: Program) -> str:
    """Return the program's settings as the text of a file."""
    ensure_templates(program)
    templates = program.agenda_templates.in_order().prefetch_related("blocks")
    settings = {
        "throughline": PROGRAM,
        "cadence": str(program.cadence),
        "minutes": program.minutes,
        "most_mentees": program.most_mentees,
        "mentees_choose": program.mentees_choose,
        "weights": dict(WEIGHTS) | program.match_weights,
        "pairing_rules": asdict(Rules.from_stored(program.match_rules)),
        **rules_of(program),
        "priorities": list(Priority.objects.filter(program=program).current().values_list("title", flat=True)),
        "abilities": list(Competency.objects.filter(program=program).current().values_list("title", flat=True)),
        "resources": [as_resource(row) for row in Resource.objects.filter(program=program).current().by_competency()],
        "inventories": published_inventories(program),
        "agendas": [
            {"kind": t.kind, "minutes": t.minutes, "name": t.name, "blocks": [as_block(b) for b in t.blocks.all()]}
            for t in templates
        ],
        "packs": [asdict(pack) for pack in packs_of(program).values()],
    }
    return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False, width=110)


def as_resource(row: Resource) -> dict:
    ability = row.competency.title if row.competency else ""
    settings = {"title": row.title, "kind": row.kind, "link": row.url, "ability": ability, "note": row.note}
    return {name: value for name, value in settings.items() if value}


def read_resource(reader: Reader, node) -> dict:
    """Read a resource of the library; a link has to be one that a browser opens."""

    def link(n):
        value = reader.text(n, 500)
        try:
            URLValidator(schemes=("http", "https"))(value)
        except ValidationError:
            reader.add_error(n, _("enter a link that begins with https://."))
        return value

    known = {
        "title": lambda n: reader.text(n, 200),
        "kind": lambda n: reader.choice(n, ResourceKind.values),
        "link": link,
        "ability": lambda n: reader.text(n, 120),
        "note": lambda n: reader.text(n, 300),
    }
    return reader.mapping(node, known, ("title",))


def published_inventories(program: Program) -> list[dict]:
    """Return the newest version of each inventory that the program offers; drafts are in no file."""
    rows = program_inventory.InventoryVersion.objects.offered_in([program.pk])
    return [row.content for row in sorted(rows, key=lambda row: row.content["title"])]


def read_inventory(reader: Reader, node) -> dict:
    """Read an inventory of the program: its themes, each with its statements."""
    statement = partial(reader.text, most=program_inventory.LONGEST_STATEMENT)
    title = partial(reader.text, most=program_inventory.LONGEST_TITLE)
    word = partial(reader.text, most=program_inventory.LONGEST_WORD)
    theme = {
        "title": title,
        "statements": lambda n: reader.items(n, statement, program_inventory.MOST_STATEMENTS),
    }

    def read_theme(n):
        return reader.mapping(n, theme, tuple(theme))

    known = {
        "title": title,
        "about": partial(reader.text, most=program_inventory.LONGEST_ABOUT),
        "least": word,
        "most": word,
        "themes": lambda n: reader.items(n, read_theme, program_inventory.MOST_THEMES),
    }
    found = reader.mapping(node, known, ("title", "themes"))
    themes = found.get("themes", [])
    if all(theme.get("title") and theme.get("statements") for theme in themes):
        text = program_inventory.as_text(themes)
        for problem in program_inventory.problems_in(text):
            reader.add_error(node, problem)
        if not themes or program_inventory.themes_in(text) != themes:
            reader.add_error(node, _("each theme needs a title and statements, each on one line and without “-”."))
    else:
        reader.add_error(node, _("each theme needs a title and statements, each on one line and without “-”."))
    return found


def as_block(block: TemplateBlock) -> dict:
    settings = {name: getattr(block, name) for name in ("type", "role", "title", "minutes", "question")}
    return {name: value for name, value in settings.items() if value != ""}


def read_program(text: str) -> dict:
    """Return the settings in a program file. Raises InvalidFile with all errors, each with its line."""
    reader, node = Reader(), compose(text)
    known = {
        "throughline": lambda n: reader.choice(n, (PROGRAM,)),
        "cadence": lambda n: reader.choice(n, Cadence.values),
        "minutes": lambda n: reader.number(n, 15, 240),
        "most_mentees": lambda n: reader.number(n, 1, MAX_MENTEES),
        "mentees_choose": reader.yes_no,
        "weights": lambda n: reader.mapping(n, {name: lambda v: reader.number(v, 0, 100) for name in WEIGHTS}),
        "pairing_rules": lambda n: read_pairing_rules(reader, n),
        "thresholds": lambda n: read_thresholds(reader, n),
        "rules_off": lambda n: reader.items(n, lambda v: reader.choice(v, SWITCHES)),
        "silent_kinds": lambda n: reader.items(n, lambda v: reader.choice(v, optional_reminders.ask())),
        "norms": lambda n: reader.text(n, 2000, least=0),
        "questions": lambda n: read_questions(reader, n),
        "phrases": lambda n: read_phrases(reader, n),
        "note_templates": lambda n: reader.items(n, lambda v: read_note_template(reader, v), note_templates.MOST),
        "tips": lambda n: reader.items(n, lambda v: reader.text(v, mentor_tips.LONGEST), mentor_tips.MOST),
        "priorities": lambda n: reader.items(n, lambda v: reader.text(v, 120)),
        "abilities": lambda n: reader.items(n, lambda v: reader.text(v, 120)),
        "resources": lambda n: reader.items(n, lambda v: read_resource(reader, v), MOST),
        "inventories": lambda n: reader.items(n, lambda v: read_inventory(reader, v), program_inventory.MOST),
        "agendas": lambda n: reader.items(n, lambda v: read_agenda(reader, v), 30),
        "packs": lambda n: read_packs(reader, n),
    }
    settings = reader.mapping(node, known, ("throughline",))
    twice = [(a.get("kind"), a.get("minutes")) for a in settings.get("agendas", [])]
    if len(set(twice)) < len(twice):
        reader.add_error(node, _("Two agendas have the same kind and length."))
    keys = [pack["key"] for pack in settings.get("packs", []) if "key" in pack]
    if len(set(keys)) < len(keys):
        reader.add_error(node, _("Two packs have the same key."))
    same_title = {
        "resources": _("Two resources have the same title."),
        "note_templates": _("Two note templates have the same title."),
    }
    for name, error in same_title.items():
        titles = [row["title"] for row in settings.get(name, []) if "title" in row]
        if len(set(titles)) < len(titles):
            reader.add_error(node, error)
    titles = [row["title"] for row in settings.get("inventories", []) if "title" in row]
    if len(set(titles)) < len(titles):
        reader.add_error(node, _("Two inventories have the same title."))
    if settings.get("weights") and not any((dict(WEIGHTS) | settings["weights"]).values()):
        reader.add_error(node, _("At least one matching weight must be above 0."))
    if reader.errors:
        raise InvalidFile(reader.errors)
    return settings


def changes(program: Program, settings: dict) -> list[str]:
    """Return a sentence for each change that importing this file would make."""
    found, now = [], yaml.safe_load(export(program))
    for name in PLAIN:
        if name in settings and settings[name] != now[name]:
            found.append(
                _("%(name)s changes from %(old)s to %(new)s") % {"name": name, "old": now[name], "new": settings[name]}
            )
    if settings.get("weights") and now["weights"] | settings["weights"] != now["weights"]:
        found.append(_("The matching weights change"))
    for name, value in settings.get("pairing_rules", {}).items():
        if value != now["pairing_rules"][name]:
            values = {"name": f"pairing_rules {name}", "old": now["pairing_rules"][name], "new": value}
            found.append(_("%(name)s changes from %(old)s to %(new)s") % values)
    if settings.get("norms", now["norms"]) != now["norms"]:
        found.append(_("The norms for new working agreements change"))
    if (settings.get("tips") or now["tips"]) != now["tips"]:
        found.append(_("The tips for mentors change"))
    whole_questions = partial(question_bank.with_defaults, language=program.spoken_language)
    for name, whole in (("thresholds", with_defaults), ("questions", whole_questions)):
        for key, value in whole(settings[name]).items() if name in settings else ():
            if value != now[name][key]:
                values = {"name": f"{name} {key}", "old": describe(now[name][key]), "new": describe(value)}
                found.append(_("%(name)s changes from %(old)s to %(new)s") % values)
    if "phrases" in settings and phrases.with_defaults(settings["phrases"], program.spoken_language) != now["phrases"]:
        found.append(_("The phrases for a respectful tone change"))
    if (settings.get("note_templates") or now["note_templates"]) != now["note_templates"]:
        found.append(_("The note templates change"))
    for kind in sorted(set(settings.get("silent_kinds", now["silent_kinds"])) ^ set(now["silent_kinds"])):
        values, off = {"what": optional_reminders.ask()[kind]}, kind in settings["silent_kinds"]
        found.append((_("No longer sent: %(what)s") if off else _("Sent again: %(what)s")) % values)
    for name in sorted(set(settings.get("rules_off", now["rules_off"])) ^ set(now["rules_off"])):
        values, off = {"rule": FlagRule(name).label}, name in settings["rules_off"]
        found.append((_("Attention rule off: %(rule)s") if off else _("Attention rule on: %(rule)s")) % values)
    lists = {
        "priorities": (_("Priority “%(title)s” is added"), _("Priority “%(title)s” is removed")),
        "abilities": (_("Competency “%(title)s” is added"), _("Competency “%(title)s” is removed")),
    }
    for name, (added, removed) in lists.items():
        new = settings.get(name, now[name])
        found += [added % {"title": title} for title in new if title not in now[name]]
        found += [removed % {"title": title} for title in now[name] if title not in new]
    if "resources" in settings:
        found += changed_resources(now["resources"], settings["resources"])
    if "inventories" in settings:
        found += changed_inventories(now["inventories"], settings["inventories"])
    agendas = {(a["kind"], a["minutes"]): a for a in now["agendas"]}
    for agenda in settings.get("agendas", []):
        before = agendas.get((agenda["kind"], agenda["minutes"]))
        if before is None:
            found.append(_("Agenda “%(name)s” is added") % {"name": agenda["name"]})
        elif before != agenda:
            found.append(_("Agenda “%(name)s” changes") % {"name": agenda["name"]})
    return found + changed_packs(now["packs"], completed(settings.get("packs", now["packs"]), program))


def changed_resources(now: list[dict], then: list[dict]) -> list[str]:
    """Return a sentence for each resource that is added, changed or removed."""
    plain = {"kind": ResourceKind.READING.value}
    before, after = ({row["title"]: plain | row for row in rows} for rows in (now, then))
    found = [_("Resource “%(title)s” is added") % after[title] for title in after if title not in before]
    changed = (title for title in after if before.get(title, after[title]) != after[title])
    found += [_("Resource “%(title)s” changes") % after[title] for title in changed]
    return found + [_("Resource “%(title)s” is removed") % before[title] for title in before if title not in after]


def changed_inventories(now: list[dict], then: list[dict]) -> list[str]:
    """Return a sentence for each inventory that is added, published in a new version, or retired."""
    before, after = ({row["title"]: row for row in rows} for rows in (now, then))
    found = [_("Inventory “%(title)s” is added") % after[title] for title in after if title not in before]
    changed = (title for title in after if before.get(title, after[title]) != after[title])
    found += [_("Inventory “%(title)s” gets a new version") % after[title] for title in changed]
    return found + [_("Inventory “%(title)s” is retired") % before[title] for title in before if title not in after]


def changed_packs(now: list[dict], then: list[dict]) -> list[str]:
    """Return a sentence for each topic pack that is added, changed or removed."""
    before, after = ({pack["key"]: pack for pack in packs} for packs in (now, then))
    new = [_("Pack “%(title)s” is added") % after[key] for key in after if key not in before]
    other = [_("Pack “%(title)s” changes") % after[key] for key in after if before.get(key, after[key]) != after[key]]
    return new + other + [_("Pack “%(title)s” is removed") % before[key] for key in before if key not in after]


def describe(value) -> str:
    if isinstance(value, list):
        return ngettext("%(n)s question", "%(n)s questions", len(value)) % {"n": len(value)}
    return str(value)


def apply(program: Program, settings: dict, by) -> None:
    """Apply the settings of a file in one transaction. Scheduled sessions keep their agendas."""
    with transaction.atomic():
        ensure_templates(program)
        for name in PLAIN:
            setattr(program, name, settings.get(name, getattr(program, name)))
        program.match_weights = program.match_weights | settings.get("weights", {})
        rules = asdict(Rules.from_stored(program.match_rules)) | settings.get("pairing_rules", {})
        program.match_rules = Rules.from_stored(rules).non_defaults()
        if "packs" in settings:
            program.packs = as_stored(settings["packs"], program)
        program.save()
        change_rules(program, by, {name: settings[name] for name in RULES if name in settings})
        for name, model in (("priorities", Priority), ("abilities", Competency)):
            if name in settings:
                for row in model.objects.filter(program=program).current().exclude(title__in=settings[name]):
                    row.remove_from_list()
                for title in settings[name]:
                    model.add_to_list(program, title)
        if "resources" in settings:
            Resource.set_library(program, settings["resources"])
        if "inventories" in settings:
            ProgramInventory.set_all(program, settings["inventories"], by)
        for agenda in settings.get("agendas", []):
            template, _made = AgendaTemplate.objects.get_or_create(
                program=program, kind=agenda["kind"], minutes=agenda["minutes"], defaults={"name": agenda["name"]}
            )
            template.reshape(agenda["name"], [TemplateBlock(**block) for block in agenda["blocks"]])
        AuditEvent.record(by, AuditEvent.Action.PROGRAM_FILE_IMPORTED, program)
