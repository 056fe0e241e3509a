"""The input of the matching from the database, and storing the proposals it returns."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from django.db import transaction

from accounts.models import AuditEvent, User
from core.folding import folded
from mentoring.matching import WEIGHTS, Fit, Match, MatchingInput, Person, best_assignment, conflicts, unpaired
from mentoring.matching.rules import Rules
from mentoring.models import Enrollment, NeverPair, Pair, Preference, Profile, Program, Proposal

WEAK = 30  # of 100; two empty profiles score 15
PERSON_COLUMNS = (
    *("user__name", "user__email", "user__zone", "user__zone_confirmed_at", "user__works_from", "user__works_until"),
)
FACTS = ("wants", "offers", "interests", "languages")


def matching_input(program: Program, today: date | None = None) -> MatchingInput:
    """Return the matching input: mentees without a mentor who can be paired now, and the mentors (eight queries).

    While no mentee is waiting, nobody else is read: the cost depends on who is to be paired, not on the program's size.
    """
    weights, rules = dict(WEIGHTS) | program.match_weights, Rules.from_stored(program.match_rules)
    unpaired_pks = list(program.enrollments.current().unpaired_mentees().values_list("pk", flat=True))
    if not unpaired_pks:
        return MatchingInput([], [], weights=weights, rules=rules)
    rows = program.enrollments.pairable().select_related("user").order_by("user_id")
    rows = rows.only("program", "role", "name", "capacity", "accepted_at", *PERSON_COLUMNS)
    pairs = list(Pair.objects.filter(program=program).active().values_list("mentor", "mentee"))
    load = Counter(mentor for mentor, _mentee in pairs)
    profiles = {row.user_id: row for row in Profile.objects.filter(program=program)}
    chosen = Preference.objects.filter(program=program).values_list("mentee", "mentor", "rank")
    never = NeverPair.objects.filter(program=program).values_list("user", "other")
    today = today or datetime.now(UTC).date()
    ended = Pair.objects.filter(program=program, ended_at__isnull=False).order_by("ended_at")
    ended = ended.values_list("mentor", "mentee", "ended_at")
    return MatchingInput(
        [
            person(row, profiles.get(row.user_id), today, max(0, row.capacity - load[row.user_id]), load[row.user_id])
            for row in rows.filter(role=Enrollment.Role.MENTOR)
        ],
        [person(row, profiles.get(row.user_id), today) for row in rows.filter(pk__in=unpaired_pks)],
        {(mentee, mentor): rank for mentee, mentor, rank in chosen},
        {frozenset(two) for two in never},
        set(pairs),
        {(mentor, mentee): program.date_of(at) for mentor, mentee, at in ended},
        {row.user_id: row.manager_id for row in profiles.values() if row.manager_id},
        weights,
        rules,
    )


def person(row: Enrollment, profile: Profile | None, today: date, places: int = 0, load: int = 0) -> Person:
    user = row.user
    facts = {name: tuple(getattr(profile, name)) for name in FACTS} if profile else {}
    return Person(
        user.pk,
        row.shown_name,
        **facts,
        style=profile.style if profile else "",
        hours=working_hours(user, today),
        team=profile.team if profile else "",
        grade=profile.grade if profile else None,
        manager=profile.manager_id if profile else None,
        places=places,
        load=load,
        enrollment=row.pk,
    )


def working_hours(user: User, today: date) -> tuple[float, float] | None:
    """Return the working day in UTC hours, or None if the time zone is unknown."""
    if not user.zone_is_known:
        return None

    def at(clock: time) -> float:
        moment = datetime.combine(today, clock, user.tzinfo).astimezone(UTC)
        return (moment - datetime.combine(today, time(0), UTC)) / timedelta(hours=1)

    return at(user.works_from), at(user.works_until)


@dataclass(frozen=True)
class Unpaired:
    """Mentees and mentors without a partner or a proposal, by name, with the reasons."""

    inputs: MatchingInput
    staged: list[tuple[int, int]]  # (mentor, mentee)

    @cached_property
    def after(self) -> MatchingInput:
        return with_pairs(self.inputs, self.staged)

    @property
    def mentees(self) -> list[Person]:
        return sorted(self.after.mentees, key=by_name)

    @property
    def mentors(self) -> list[Person]:
        return sorted((one for one in self.after.mentors if not one.load and one.places), key=by_name)

    def mentees_with_reasons(self, some: list[Person]) -> list[tuple[Person, str]]:
        return unpaired.mentees_without(self.after, some)

    def mentors_with_reasons(self, some: list[Person]) -> list[tuple[Person, str]]:
        load = {one.pk: one.load for one in self.after.mentors}
        proposed = {mentee for _mentor, mentee in self.staged}
        several = {mentee for mentor, mentee in self.staged if load.get(mentor, 0) > 1}
        return unpaired.mentors_without(self.inputs, some, proposed, several)


def by_name(person: Person) -> tuple[str, int]:
    return folded(person.name), person.pk


def conflicts_of(mentor: Enrollment, mentee: Enrollment, today: date | None = None) -> list[str]:
    """Return the conflicts of pairing two people by hand; the mentor's capacity is not checked here."""
    program, users = mentor.program, [mentor.user_id, mentee.user_id]
    profiles = {row.user_id: row for row in Profile.objects.filter(program=program, user__in=users)}
    never = NeverPair.objects.filter(program=program, user__in=users, other__in=users).values_list("user", "other")
    managers = Profile.objects.filter(program=program, manager__isnull=False).values_list("user", "manager")
    today = today or datetime.now(UTC).date()
    one, other = (person(row, profiles.get(row.user_id), today, places=1) for row in (mentor, mentee))
    reverse = Pair.objects.filter(program=program, mentor=mentee.user_id, mentee=mentor.user_id).active()
    inputs = MatchingInput(
        [one],
        [other],
        never={frozenset(two) for two in never},
        paired=set(reverse.values_list("mentor", "mentee")),  # the model refuses a second pair of the same people
        managers=dict(managers),
        rules=Rules.from_stored(program.match_rules),
    )
    return conflicts(inputs, one, other)


