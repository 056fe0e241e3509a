"""Rows for tests, with just enough defaults: make.pair(), make.session(pair), make.topic(pair, by)."""

import itertools
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.models import User
from goals.models import Commitment
from mentoring.models import Enrollment, Pair, Program
from sessions.models import AgendaItem, Block, Session

count = itertools.count(1)


def user(name: str = "", **fields) -> User:
    n = next(count)
    fields.setdefault("email", f"person{n}@example.org")
    fields.setdefault("zone_confirmed_at", timezone.now())
    return User.objects.create_user(name=name or f"Person {n}", password=fields.pop("password", None), **fields)


def program(name: str = "Engineering mentoring", **fields) -> Program:
    today = timezone.now().date()
    fields.setdefault("starts_on", today - timedelta(days=30))
    fields.setdefault("ends_on", today + timedelta(days=150))
    return Program.objects.create(name=name, **fields)


def enrollment(program: Program, user: User, role: str, **fields) -> Enrollment:
    fields.setdefault("accepted_at", timezone.now())
    return Enrollment.objects.create(program=program, user=user, role=role, **fields)


def admin(of: Program, name: str = "Priya Nair") -> User:
    person = user(name)
    enrollment(of, person, Enrollment.Role.ADMIN)
    return person


def pair(in_program: Program | None = None, mentor: User | None = None, mentee: User | None = None, **fields) -> Pair:
    in_program = in_program or program()
    mentor = mentor or user("Sam Okafor", zone="Europe/London")
    mentee = mentee or user("Ada Lind", zone="Asia/Kolkata")
    for person, role in ((mentor, Enrollment.Role.MENTOR), (mentee, Enrollment.Role.MENTEE)):
        if not Enrollment.objects.filter(program=in_program, user=person, role=role).exists():
            enrollment(in_program, person, role)
    fields.setdefault("started_on", in_program.starts_on)
    fields.setdefault("ends_on", in_program.ends_on)
    return Pair.objects.create(program=in_program, mentor=mentor, mentee=mentee, **fields)


def session(pair: Pair, local_start: datetime | None = None, zone: str = "Europe/London", **fields) -> Session:
    """A planned session, by default in two days at 10:00 in London. Blocks come from sessions' own planning."""
    import uuid

    minutes = fields.pop("minutes", pair.minutes)
    start = local_start or datetime.combine(timezone.now().date() + timedelta(days=2), datetime.min.time()).replace(
        hour=10
    )
    row = Session(pair=pair, uid=uuid.uuid4(), **fields)
    row.set_time(start, zone, minutes)
    row.save()
    return row


def topic(pair: Pair, by: User | None = None, title: str = "The board presentation", **fields) -> AgendaItem:
    return AgendaItem.objects.create(pair=pair, raised_by=by or pair.mentee, title=title, **fields)


def commitment(pair: Pair, owner: User | None = None, text: str = "Send the draft to Lin", **fields) -> Commitment:
    owner = owner or pair.mentee
    fields.setdefault("due_on", date.today() + timedelta(days=5))
    return Commitment.make(by=fields.pop("by", owner), pair=pair, owner=owner, text=text, **fields)


def block(session: Session, title: str = "Topic", **fields) -> Block:
    fields.setdefault("position", session.blocks.count() + 1)
    return Block.objects.create(session=session, title=title, **({"type": "learn", "minutes": 12} | fields))
