"""Measures large programs in `make bench`: matching, flags, figures, program pages, import and export of people.

Everything happens in a transaction that is rolled back, so that the data set does not change.
"""

import random
import resource
import time

from django.db import transaction
from django.utils import timezone


def run() -> None:
    measure_matching()
    with transaction.atomic():
        flags_and_figures()
        overview()
        import_people()
        export_people()
        transaction.set_rollback(True)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_matching(mentees: int = 2000, mentors: int = 1000) -> None:
    """Match people with random topics, styles and working hours."""
    from mentoring.matching import MatchingInput, Person, best_assignment

    rng = random.Random(1)
    topics = [f"Topic {a} {b}" for a in "abcdefghijklmnopqrst" for b in range(10)]

    def person(pk: int, places: int = 0) -> Person:
        start = rng.choice([6.0, 7.0, 8.0, 9.0, 13.0])
        topics_of_person = [tuple(rng.sample(topics, 3)) for _ in range(3)]
        style = rng.choice(["direct", "gentle", ""])
        hours = (start, start + 8)
        return Person(pk, f"Person {pk}", *topics_of_person, ("English",), style, hours, places=places)

    ours = [person(n, rng.choice([1, 2, 3])) for n in range(mentors)]
    inputs = MatchingInput(ours, [person(10_000 + n) for n in range(mentees)])
    before = time.perf_counter()
    found = best_assignment(inputs)
    took = time.perf_counter() - before
    goal = "(goal: 10 s, 1,024 MB)"
    print(f"best assignment, {mentees} × {mentors}: {len(found)} pairs, {took:.1f} s, peak {peak():.0f} MB {goal}")


def flags_and_figures() -> None:
    from dashboard.figures import take_snapshot
    from dashboard.flags import raise_flags
    from mentoring.models import Pair, Program

    pairs = Pair.objects.active().count()
    before = time.perf_counter()
    up = raise_flags(Pair.objects.active().order_by("pk").iterator(chunk_size=2000))
    took = time.perf_counter() - before
    print(f"flags of {pairs} pairs: raised {up}, {took:.1f} s, peak {peak():.0f} MB")
    print(f"  100,000 pairs at this rate: {100_000 / pairs * took / 60:.1f} min (goal: 5 min, 300 MB)")
    program = Program.objects.first()
    before = time.perf_counter()
    take_snapshot(program, timezone.localdate())
    print(f"figures of a program: {time.perf_counter() - before:.1f} s, computed once a night")


PROGRAM_PAGES = ("program_overview", "program_detail", "program_list", "matching", "pair_create", "program_reminders")


def overview(sizes: tuple[int, ...] = (500, 5000)) -> None:
    """Measure the pages of a program at both sizes, with three in ten pairs flagged and half the mentors contacted."""
    from django.test import Client
    from django.urls import reverse

    times = {name: [] for name in PROGRAM_PAGES}
    for size in sizes:
        admin, program = large_program(size)
        client = Client(headers={"host": "localhost"})
        client.force_login(admin)
        for name in PROGRAM_PAGES:
            url = reverse(name, args=[] if name == "program_list" else [program.pk])
            took = []
            for _round in range(9):
                before = time.perf_counter()
                assert client.get(url).status_code == 200
                took.append(time.perf_counter() - before)
            times[name].append(sorted(took)[4] * 1000)
    for name, found in times.items():
        summary = " and ".join(f"{size:,} pairs {ms:.0f} ms" for size, ms in zip(sizes, found, strict=True))
        print(f"{name}: {summary}, ratio {found[-1] / found[0]:.2f} (goal 1.2)")