def suggest_matches(program: Program, by) -> list[Match]:
    """Store the best assignment; locked proposals stay, all others are replaced."""
    with transaction.atomic():
        program.lock()
        program.proposals.filter(locked=False).delete()
        found = best_assignment(with_locked(matching_input(program), program))
        Proposal.objects.bulk_create(
            Proposal(program=program, mentor_id=match.mentor, mentee_id=match.mentee, score=match.score, created_by=by)
            for match in found
        )
        AuditEvent.record(by, AuditEvent.Action.MATCHES_SUGGESTED, program)
    return found


def with_locked(inputs: MatchingInput, program: Program, except_mentee: int | None = None) -> MatchingInput:
    """Return the input with the places of locked proposals taken, except the one for `except_mentee`."""
    locked = program.proposals.filter(locked=True).exclude(mentee=except_mentee).values_list("mentor", "mentee")
    return with_pairs(inputs, list(locked))


def with_pairs(inputs: MatchingInput, locked: list[tuple[int, int]]) -> MatchingInput:
    """Return the input as if the locked proposals were pairs already."""
    used = Counter(mentor for mentor, _mentee in locked)
    settled = {mentee for _mentor, mentee in locked}
    mentors = [
        replace(one, places=max(0, one.places - used[one.pk]), load=one.load + used[one.pk]) for one in inputs.mentors
    ]
    mentees = [mentee for mentee in inputs.mentees if mentee.pk not in settled]
    return replace(inputs, mentors=mentors, mentees=mentees, paired=inputs.paired | set(locked))


def is_weak(found: Fit) -> bool:
    """Return True if a proposal is not selected by default: its score is below WEAK, or it has a conflict."""
    return found.score < WEAK or bool(found.conflicts)
