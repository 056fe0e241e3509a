"""Tests that published figures never reveal the answers of few people."""

import random
from datetime import date, timedelta
from itertools import combinations

from dashboard.anonymity import answer_hash, may_publish, people_in_difference, publish
from dashboard.figures import figures
from dashboard.models import PublishedFigure
from mentoring.models import PulseAnswer
from tests import make

PROGRAMS, DAYS = 200, 60


def a_day(random, answers: dict) -> None:
    """One day: somebody answers, answers again, gets a second pair, or leaves."""
    for _n in range(random.randint(0, 4)):
        who, row = random.randrange(30), random.randrange(2)
        if random.random() < 0.2:
            answers.pop((who, row), None)
        else:
            answers[who, row] = random.randint(1, 5)


def people_of(answers: dict) -> set[str]:
    return {answer_hash(who, 100 * who + row, value) for (who, row), value in answers.items()}


def test_no_two_published_values_differ_by_one_to_four_people():
    """Compares every day of a program with every other, as somebody could who stores all figures."""
    many = 0
    for seed in range(PROGRAMS):
        chance, answers, published = random.Random(seed), {}, []
        for _day in range(DAYS):
            a_day(chance, answers)
            basis = people_of(answers)
            if may_publish(basis, published):
                published.append(basis)
        for one, other in combinations([set(), *published], 2):
            assert people_in_difference(one, other) in (0, *range(5, 100)), f"program {seed}"
        many += len(published) > 3
    assert many > PROGRAMS / 2, "or nothing was published at all"


def test_values_are_published_in_steps_of_five(pair):
    program = pair.program

    def published(count: int, value: int = 4):
        return publish(program, "pulse", [(n, n, value) for n in range(count)])

    assert published(4) == (None, 0)
    assert published(5) == (4, 5)
    for count in (6, 9, 3, 0):
        assert published(count) == (4, 5), "four more, or fewer, change nothing"
    assert published(10, 2) == (2, 10)
    assert [one.value for one in PublishedFigure.objects.order_by("pk")] == [4, 2]
    assert published(10, 2) == (2, 10) and PublishedFigure.objects.count() == 2


def test_a_person_with_many_pairs_counts_once(pair):
    five = [(n, n, 4) for n in range(5)]
    assert publish(pair.program, "pulse", [(1, n, 4) for n in range(9)]) == (None, 0)
    assert publish(pair.program, "pulse", five) == (4, 5)
    assert publish(pair.program, "pulse", [*five, *((9, 50 + n, 1) for n in range(9))]) == (4, 5)


def test_a_set_close_to_an_earlier_one_is_not_published(pair):
    """A differs a lot from B, and B from C, but A and C differ by one person."""
    a, b = [(n, n, 4) for n in range(5)], [(n, n, 1) for n in range(10)]
    assert publish(pair.program, "pulse", a) == (4, 5)
    assert publish(pair.program, "pulse", b) == (1, 10)
    assert publish(pair.program, "pulse", [*a, (9, 9, 1)]) == (1, 10)


def test_stored_hashes_reveal_nothing_without_the_key(pair, settings):
    publish(pair.program, "pulse", [(n, n, 4) for n in range(5)])
    kept = PublishedFigure.objects.get().basis
    settings.SECRET_KEY = "another key of more than enough characters, so that it counts"
    assert not set(kept) & {answer_hash(n, n, value) for n in range(5) for value in range(1, 6)}


def test_every_figure_of_answers_is_anonymized(db, monkeypatch):
    published_keys = []
    monkeypatch.setattr(
        "dashboard.figures.publish", lambda program, key, *answers: published_keys.append(key) or (None, 0)
    )
    figures(make.program(), date(2026, 12, 7))
    assert published_keys == ["pulse", "answers", "worth"]


def test_daily_figures_never_reveal_few_people(db):
    """One more answer each day changes the figures only in steps."""
    program, today = make.program(), date(2026, 12, 7)
    people = [make.user() for _n in range(14)]
    pairs = [make.pair(program, mentor, mentee) for mentor, mentee in zip(people[::2], people[1::2], strict=True)]
    shown = []
    for n, person in enumerate(people):
        PulseAnswer.record(pairs[n // 2], person, today, worthwhile=1 + n % 5, openness=5)
        shown.append({one.key: one for one in figures(program, today + timedelta(days=n))}["pulse"].n)
    assert shown == [0] * 4 + [5] * 5 + [10] * 5
