"""Attention rules: they find the pairs that need attention (docs/rules.md, attention rules).

A rule returns a level and the facts behind it, or None. The pair sees an amber flag at once and the admins three days
later; everyone sees a red one at once. No rule reads anything that a person wrote.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.facts import PairFacts, read_facts
from dashboard.models import Flag, FlagRule
from mentoring.models import Pair
from mentoring.models.pulse import OPEN_FOR, rounds

AMBER, RED = Flag.Level.AMBER, Flag.Level.RED
GRACE = 14  # days after pairing
AMBERS_MAKE_RED = 3

Finding = tuple[str, dict]  # a level, and the facts behind it
Key = tuple[FlagRule, int | None]  # a rule, and the person, where it is about one person's own answers


@dataclass(frozen=True)
class Rule:
    name: FlagRule
    advice_for_admin: str
    advice_for_pair: str
    check: Callable[[PairFacts], Finding | None]
    paperwork: bool = False
    suggests_pause: bool = False
    confidential: bool = False  # based on a private answer: an admin never raises it with both people at once
    action: str = _("Email both")  # the label of the email that an admin sends about it

    @property
    def label(self) -> str:
        return self.name.label


RULES: dict[FlagRule, Rule] = {}


def rule(name: FlagRule, advice_for_admin, advice_for_pair, **options):
    """Register a function as the check of a rule."""

    def register(function):
        RULES[name] = Rule(name, advice_for_admin, advice_for_pair, function, **options)
        return function

    return register


@rule(
    FlagRule.NO_FIRST_SESSION,
    _("Ask both for three dates and offer to introduce them."),
    _("Schedule your first session; three times are suggested."),
    action=_("Suggest times"),
)
def no_first_session(facts: PairFacts) -> Finding | None:
    if facts.held:
        return None
    details = {"days since pairing": facts.age}
    if facts.age > max(facts.thresholds["A1_red"], facts.interval_days + 7):
        return RED, details
    return (AMBER, details) if facts.age > facts.thresholds["A1_amber"] and not facts.planned else None


@rule(
    FlagRule.NO_RECENT_SESSION,
    _("Email both; offer a pause if this is a busy time."),
    _("Schedule your next session, or pause until a date that works."),
    suggests_pause=True,
)
def no_recent_session(facts: PairFacts) -> Finding | None:
    if not facts.last_held_on or facts.held[-1].closing:
        return None
    days, booked = facts.days_since(facts.last_held_on), bool(facts.planned)
    details = {"days since the last session": days, "agreed interval": facts.interval_days}
    percent = 100 * days / facts.interval_days
    if percent > facts.thresholds["A2_booked"] or (percent > facts.thresholds["A2_red"] and not booked):
        return RED, details
    return (AMBER, details) if percent > facts.thresholds["A2_amber"] and not booked else None


@rule(
    FlagRule.CALLED_OFF,
    _("Ask what would make scheduling easier: another cadence, another time of day."),
    _("Agree on another cadence or time of day; a shorter check-in counts, too."),
    suggests_pause=True,
    action=_("Ask about timing"),
)
def called_off(facts: PairFacts) -> Finding | None:
    in_a_row = facts.called_off_in_a_row
    return level(in_a_row, facts.thresholds["A3_amber"], facts.thresholds["A3_red"], {"in a row": in_a_row})


@rule(
    FlagRule.NO_SHOW,
    _("First call the person who waited, then the other."),
    _("Ask what got in the way, and find a new date."),
    action=_("Ask about it"),
)
def no_show(facts: PairFacts) -> Finding | None:
    in_a_row = streak(facts.past, lambda session: session.missed)
    return level(in_a_row, facts.thresholds["A4_amber"], facts.thresholds["A4_red"], {"in a row": in_a_row})


@rule(
    FlagRule.FEW_COMMITMENTS_KEPT,
    _("Suggest smaller steps, and fewer at a time."),
    _("Make the steps smaller, or fewer; moving one before it is due counts as kept."),
)
def few_commitments_kept(facts: PairFacts) -> Finding | None:
    details = {"kept": facts.kept, "due": facts.counted}
    if facts.counted >= 4 and facts.kept == 0:
        return RED, details
    few = facts.counted >= 3 and 100 * facts.kept < facts.thresholds["A5_amber"] * facts.counted
    return (AMBER, details) if few else None


@rule(
    FlagRule.NO_COMMITMENTS,
    _("Remind both that one small step with a due date is enough."),
    _("End with one small step and a due date."),
    action=_("Suggest a step"),
)
def no_commitments(facts: PairFacts) -> Finding | None:
    in_a_row = streak(facts.held, lambda session: not session.commitments and not session.none_this_time)
    return (AMBER, {"in a row": in_a_row}) if in_a_row >= facts.thresholds["A6_amber"] else None


@rule(
    FlagRule.NOT_GOING_WELL,
    _("Talk to each of them alone, soon. Never mention an answer: who gave it, or that anyone did, is confidential."),
    _("Talk about it with your partner, or with the program admin."),
    confidential=True,
)
def not_going_well(facts: PairFacts) -> Finding | None:
    """Return red if either person's newest answer is red, without the number, who answered, or how many did."""
    levels = [found[0] for person in facts.pulses if (found := own_pulse(facts, person))]
    return (RED, {}) if RED in levels else None


