"""The demo scenario: six months of a made-up program, reproducible except for dates, which depend on `now`."""

import random
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Installation, User
from dashboard.figures import take_snapshot
from dashboard.flags import raise_flags
from dashboard.models import Flag, MentorContact
from demo import texts
from demo.builder import PairBuilder
from demo.clearing import require_demo_or_empty
from demo.mentoring import (
    build_answered_questions,
    build_feedback_on_mentoring,
    build_huddle,
    let_sessions_become_less_useful,
)
from demo.people import PASSWORD, address
from demo.practice import (
    build_buddies,
    build_introductions,
    build_opportunities,
    build_own_inventories,
    build_practice,
    build_resources,
    build_self_review,
)
from demo.progress import create_direction
from mentoring.models import Cadence, Enrollment, Pair, Profile, Program, Style
from sessions.models import Session

WEEKS_BEHIND, WEEKS_AHEAD = 26, 13


def create_demo(now: datetime | None = None) -> None:
    """Fill an empty database with the demo program as of `now`; raise NotADemo if it contains real people."""
    require_demo_or_empty()
    if Installation.current():
        return
    now = now or timezone.now()
    with transaction.atomic():
        Installation.objects.create(pk=1, demo=True, operator_name=texts.RUN_BY, started_at=now)
        program = Program.objects.create(
            name=texts.PROGRAM,
            starts_on=now.date() - timedelta(weeks=WEEKS_BEHIND),
            ends_on=now.date() + timedelta(weeks=WEEKS_AHEAD),
            language="en",  # of what its people wrote; they read the pages in the language of who looks around
        )
        create_direction(program)
        users = _people(program, now)
        _pairs(program, users, now)
        build_huddle(program, users, now)
        build_buddies(program, users["Ada"], users["Noor"], now)
        build_opportunities(program, users, now)
        _contacts(program, users, now)
        raise_flags(Pair.objects.filter(program=program).active().order_by("pk"), now.date())
        _date_flags(now)
        _add_past_flags(program, now)
        take_snapshot(program, now.date())
        Session.objects.update(changed_at=None)  # treat calendars as up to date, so that no mail is sent


def _contacts(program: Program, users: dict[str, User], now: datetime) -> None:
    """Add the contacts of the admin with mentors; the first two are due again."""
    for mentor, days in texts.CONTACTS.items():
        contact = {"mentor": users[mentor], "created_by": users["Priya"], "created_at": now - timedelta(days=days)}
        MentorContact.objects.create(program=program, **contact)


def _date_flags(now: datetime) -> None:
    """Let the flags be as old as admins see them: red ones were amber before."""
    for flag in Flag.objects.all():
        days = flag.facts.get("days since the last session", 0) - 21
        since = now - timedelta(days=max(4, days))
        changed_at = now - timedelta(days=4) if flag.level == Flag.Level.RED else since
        Flag.objects.filter(pk=flag.pk).update(raised_at=since, level_changed_at=changed_at)


def _add_past_flags(program: Program, now: datetime) -> None:
    """Add flags of the last months that were cleared."""
    pairs = {pair.mentee.first_name: pair for pair in program.pairs.active().select_related("mentee")}
    for mentee, rule, level, weeks_ago, weeks in texts.PAST_FLAGS:
        raised_at = now - timedelta(weeks=weeks_ago)
        Flag.objects.create(
            pair=pairs[mentee],
            rule=rule,
            level=level,
            raised_at=raised_at,
            level_changed_at=raised_at,
            cleared_at=raised_at + timedelta(weeks=weeks),
        )


def _people(program: Program, now: datetime) -> dict[str, User]:
    joined = now - timedelta(weeks=WEEKS_BEHIND)
    users, secret = {}, make_password(PASSWORD)
    for name, zone, roles in [*texts.PEOPLE, *((name, zone, ["mentee"]) for name, zone in texts.UNPAIRED)]:
        users[name.split()[0]] = user = User(
            email=address(name), name=name, zone=zone, zone_confirmed_at=joined, password=secret
        )
        user.seen_at = now - timedelta(days=len(users) * 3 % 8, hours=2)
        user.speak(get_language())
        user.save()
        for role in roles:
            Enrollment.objects.create(program=program, user=user, role=role, invited_at=joined, accepted_at=joined)
    for n, user in enumerate(users.values()):
        wants, offers = (texts.SKILLS[(n * k) % len(texts.SKILLS) :][:3] for k in (3, 5))
        style = list(Style.values)[n % 4]
        Profile.objects.create(
            program=program, user=user, wants=wants, offers=offers, style=style, languages=["English"]
        )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users.values()
    )
    for name, role in texts.INVITED:
        user = User.objects.create_user(address(name), name=name)
        at = now - timedelta(days=4)
        Enrollment.objects.create(
            program=program, user=user, role=role, name=name, invited_at=at, invitation_sent_at=at
        )
    return users