def large_program(size: int):
    """Create a program with this number of pairs, 60 days old, three in ten flagged; return its admin and it."""
    from accounts.models import User
    from dashboard.models import Flag, FlagRule, MentorContact
    from mentoring.models import Enrollment, Pair, Program

    today = timezone.localdate()
    program = Program.objects.create(name=f"{size}", starts_on=today, ends_on=today + timezone.timedelta(days=200))
    mail = f"f2-{size}-%s@bench.example"
    people = User.objects.bulk_create([User(email=mail % n, name=f"Person {n}") for n in range(2 * size + 1)])
    now, role = timezone.now(), Enrollment.Role
    roles = [role.MENTOR if n % 2 else role.MENTEE for n in range(2 * size)] + [role.ADMIN]
    Enrollment.objects.bulk_create(
        Enrollment(program=program, user=person, role=what, accepted_at=now)
        for person, what in zip(people, roles, strict=True)
    )
    facts = {
        "program": program,
        "mentor_joined": True,
        "mentee_joined": True,
        "started_on": today - timezone.timedelta(days=60),
        "ends_on": program.ends_on,
    }
    pairs = Pair.objects.bulk_create(
        Pair(mentee=people[n], mentor=people[n + 1], **facts) for n in range(0, 2 * size, 2)
    )
    red, amber = (
        ((FlagRule.NO_RECENT_SESSION, "red"),),
        ((FlagRule.NO_AGREEMENT, "amber"), (FlagRule.CALLED_OFF, "amber")),
    )
    Flag.objects.bulk_create(
        Flag(pair=pair, rule=rule, level=level, raised_at=now - timezone.timedelta(days=9))
        for n, pair in enumerate(pairs)
        for rule, level in (red if n % 10 == 0 else amber)
        if n % 10 < 3
    )
    MentorContact.objects.bulk_create(
        MentorContact(program=program, mentor=people[n], created_at=now - timezone.timedelta(days=n % 50))
        for n in range(1, 2 * size, 4)
    )
    return people[-1], program


def import_people(lines: int = 5000) -> None:
    from mentoring import importing
    from mentoring.models import Program

    head = "email,name,role,team,wants,offers,timezone,hours,languages\n"
    body = "".join(
        f"new{n}@bench.example,Person {n},{'mentor' if n % 3 == 0 else 'mentee'},Team {n % 40},Speaking; Budgets,"
        f"Coaching,Europe/Berlin,09:00-17:00,English\n"
        for n in range(lines)
    )
    before = time.perf_counter()
    run = importing.create_run(Program.objects.first(), None, "people.csv", (head + body).encode(), role="")
    if run.is_being_read:
        importing.read_in_worker(run)
    importing.check(run)
    checked = time.perf_counter() - before
    run.begin(skip_errors=False)
    importing.import_people(run)
    took = time.perf_counter() - before - checked
    print(f"import of {lines} people: checked in {checked:.1f} s, imported in {took:.1f} s (goal: 30 s)")


def export_people(lines: int = 100_000) -> None:
    """Measure the export of a program's people and the memory that Python allocates for it."""
    import tracemalloc

    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from mentoring.models import Enrollment, Profile, Program

    today, now, role = timezone.localdate(), timezone.now(), Enrollment.Role
    program = Program.objects.create(name="Out", starts_on=today, ends_on=today + timezone.timedelta(days=90))
    for first in range(0, lines, 5000):
        numbers = range(first, first + 5000)
        people = [User(email=f"out{n:06}@bench.example", name=f"Person {n}") for n in numbers]
        people = User.objects.bulk_create(people)
        Profile.objects.bulk_create(Profile(program=program, user=one, wants=["Speaking"], team="A") for one in people)
        Enrollment.objects.bulk_create(
            Enrollment(program=program, user=one, role=role.MENTEE, accepted_at=now) for one in people
        )
    admin = User.objects.create(email="out@bench.example", name="Admin")
    Enrollment.objects.create(program=program, user=admin, role=role.ADMIN, accepted_at=now)
    client = Client(headers={"host": "localhost"})
    client.force_login(admin)
    before = time.perf_counter()
    answer = client.post(reverse("people_export", args=[program.pk]))
    size = sum(map(len, answer.streaming_content))
    took = time.perf_counter() - before
    tracemalloc.start()
    answer = client.post(reverse("people_export", args=[program.pk]))
    sum(map(len, answer.streaming_content))
    most = tracemalloc.get_traced_memory()[1] / 1024**2
    tracemalloc.stop()
    print(f"export of {lines:,} people: {size / 1024**2:.1f} MB in {took:.1f} s, {most:.1f} MB of memory")
