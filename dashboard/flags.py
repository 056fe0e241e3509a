"""When a pair needs help: named rules over facts, each with its threshold (docs/rules.md, health).

A rule answers with a level and the facts that made it say so, or with nothing. The pair sees an amber flag first, its
program's admins after three days; a red one both at once. Nothing here knows a word that anybody wrote.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.facts import PairFacts, facts_of
from dashboard.models import Flag
from mentoring.models import Pair
from mentoring.models.pulse import OPEN_FOR, rounds

AMBER, RED = Flag.Level.AMBER, Flag.Level.RED
GRACE = 14  # days after pairing
AMBERS_MAKE_RED = 3

Found = tuple[str, dict]
Key = tuple[str, int | None]  # a rule, and whose own answers it is about, if it is about one person's


@dataclass(frozen=True)
class Rule:
    name: str
    says: str
    does: str  # what an admin can do
    helps: str  # what the two can do themselves
    of: Callable[[PairFacts], Found | None]
    paperwork: bool = False
    pause: bool = False  # a pause may help
    alone: bool = False  # said in confidence: never to be spoken of with both


RULES: dict[str, Rule] = {}


def rule(name: str, says, does, helps, **kind: bool):
    def declare(function):
        RULES[name] = Rule(name, says, does, helps, function, **kind)
        return function

    return declare


@rule(
    "A1",
    _("No first session"),
    _("Ask both for three dates and offer to bring them together."),
    _("Find a first date; three are suggested when you schedule."),
)
def first_session(facts: PairFacts) -> Found | None:
    if facts.held:
        return None
    told = {"days since pairing": facts.age}
    if facts.age > max(facts.limit["A1_red"], facts.interval + 7):
        return RED, told
    return (AMBER, told) if facts.age > facts.limit["A1_amber"] and not facts.planned else None


@rule(
    "A2",
    _("A long gap"),
    _("Write to both; offer a pause if this is a busy time."),
    _("Find a next date, or pause with the day on which you go on."),
    pause=True,
)
def gap(facts: PairFacts) -> Found | None:
    if not facts.last_held or facts.held[-1].closing:
        return None
    days, booked = facts.days_since(facts.last_held), bool(facts.planned)
    told = {"days since the last session": days, "agreed interval": facts.interval}
    gap, limit = 100 * days, {name: facts.limit[name] * facts.interval for name in ("A2_amber", "A2_red", "A2_booked")}
    if gap > limit["A2_booked"] or (gap > limit["A2_red"] and not booked):
        return RED, told
    return (AMBER, told) if gap > limit["A2_amber"] and not booked else None


@rule(
    "A3",
    _("Canceled or moved again and again"),
    _("Ask what would make dates easier: another rhythm, another hour."),
    _("Agree on another hour or rhythm; a shorter check-in counts, too."),
    pause=True,
)
def called_off(facts: PairFacts) -> Found | None:
    row = facts.left_out
    return level(row, facts.limit["A3_amber"], facts.limit["A3_red"], {"in a row": row})


@rule(
    "A4",
    _("Somebody did not come"),
    _("Call the one who waited first, then the other."),
    _("Ask what came in between, and find a new date."),
)
def no_show(facts: PairFacts) -> Found | None:
    row = run_of(facts.past, lambda meeting: meeting.missed)
    return level(row, facts.limit["A4_amber"], facts.limit["A4_red"], {"in a row": row})


@rule(
    "A5",
    _("Few commitments are kept"),
    _("Smaller steps, and fewer at a time."),
    _("Make the steps smaller, or fewer; moving one before its day keeps the word."),
)
def kept(facts: PairFacts) -> Found | None:
    told = {"kept": facts.kept, "due": facts.counted}
    if facts.counted >= 4 and facts.kept == 0:
        return RED, told
    return (AMBER, told) if facts.counted >= 3 and 100 * facts.kept < facts.limit["A5_amber"] * facts.counted else None


@rule(
    "A6",
    _("Sessions end without a commitment"),
    _("Remind both that one small step with a date is enough."),
    _("End with one small step and a day."),
)
def no_commitment(facts: PairFacts) -> Found | None:
    row = run_of(facts.held, lambda meeting: not meeting.commitments and not meeting.none_this_time)
    return (AMBER, {"in a row": row}) if row >= facts.limit["A6_amber"] else None


@rule(
    "A7",
    _("It is not going well"),
    _("Talk to each of them alone, soon. Who said so is not told; neither is that anybody did."),
    _("Talk about it with your partner, or with the program admin."),
    alone=True,
)
def pulse(facts: PairFacts) -> Found | None:
    """Red if either person's newest answer is; it names neither numbers, nor who answered, nor how many."""
    levels = [found[0] for person in facts.pulses if (found := own_pulse(facts, person))]
    return (RED, {}) if RED in levels else None


def own_pulse(facts: PairFacts, person: int) -> Found | None:
    """The same of one person's answers alone, amber included; only that person sees it."""
    answers = [lowest for _asked_on, lowest in facts.pulses.get(person, [])]
    if not answers:
        return None
    if answers[-1] <= 2:
        return RED, {}
    dropped = len(answers) > 1 and answers[-2] - answers[-1] >= 2
    return (AMBER, {}) if answers[-1] == 3 or dropped else None


@rule(
    "A8",
    _("Nobody says how it is going"),
    _("Nothing yet; the next round asks again."),
    _("Say in two taps how it is going."),
    paperwork=True,
)
def silent_pulse(facts: PairFacts) -> Found | None:
    asked = [day for day in rounds(facts.pair.started_on, facts.today) if facts.today > day + OPEN_FOR][-2:]
    if len(asked) < 2:
        return None
    for person in (facts.pair.mentor_id, facts.pair.mentee_id):
        answered = {day for day, _lowest in facts.pulses.get(person, [])}
        if not answered & set(asked):
            return AMBER, {"rounds": 2}
    return None


