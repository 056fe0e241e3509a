"""Why somebody has no suggested match, for the program's admins (docs/rules.md, pairing)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentoring.matching.assignment import FURTHER_MENTEE_COST
from mentoring.matching.conflicts import conflicts, forbidden
from mentoring.matching.people import MatchingInput, Person, positions
from mentoring.matching.scoring import gaps, reasons, scores

NAMED = 3  # people or conflicts named in one sentence


def mentees_without(inputs: MatchingInput, mentees: list[Person]) -> list[tuple[Person, str]]:
    """Return these mentees with their best candidate or the reason why they have none.

    `places` are what all proposals leave.
    """
    one = replace(inputs, mentees=mentees)
    table, points = (forbidden(one), scores(one)) if mentees and one.mentors else (None, None)
    found = []
    for row, mentee in enumerate(mentees):
        fitting = [mentor for column, mentor in enumerate(one.mentors) if not table[row, column]]
        open_to = [column for column, mentor in enumerate(one.mentors) if mentor.places and not table[row, column]]
        if open_to:
            best = max(open_to, key=lambda column: points[row, column])
            reason = _("Best match: %(name)s, %(score)s of 100 (%(why)s).")
            why = "; ".join([*gaps(one.mentors[best], mentee), *reasons(one, one.mentors[best], mentee)])
            reason %= {"name": one.mentors[best].name, "score": round(points[row, best]), "why": why}
            if more := len(open_to) - 1:
                reason += " " + ngettext("%(n)s more fits.", "%(n)s more fit.", more) % {"n": more}
        elif fitting:
            reason = _("Every mentor who fits is full: %(names)s.") % {"names": names(fitting)}
        elif one.mentors:
            why = most_common(one, [(mentor, mentee) for mentor in one.mentors])
            reason = _("No mentor fits the rules: %(why)s") % {"why": why}
        else:
            reason = _("The program has no mentors.")
        found.append((mentee, reason))
    return found


def mentors_without(inputs: MatchingInput, mentors: list[Person], proposed: set[int], several: set[int]):
    """Return these mentors with the reason why they have no proposal.

    `proposed` are the mentees with a proposal, `several` those of them whose mentor has more than one mentee.
    """
    one = replace(inputs, mentors=mentors)
    table = forbidden(one) if mentors and one.mentees else None
    row, _column = positions(one)
    found = []
    for column, mentor in enumerate(mentors):
        fitting = [mentee for mentee in one.mentees if not table[row[mentee.pk], column]]
        free = [mentee for mentee in fitting if mentee.pk not in proposed]
        if not one.mentees:
            reason = _("Every mentee has a mentor.")
        elif free:
            reason = _("Could be matched with %(names)s.") % {"names": names(free)}
        elif not fitting:
            why = most_common(one, [(mentor, mentee) for mentee in one.mentees])
            reason = _("No mentee fits the rules: %(why)s") % {"why": why}
        elif any(mentee.pk in several for mentee in fitting):
            reason = _("Mentees who fit score %(n)s or more points higher with another mentor.") % {
                "n": FURTHER_MENTEE_COST
            }
        else:
            reason = _("No mentee is left: everyone who fits is matched with another mentor.")
        found.append((mentor, reason))
    return found


def names(people: Iterable[Person]) -> str:
    people = list(people)
    listed = ", ".join(person.name for person in people[:NAMED])
    more = len(people) - NAMED
    return _("%(names)s and %(n)s more") % {"names": listed, "n": more} if more > 0 else listed


def most_common(inputs: MatchingInput, pairs: list[tuple[Person, Person]]) -> str:
    """Return the most common conflicts of these pairs with their counts."""
    counts = Counter(text for mentor, mentee in pairs for text in conflicts(inputs, replace(mentor, places=1), mentee))
    return " · ".join(f"{text} ({n})" for text, n in counts.most_common(NAMED))
