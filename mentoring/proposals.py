"""A program's people as a question to matching.py; proposals that are staged, and published as pairs."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from accounts.models import AuditEvent, User
from mentoring.matching import WEIGHTS, Match, Person, Question, best_assignment, conflicts
from mentoring.models import Enrollment, NeverPair, Pair, Preference, Profile, Program, Proposal
from mentoring.models.matching import free_places

FACTS = ("wants", "offers", "interests", "languages")


def question_of(program: Program, today: date | None = None) -> Question:
    """Everybody who can be paired now: mentors, and mentees without a mentor. Five queries."""
    rows = program.enrollments.here().exclude(role=Enrollment.Role.ADMIN).with_pairs().select_related("user")
    rows = list(rows.order_by("user_id"))
    profiles = {row.user_id: row for row in Profile.objects.filter(program=program)}
    pairs = Pair.objects.filter(program=program).active().values_list("mentor", "mentee")
    chosen = Preference.objects.filter(program=program).values_list("mentee", "mentor", "rank")
    never = NeverPair.objects.filter(program=program).values_list("user", "other")
    mentors = [row for row in rows if row.role == Enrollment.Role.MENTOR]
    waiting = [row for row in rows if row.role == Enrollment.Role.MENTEE and not row.pairs_now]
    today = today or datetime.now(UTC).date()
    return Question(
        [person(row, profiles.get(row.user_id), today, max(0, row.capacity - row.pairs_now)) for row in mentors],
        [person(row, profiles.get(row.user_id), today) for row in waiting],
        {(mentee, mentor): rank for mentee, mentor, rank in chosen},
        {frozenset(two) for two in never},
        set(pairs),
        {row.user_id: row.manager_id for row in profiles.values() if row.manager_id},
        dict(WEIGHTS) | program.match_weights,
    )


def person(row: Enrollment, profile: Profile | None, today: date, places: int = 0) -> Person:
    user = row.user
    facts = {name: tuple(getattr(profile, name)) for name in FACTS} if profile else {}
    return Person(
        user.pk,
        str(user),
        **facts,
        style=profile.style if profile else "",
        hours=working_hours(user, today),
        manager=profile.manager_id if profile else None,
        places=places,
        enrollment=row.pk,
    )


def working_hours(user: User, today: date) -> tuple[float, float] | None:
    """Their working day in hours of UTC; None for somebody whose zone nobody has said yet."""
    if not user.zone_is_known:
        return None

    def at(clock: time) -> float:
        moment = datetime.combine(today, clock, user.tzinfo).astimezone(UTC)
        return (moment - datetime.combine(today, time(0), UTC)) / timedelta(hours=1)

    return at(user.works_from), at(user.works_until)


def conflicts_of(mentor: Enrollment, mentee: Enrollment, today: date | None = None) -> list[str]:
    """What speaks against pairing two people of a program by hand. The room a mentor has is not asked here."""
    program, users = mentor.program, [mentor.user_id, mentee.user_id]
    profiles = {row.user_id: row for row in Profile.objects.filter(program=program, user__in=users)}
    never = NeverPair.objects.filter(program=program, user__in=users, other__in=users).values_list("user", "other")
    managers = Profile.objects.filter(program=program, manager__isnull=False).values_list("user", "manager")
    today = today or datetime.now(UTC).date()
    one, other = (person(row, profiles.get(row.user_id), today, places=1) for row in (mentor, mentee))
    question = Question([one], [other], never={frozenset(two) for two in never}, managers=dict(managers))
    return conflicts(question, one, other)


def propose_all(program: Program, by) -> list[Match]:
    """Stage the best assignment. What is locked stays; the other proposals are replaced."""
    with transaction.atomic():
        Program.objects.select_for_update().get(pk=program.pk)  # one at a time
        program.proposals.filter(locked=False).delete()
        locked = list(program.proposals.values_list("mentor", "mentee"))
        found = best_assignment(without(question_of(program), locked))
        Proposal.objects.bulk_create(
            Proposal(program=program, mentor_id=match.mentor, mentee_id=match.mentee, score=match.score, by=by)
            for match in found
        )
        AuditEvent.record(by, "pairs proposed", program)
    return found


def without(question: Question, locked: list[tuple[int, int]]) -> Question:
    """The same question, with the locked pairs taken out and their places used."""
    used = {}
    for mentor, _mentee in locked:
        used[mentor] = used.get(mentor, 0) + 1
    settled = {mentee for _mentor, mentee in locked}
    question.mentors = [replace(one, places=max(0, one.places - used.get(one.pk, 0))) for one in question.mentors]
    question.mentees = [mentee for mentee in question.mentees if mentee.pk not in settled]
    return question


def publish(program: Program, by) -> tuple[list[Pair], list[Proposal]]:
    """Make all proposals pairs, in one go. What cannot be any more (somebody was paired or left meanwhile) stays."""
    started, stuck = [], []
    with transaction.atomic():
        Program.objects.select_for_update().get(pk=program.pk)
        room = free_places(program)
        mentees = program.enrollments.here().filter(role=Enrollment.Role.MENTEE).with_pairs().filter(pairs_now=0)
        waiting = set(mentees.values_list("user", flat=True))
        for row in program.proposals.select_related("mentor", "mentee"):
            if room.get(row.mentor_id, 0) < 1 or row.mentee_id not in waiting:
                stuck.append(row)
                continue
            started.append(Pair.start(by, program, row.mentor, row.mentee))
            room[row.mentor_id] -= 1
            waiting.discard(row.mentee_id)
            row.delete()
    return started, stuck