@rule(
    "A9",
    _("How they work together is not agreed"),
    _("Remind them; it takes five minutes in a session."),
    _("Read together how you work together, and agree."),
    paperwork=True,
)
def agreement(facts: PairFacts) -> Found | None:
    late = not facts.agreed and facts.age > facts.limit["A9_amber"]
    return (AMBER, {"days since pairing": facts.age}) if late else None


@rule(
    "A10",
    _("No goal, or none looked at for long"),
    _("Suggest a reset session."),
    _("Look at your goals again: keep, change or let go."),
    paperwork=True,
)
def goal(facts: PairFacts) -> Found | None:
    if not facts.goals:
        return (AMBER, {"days since pairing": facts.age}) if facts.age > facts.limit["A10_none"] else None
    days = facts.days_since(facts.goal_touched_on) if facts.goal_touched_on else facts.age
    return (AMBER, {"days since a goal was looked at": days}) if days > facts.limit["A10_old"] else None


@rule(
    "A11",
    _("One of the two is silent"),
    _("Write to the one who is silent; ask the other how they are."),
    _("A word is enough: what is in the way?"),
    pause=True,
)
def silence(facts: PairFacts) -> Found | None:
    start = facts.pair.started_on
    quiet = {
        person: facts.days_since(max(facts.last_act.get(person, start), start))
        for person in (facts.pair.mentor_id, facts.pair.mentee_id)
    }
    longest, shortest = max(quiet.values()), min(quiet.values())
    amber = max(facts.limit["A11_amber"], 1.5 * facts.interval)
    red = max(facts.limit["A11_red"], 2.5 * facts.interval)
    if shortest > amber:  # both are: that is a gap, and A1 or A2 says so
        return None
    return level(longest, amber, red, {"days": longest}, above=True)


@rule(
    "A12",
    _("The end is near, and no closing session is planned"),
    _("Help them find a date for it."),
    _("Plan a closing session: what came of it, what comes next."),
    paperwork=True,
)
def ending(facts: PairFacts) -> Found | None:
    if any(meeting.closing and (meeting.held or not meeting.off) for meeting in facts.meetings):
        return None
    left = (facts.pair.ends_on - facts.today).days
    if left > facts.limit["A12_amber"]:
        return None
    return RED if left < -facts.limit["A12_red"] else AMBER, {"days left": left}


def level(count: float, amber: float, red: float, told: dict, above: bool = False) -> Found | None:
    if (count > red) if above else (count >= red):
        return RED, told
    return (AMBER, told) if ((count > amber) if above else (count >= amber)) else None


def run_of(meetings: list, wrong: Callable) -> int:
    """How many at the end of the list, without a break."""
    count = 0
    for meeting in reversed(meetings):
        if not wrong(meeting):
            break
        count += 1
    return count


def judge(facts: PairFacts) -> dict[Key, Found]:
    """What is true of this pair today. For two weeks only the first session is asked about, in a pause nothing."""
    if facts.paused or facts.pair.ended_at:
        return {}
    if facts.age <= GRACE:
        return {("A1", None): found} if (found := RULES["A1"].of(facts)) else {}
    of_the_pair = {(rule.name, None): found for rule in RULES.values() if (found := rule.of(facts))}
    return of_the_pair | {("A7", person): found for person in facts.pulses if (found := own_pulse(facts, person))}


def raise_flags(pairs: Iterable[Pair], today: date | None = None) -> int:
    """Bring the flags of these pairs in line with the facts: new ones are raised, others cleared. How many are up."""
    now, up = timezone.now(), 0
    chunk: list[PairFacts] = []
    for facts in facts_of(pairs, today):
        chunk.append(facts)
        if len(chunk) == 500:
            up += store(chunk, now)
            chunk = []
    return up + store(chunk, now)


def store(chunk: list[PairFacts], now) -> int:
    standing = defaultdict(dict)
    pks = [facts.pair.pk for facts in chunk]
    with transaction.atomic():
        for flag in Flag.objects.up().filter(pair__in=pks):
            standing[flag.pair_id][flag.rule, flag.person_id] = flag
        fresh, changed, cleared, up = [], [], [], 0
        for facts in chunk:
            found, before = judge(facts), standing[facts.pair.pk]
            up += len(found)
            for (name, person), (how, told) in found.items():
                flag = before.pop((name, person), None)
                if flag is None:
                    flag = Flag(pair=facts.pair, rule=name, person_id=person, level=how, facts=told)
                    flag.since = flag.level_at = now
                    fresh.append(flag)
                elif (flag.level, flag.facts) != (how, told):
                    if flag.level != how:
                        flag.level, flag.level_at = how, now
                    flag.facts = told
                    changed.append(flag)
            cleared += [flag.pk for flag in before.values()]
        Flag.objects.bulk_create(fresh, ignore_conflicts=True)
        Flag.objects.bulk_update(changed, ["level", "level_at", "facts"])
        Flag.objects.filter(pk__in=cleared).update(cleared_at=now)
    return up


def color_of(flags: Iterable[Flag]) -> str:
    """Red with one red rule or three ambers; amber with any; else nothing."""
    levels = [flag.level for flag in flags]
    if RED in levels or len(levels) >= AMBERS_MAKE_RED:
        return RED
    return AMBER if levels else ""
