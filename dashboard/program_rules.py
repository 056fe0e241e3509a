"""What a program sets for all of its pairs: when rules speak, which reminders rest, its norms and its questions."""

from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEvent
from mentoring.models import Pair, Program
from mentoring.thresholds import in_force, own_of
from sessions import question_bank

RULES = ("thresholds", "silent_kinds", "norms", "questions")


def rules_of(program: Program) -> dict:
    """What is in force, whether the program set it or it is the usual."""
    return {
        "thresholds": in_force(program.thresholds),
        "silent_kinds": list(program.silent_kinds),
        "norms": program.norms,
        "questions": question_bank.bank_of(program),
    }


def change_rules(program: Program, by, said: dict) -> None:
    """Store what was said of RULES, each whole: a number or kind of question left out is the usual one again.

    A rule that is not said stays. Running pairs are looked at anew; what is planned already keeps its texts.
    """
    now = rules_of(program)
    said = now | said
    said["thresholds"], said["questions"] = in_force(said["thresholds"]), question_bank.in_force(said["questions"])
    if said == now:
        return
    with transaction.atomic():
        program.thresholds = own_of(said["thresholds"])
        program.questions = question_bank.own_of(said["questions"])
        program.silent_kinds, program.norms = sorted(said["silent_kinds"]), said["norms"]
        program.save(update_fields=RULES)
        Pair.objects.filter(program=program).active().update(touched_at=timezone.now())
        AuditEvent.record(by, "program rules changed", program)