def own_pulse(facts: PairFacts, person: int) -> Finding | None:
    """Return red or amber for one person's own answers. Only that person sees the flag."""
    answers = [lowest for _asked_on, lowest in facts.pulses.get(person, [])]
    if not answers:
        return None
    if answers[-1] <= 2:
        return RED, {}
    dropped = len(answers) > 1 and answers[-2] - answers[-1] >= 2
    return (AMBER, {}) if answers[-1] == 3 or dropped else None


@rule(
    FlagRule.PULSE_UNANSWERED,
    _("Nothing to do yet; the next round asks again."),
    _("Answer how it is going; it takes two taps."),
    paperwork=True,
)
def pulse_unanswered(facts: PairFacts) -> Finding | None:
    asked = [day for day in rounds(facts.pair.started_on, facts.today) if facts.today > day + OPEN_FOR][-2:]
    if len(asked) < 2:
        return None
    for person in (facts.pair.mentor_id, facts.pair.mentee_id):
        answered = {day for day, _lowest in facts.pulses.get(person, [])}
        if not answered & set(asked):
            return AMBER, {"rounds": 2}
    return None


@rule(
    FlagRule.NO_AGREEMENT,
    _("Remind them; it takes five minutes in a session."),
    _("Read the working agreement together, and agree to it."),
    paperwork=True,
)
def no_agreement(facts: PairFacts) -> Finding | None:
    late = not facts.agreed and facts.age > facts.thresholds["A9_amber"]
    return (AMBER, {"days since pairing": facts.age}) if late else None


@rule(
    FlagRule.NO_CURRENT_GOAL,
    _("Suggest a reset session."),
    _("Review your goals: keep, change or drop them."),
    paperwork=True,
)
def no_current_goal(facts: PairFacts) -> Finding | None:
    if not facts.goals:
        return (AMBER, {"days since pairing": facts.age}) if facts.age > facts.thresholds["A10_none"] else None
    days = facts.days_since(facts.goal_reviewed_on) if facts.goal_reviewed_on else facts.age
    return (AMBER, {"days since a goal was looked at": days}) if days > facts.thresholds["A10_old"] else None


@rule(
    FlagRule.ONE_SIDED,
    _("Email the person who is inactive; ask the other how they are doing."),
    _("A short message is enough: what is in the way?"),
    suggests_pause=True,
    action=_("Reach out"),
)
def one_sided(facts: PairFacts) -> Finding | None:
    start = facts.pair.started_on
    quiet = {
        person: facts.days_since(max(facts.last_active_on.get(person, start), start))
        for person in (facts.pair.mentor_id, facts.pair.mentee_id)
    }
    longest, shortest = max(quiet.values()), min(quiet.values())
    amber = max(facts.thresholds["A11_amber"], 1.5 * facts.interval_days)
    red = max(facts.thresholds["A11_red"], 2.5 * facts.interval_days)
    if shortest > amber:  # both are inactive, which the rules about sessions report
        return None
    return level(longest, amber, red, {"days": longest}, above=True)