def _pairs(program: Program, users: dict[str, User], now: datetime) -> None:
    """Create the pairs, at least one for each state that a pair can be in."""
    rng = random.Random(7)

    def pair(mentor: str, mentee: str, weeks: int, cadence: str = Cadence.TWO_WEEKLY) -> PairBuilder:
        row = Pair.objects.create(
            program=program,
            mentor=users[mentor],
            mentee=users[mentee],
            mentor_joined=True,
            mentee_joined=True,
            started_on=now.date() - timedelta(weeks=weeks),
            ends_on=program.ends_on,
            cadence=cadence,
        )
        return PairBuilder(row, now, rng)

    soon = now + timedelta(minutes=10)
    soon = soon.replace(minute=soon.minute - soon.minute % 5, second=0, microsecond=0)

    # The pair to show first: three past sessions, and the next one starts in ten minutes.
    builder = pair("Sam", "Ada", 7)
    builder.agree()
    builder.meet_every(14, 3, last=soon - timedelta(days=14))
    builder.plan_series(soon, place="https://meet.example/harbor-4")
    builder.prepare(shared=True)
    builder.add_topics(topics=2, questions=1)
    build_practice(builder.pair, now)
    build_feedback_on_mentoring(builder.pair, 3, now)
    build_introductions(builder.pair, now)
    build_answered_questions(builder.pair, now)
    build_resources(builder.pair, now)
    build_own_inventories(builder.pair.program)

    # Next session tomorrow; the status update is still a draft.
    builder = pair("Sam", "Noor", 17)
    builder.agree()
    builder.meet_every(14, 8, last=now - timedelta(days=13))
    builder.plan_series(_at(now, 1, time(11), "Europe/London"), place="Room Dover")
    builder.prepare(shared=False)
    builder.add_topics(topics=1, questions=2)
    builder.check_in(5, "stuck", texts.STUCK)
    build_feedback_on_mentoring(builder.pair, 6, now)
    let_sessions_become_less_useful(builder.pair)
    build_self_review(builder.pair.mentor, now)

    # Weekly sessions, going well.
    builder = pair("Kofi", "Clara", 21, Cadence.WEEKLY)
    builder.agree()
    builder.meet_every(7, 20, last=now - timedelta(days=5))
    builder.plan_series(_at(now, 2, time(9), "Africa/Accra"), place="https://meet.example/kofi")
    builder.prepare(shared=True)
    builder.check_in(2, "on_track")
    builder.add_topics(topics=2, questions=0)

    # No session planned; the last one was five weeks ago.
    builder = pair("Kofi", "Lena", 19)
    builder.agree()
    builder.meet_every(14, 7, last=now - timedelta(days=34))
    builder.add_topics(topics=1, questions=1)

    # Few commitments kept.
    builder = pair("Tom", "Mei", 15)
    builder.agree()
    builder.meet_every(14, 7, last=now - timedelta(days=10), kept=0.2)
    builder.plan_series(_at(now, 4, time(8), "America/New_York"), place="https://meet.example/tom")

    # Ines is a mentor in one pair and a mentee in another.
    builder = pair("Ines", "Jonas", 22)
    builder.agree()
    builder.meet_every(14, 11, last=now - timedelta(days=6))
    builder.plan_series(_at(now, 8, time(15), "Europe/Lisbon"), place="Room Tagus")
    builder = pair("Ruth", "Ines", 13, Cadence.MONTHLY)
    builder.agree()
    builder.meet_every(30, 3, last=now - timedelta(days=21))
    builder.plan_series(_at(now, 9, time(10), "Africa/Lagos"), place="https://meet.example/ruth")

    # Canceled, skipped and moved sessions.
    builder = pair("Diego", "Hana", 14)
    builder.agree()
    builder.meet_every(14, 4, last=now - timedelta(days=45))
    builder.cancel_or_skip(now - timedelta(days=31), "canceled")
    builder.cancel_or_skip(now - timedelta(days=17), "skipped")
    builder.plan_series(_at(now, 6, time(9), "America/Sao_Paulo"), place="https://meet.example/diego", moved=True)
    builder.add_topics(topics=3, questions=0)

    # A past session that nobody has confirmed.
    builder = pair("Grace", "Sofia", 10)
    builder.agree()
    builder.meet_every(14, 4, last=now - timedelta(days=16))
    builder.leave_unconfirmed(now - timedelta(days=2, hours=3))
    builder.add_topics(topics=1, questions=1)

    # A session that one person confirmed and the other denied.
    builder = pair("Nils", "Amara", 13)
    builder.agree()
    builder.meet_every(14, 5, last=now - timedelta(days=22))
    builder.contradict(now - timedelta(days=8))
    builder.plan_series(_at(now, 6, time(13), "Europe/Stockholm"), place="Room Vasa")

    # Paused until the end of next week.
    builder = pair("Leo", "Yara", 16)
    builder.agree()
    builder.meet_every(14, 6, last=now - timedelta(days=30))
    builder.pause(days_ago=20, days=31)

    # Paired eleven days ago: no session planned, agreement signed by one person only.
    builder = pair("Grace", "Eva", 0)
    builder.begin(days_ago=11)
    builder.agree(both=False)

    # Paired yesterday; the first session is planned.
    builder = pair("Ruth", "Zoe", 0)
    builder.begin(days_ago=1)
    builder.plan_first(_at(now, 3, time(8), "Africa/Lagos"), place="https://meet.example/ruth")

    # Session held yesterday, confirmed by one person only; one commitment due today.
    builder = pair("Diego", "Maya", 11)
    builder.agree()
    builder.meet_every(14, 6, last=now - timedelta(days=1), answered_by_both=False)
    builder.plan_series(_at(now, 13, time(10), "America/Sao_Paulo"), place="https://meet.example/diego")

    # Ended in agreement; the content is still readable.
    builder = pair("Olga", "Ben", 23)
    builder.agree()
    builder.meet_every(14, 11, last=now - timedelta(days=9))
    builder.end(days_ago=9)


def _at(now: datetime, days: int, clock: time, zone: str) -> datetime:
    """Return the local time `clock` in `zone`, `days` after `now`; weekends move to Monday."""
    day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
