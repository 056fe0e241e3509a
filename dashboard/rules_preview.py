"""What a change of the attention rules would mean today, before it is stored."""

from typing import NamedTuple

from dashboard.facts import PairFacts, read_facts
from dashboard.flags import RULES, evaluate
from dashboard.models import PAIR_ONLY
from mentoring.thresholds import with_defaults

MOST = 500  # pairs that are quick to evaluate


class Preview(NamedTuple):
    """The number of pairs that would be listed today, and that are listed with the stored rules."""

    then: int
    now: int


def preview_rules(pairs, rules: dict) -> Preview | None:
    """Return how many of these pairs the rules would list, or None if there are too many to evaluate at once."""
    pairs = list(pairs[: MOST + 1])
    if len(pairs) > MOST:
        return None
    found = list(read_facts(pairs))
    now = sum(map(is_listed, found))
    for facts in found:
        facts.thresholds, facts.rules_off = with_defaults(rules["thresholds"]), rules["rules_off"]
    return Preview(sum(map(is_listed, found)), now)


def is_listed(facts: PairFacts) -> bool:
    """Return True if a rule that admins see, other than paperwork, finds something about the pair today."""
    return any(
        person is None and name not in PAIR_ONLY and not RULES[name].paperwork for name, person in evaluate(facts)
    )
