"""The hard rules, as messages for one pair and as a table for all (docs/rules.md, pairing)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.folding import folded
from core.lazy import lazy_module
from mentoring.matching.people import MatchingInput, Person, common_hours, positions, shared_words
from mentoring.matching.tables import overlap, shared_hours

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy_module("numpy")

FEWEST_HOURS = 2.0


def conflicts(inputs: MatchingInput, mentor: Person, mentee: Person) -> list[str]:
    """Return the conflicts of a pair; a request not to be paired appears only as a program rule."""
    found = []
    if mentor.pk == mentee.pk:
        found.append(_("Choose two different people as mentor and mentee."))
    if mentor.languages and mentee.languages and not shared_words(mentor.languages, mentee.languages):
        found.append(_("They share no language."))
    hours = common_hours(mentor, mentee)
    if hours is not None and hours < FEWEST_HOURS:
        found.append(_("They share less than two working hours a day."))
    if in_reporting_line(inputs.managers, mentor.pk, mentee.pk):
        found.append(_("One of them reports to the other."))
    if frozenset((mentor.pk, mentee.pk)) in inputs.never:
        found.append(_("A rule of this program keeps them apart."))
    if (mentor.pk, mentee.pk) in inputs.paired:
        found.append(_("They are already a pair."))
    if (mentee.pk, mentor.pk) in inputs.paired:
        found.append(_("%(mentee)s mentors %(mentor)s.") % {"mentee": mentee.name, "mentor": mentor.name})
    found += rule_conflicts(inputs, mentor, mentee)
    if mentor.places < 1:
        found.append(_("%(name)s has no room for another mentee.") % {"name": mentor.name})
    return found


def rule_conflicts(inputs: MatchingInput, mentor: Person, mentee: Person) -> list[str]:
    """Return the conflicts with the program's optional rules; unknown values never conflict."""
    rules, found = inputs.rules, []
    if rules.other_team and folded(mentor.team) and folded(mentor.team) == folded(mentee.team):
        found.append(_("They are on the same team."))
    if rules.other_manager and mentor.manager and mentor.manager == mentee.manager:
        found.append(_("They have the same manager."))
    known = mentor.grade is not None and mentee.grade is not None
    if rules.grades_above and known and mentor.grade - mentee.grade < rules.grades_above:
        text = ngettext(
            "%(name)s is not %(n)s grade higher.", "%(name)s is not %(n)s grades higher.", rules.grades_above
        )
        found.append(text % {"name": mentor.name, "n": rules.grades_above})
    return found


def in_reporting_line(managers: dict[int, int], one: int, other: int) -> bool:
    """Return True if one is above the other in the reporting line, directly or through others."""
    for below, above in ((one, other), (other, one)):
        at, seen = managers.get(below), set()
        while at is not None and at not in seen:
            if at == above:
                return True
            seen.add(at)
            at = managers.get(at)
    return False


def forbidden(inputs: MatchingInput) -> np.ndarray:
    """Return a table that is True where a hard rule forbids a pair; capacity is not checked here."""
    mentors, mentees = inputs.mentors, inputs.mentees
    languages = overlap([p.languages for p in mentees], [p.languages for p in mentors])
    both_known = np.outer([bool(p.languages) for p in mentees], [bool(p.languages) for p in mentors])
    hours = shared_hours(mentors, mentees)
    table = (both_known & (languages == 0)) | (hours < FEWEST_HOURS) | forbidden_by_rules(inputs)
    row, column = positions(inputs)
    for mentee, mentor in forbidden_pairs(inputs):
        if mentee in row and mentor in column:
            table[row[mentee], column[mentor]] = True
    return table


def forbidden_by_rules(inputs: MatchingInput) -> np.ndarray:
    """Return `rule_conflicts` as a table for all pairs."""
    mentors, mentees, rules = inputs.mentors, inputs.mentees, inputs.rules
    table = np.zeros((len(mentees), len(mentors)), dtype=bool)

    def same(theirs: list, ours: list) -> np.ndarray:
        return overlap([[value] if value else [] for value in theirs], [[value] if value else [] for value in ours]) > 0

    if rules.other_team:
        table |= same([p.team for p in mentees], [p.team for p in mentors])
    if rules.other_manager:
        table |= same([str(p.manager or "") for p in mentees], [str(p.manager or "") for p in mentors])
    if rules.grades_above:
        theirs, ours = (np.array([np.nan if p.grade is None else p.grade for p in ps]) for ps in (mentees, mentors))
        table |= ours[None, :] - theirs[:, None] < rules.grades_above
    return table


def forbidden_pairs(inputs: MatchingInput) -> set[tuple[int, int]]:
    """Return (mentee, mentor) keys that are one person, a reporting line, a "do not pair with", or a running pair."""
    pks = {person.pk for person in (*inputs.mentors, *inputs.mentees)}
    found = {(pk, pk) for pk in pks} | inputs.paired
    found |= {(mentee, mentor) for mentor, mentee in inputs.paired}
    for two in inputs.never:
        one, other = sorted(two) if len(two) == 2 else (*two, *two)
        found |= {(one, other), (other, one)}
    for below in pks:
        at, seen = inputs.managers.get(below), set()
        while at is not None and at not in seen:
            found |= {(below, at), (at, below)}
            seen.add(at)
            at = inputs.managers.get(at)
    return found