@rule(
    FlagRule.NO_CLOSING_SESSION,
    _("Help them find a date before the pair ends."),
    _("Schedule a closing session: what came of it, what comes next."),
    paperwork=True,
)
def no_closing_session(facts: PairFacts) -> Finding | None:
    if any(session.closing and (session.held or not session.called_off) for session in facts.sessions):
        return None
    left = (facts.pair.ends_on - facts.today).days
    if left > facts.thresholds["A12_amber"]:
        return None
    return RED if left < -facts.thresholds["A12_red"] else AMBER, {"days left": left}


def level(count: float, amber: float, red: float, details: dict, above: bool = False) -> Finding | None:
    """Return the level that `count` has reached, or with `above` has passed."""
    if (count > red) if above else (count >= red):
        return RED, details
    return (AMBER, details) if ((count > amber) if above else (count >= amber)) else None


def streak(sessions: list, matches: Callable) -> int:
    """Return how many of the last sessions match without a break."""
    count = 0
    for session in reversed(sessions):
        if not matches(session):
            break
        count += 1
    return count


def evaluate(facts: PairFacts) -> dict[Key, Finding]:
    """Return the findings for this pair today: only the first rule in its first two weeks, none during a pause."""
    if facts.paused or facts.pair.ended_at:
        return {}
    rules = [rule for rule in RULES.values() if rule.name not in facts.rules_off]
    if facts.age <= GRACE:
        first = RULES[FlagRule.NO_FIRST_SESSION]
        found = first.check(facts) if first in rules else None
        return {(FlagRule.NO_FIRST_SESSION, None): found} if found else {}
    about_the_pair = {(rule.name, None): found for rule in rules if (found := rule.check(facts))}
    own = {person: own_pulse(facts, person) for person in facts.pulses}
    return about_the_pair | {(FlagRule.NOT_GOING_WELL, person): found for person, found in own.items() if found}


def raise_flags(pairs: Iterable[Pair], today: date | None = None) -> int:
    """Raise new flags for these pairs, clear those that no longer apply, and return how many are open."""
    now, open_flags = timezone.now(), 0
    chunk: list[PairFacts] = []
    for facts in read_facts(pairs, today):
        chunk.append(facts)
        if len(chunk) == 500:
            open_flags += store_flags(chunk, now)
            chunk = []
    return open_flags + store_flags(chunk, now)


def store_flags(chunk: list[PairFacts], now: datetime) -> int:
    """Write the flags of one chunk of pairs in one transaction, and return how many are open."""
    before: dict[int, dict[Key, Flag]] = defaultdict(dict)
    with transaction.atomic():
        for flag in Flag.objects.open().filter(pair__in=[facts.pair.pk for facts in chunk]):
            before[flag.pair_id][flag.rule, flag.person_id] = flag
        raised, changed, cleared, count = [], [], [], 0
        for facts in chunk:
            found, earlier = evaluate(facts), before[facts.pair.pk]
            count += len(found)
            for (name, person), finding in found.items():
                flag = earlier.pop((name, person), None)
                if flag is None:
                    flag = Flag(pair=facts.pair, rule=name, person_id=person, raised_at=now, level_changed_at=now)
                    flag.level, flag.facts = finding
                    raised.append(flag)
                elif (flag.level, flag.facts) != finding:
                    update_flag(flag, finding, now)
                    changed.append(flag)
            cleared += [flag.pk for flag in earlier.values()]
        Flag.objects.bulk_create(raised, ignore_conflicts=True)
        Flag.objects.bulk_update(changed, ["level", "level_changed_at", "facts"])
        Flag.objects.filter(pk__in=cleared).update(cleared_at=now)
    return count


def update_flag(flag: Flag, finding: Finding, now: datetime) -> None:
    level, facts = finding
    if flag.level != level:
        flag.level_changed_at = now
    flag.level, flag.facts = level, facts


def color_of(flags: Iterable[Flag]) -> str:
    """Return red for one red flag or three amber ones, amber for any other flag, and "" for none."""
    levels = [flag.level for flag in flags]
    if RED in levels or len(levels) >= AMBERS_MAKE_RED:
        return RED
    return AMBER if levels else ""
