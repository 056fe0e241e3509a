"""The settings of a program for all its pairs: attention rules, reminders, norms and coaching questions."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEvent
from core.hooks import Hook
from mentoring import mentor_tips
from mentoring.models import Pair, Program
from mentoring.thresholds import DEFAULTS, with_defaults, without_defaults
from practice import note_templates, phrases
from sessions import question_bank

# () -> the kinds of reminders that a program may turn off for all of its pairs, each with its label
optional_reminders = Hook(dict)
RULES = ("thresholds", "rules_off", "silent_kinds", "norms", "questions", "tips", "phrases", "note_templates")
# Rules that a program can turn off. The others protect people: what somebody answered in private.
SWITCHES = ("A1", "A2", "A3", "A4", "A5", "A6", "A9", "A10", "A11", "A12")


def rules_of(program: Program) -> dict:
    """Return the settings in force, set by the program or by default."""
    return {
        "thresholds": with_defaults(program.thresholds),
        "rules_off": list(program.rules_off),
        "silent_kinds": list(program.silent_kinds),
        "norms": program.norms,
        "questions": question_bank.bank_of(program),
        "tips": mentor_tips.tips_of(program),
        "phrases": phrases.phrases_of(program),
        "note_templates": note_templates.settings_of(program),
    }


def defaults_of(program: Program) -> dict:
    """Return the settings that are in force until a program sets its own."""
    return {
        "thresholds": DEFAULTS,
        "rules_off": [],
        "silent_kinds": [],
        "norms": "",
        "questions": question_bank.with_defaults({}, program.spoken_language),
        "tips": mentor_tips.built_in(program.spoken_language),
        "phrases": phrases.with_defaults({}, program.spoken_language),
        "note_templates": note_templates.built_in(program.spoken_language),
    }


def count_own(program: Program, names: Iterable[str]) -> int:
    """Return how many values of these settings differ from the defaults."""
    now, defaults = rules_of(program), defaults_of(program)
    found = 0
    for name in names:
        if isinstance(now[name], dict):
            found += sum(value != defaults[name][key] for key, value in now[name].items())
        else:
            usual = defaults[name] if isinstance(now[name], list) else ()
            other = [value for value in now[name] if value not in usual] if usual else now[name]
            found += len(other) if isinstance(now[name], list) else bool(now[name])
            found += bool(usual and not other and now[name] != usual)
    return found


def change_rules(program: Program, by, changes: dict) -> None:
    """Store new values for any of RULES; a threshold or kind of question missing from its value gets the default.

    Settings that are not in `changes` are not written, so that two admins can save different ones at once.
    Running pairs are evaluated again; scheduled sessions keep their texts.
    """
    now = rules_of(program)
    rules = now | changes
    rules["thresholds"], rules["questions"] = (
        with_defaults(rules["thresholds"]),
        question_bank.with_defaults(rules["questions"], program.spoken_language),
    )
    rules["phrases"] = phrases.with_defaults(rules["phrases"], program.spoken_language)
    if rules == now:
        return
    with transaction.atomic():
        program.thresholds = without_defaults(rules["thresholds"])
        program.questions = question_bank.without_defaults(rules["questions"], program.spoken_language)
        program.silent_kinds, program.norms = sorted(rules["silent_kinds"]), rules["norms"]
        program.phrases = phrases.without_defaults(rules["phrases"], program.spoken_language)
        program.note_templates = note_templates.as_stored(rules["note_templates"], program.spoken_language)
        program.tips = mentor_tips.as_stored(rules["tips"], program.spoken_language)
        program.rules_off = [name for name in SWITCHES if name in rules["rules_off"]]
        program.save(update_fields=[name for name in RULES if name in changes])
        Pair.objects.filter(program=program).active().update(touched_at=timezone.now())
        AuditEvent.record(by, AuditEvent.Action.PROGRAM_RULES_CHANGED, program)
