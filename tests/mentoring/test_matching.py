"""Matching: scores with reasons, rules that forbid a match, the best assignment, and its pages."""

import re
from dataclasses import replace

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from mentoring import matching as rules
from mentoring import proposals
from mentoring.matching import MatchingInput, Person, scoring
from mentoring.matching.people import common_hours
from mentoring.matching.rules import Rules
from mentoring.matching_page import MatchSheet, score_parts
from mentoring.models import Enrollment, NeverPair, Pair, Profile, Proposal
from tests import make
from tests.examples import slow_examples


def mentor(pk: int, places: int = 2, **facts) -> Person:
    return Person(pk, f"Mentor {pk}", places=places, **facts)


def mentee(pk: int, **facts) -> Person:
    return Person(pk, f"Mentee {pk}", **facts)


# --- The score, computed by hand ---


def test_a_score_equals_the_one_computed_by_hand():
    """Goals 25 (1 of 2), style 15, hours 11.25 (3 of 4), second choice 10.5, interests 2.5 (1 of 2)."""
    sam = mentor(1, offers=("Public speaking",), style="direct", hours=(9.0, 17.0), interests=("Chess",))
    ada = mentee(2, wants=("public speaking", "Budgets"), style="direct", hours=(14.0, 22.0), interests=("chess", "Go"))
    found = rules.fit(MatchingInput([sam], [ada], choices={(2, 1): 2}), sam, ada)
    assert found.score == pytest.approx(64.25)
    text = " ".join(found.reasons)
    for reason in ("1 of 2 learning goals: public speaking", "choice 2", "3 shared working hours", "chess"):
        assert reason in text
    assert found.conflicts == []


def test_empty_profiles_get_a_neutral_score():
    found = rules.fit(MatchingInput([mentor(1)], [mentee(2)]), mentor(1), mentee(2))
    assert found.score == pytest.approx(15 * 0.5 + 15 * 0.5)
    assert found.reasons == []


def test_shared_words_count_in_proportion():
    assert scoring.similarity("Public speaking", "public Speaking") == 1
    assert scoring.similarity("Public speaking", "Speaking to boards") == pytest.approx(1 / 3)
    assert scoring.similarity("", "") == 0


@pytest.mark.parametrize("word", ["HR", "AI", "IT", "UX", "QA", "Go", "C", "R&D", "C++", "与", "The the"])
def test_short_words_count(word):
    sam, ada = mentor(1, offers=(word,)), mentee(2, wants=(word.swapcase(),))
    assert rules.fit(MatchingInput([sam], [ada]), sam, ada).parts["aims"] == 1


def test_filler_words_do_not_count():
    assert scoring.similarity("Learning and development", "Learning & development") == 1
    assert scoring.similarity("The art of writing", "The price of AI") == 0
    assert scoring.similarity("AI strategy", "AI ethics") == pytest.approx(1 / 3)


def test_only_the_proportions_of_weights_matter():
    sam, ada = mentor(1, offers=("A skill",)), mentee(2, wants=("A skill",))
    only_aims = dict.fromkeys(rules.WEIGHTS, 0) | {"aims": 7}
    assert rules.fit(MatchingInput([sam], [ada], weights=only_aims), sam, ada).score == 100
    nothing = dict.fromkeys(rules.WEIGHTS, 0)
    assert rules.fit(MatchingInput([sam], [ada], weights=nothing), sam, ada).score == 0


@pytest.mark.parametrize(
    ("one", "other", "hours"),
    [
        ((9, 17), (9, 17), 8),
        ((9, 17), (15, 23), 2),
        ((9, 17), (17, 25), 0),
        ((-3, 5), (20, 28), 7),
        ((9, 17), None, None),
    ],
)
def test_shared_working_hours_may_cross_midnight(one, other, hours):
    assert common_hours(Person(1, "", hours=one), Person(2, "", hours=other)) == hours


# --- Hard rules ---


def forbids(inputs: MatchingInput) -> tuple[bool, list[str]]:
    a, b = inputs.mentors[0], inputs.mentees[0]
    return bool(rules.forbidden(inputs)[0, 0]), rules.conflicts(inputs, a, b)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (MatchingInput([mentor(1, languages=("English",))], [mentee(2, languages=("Deutsch",))]), "share no language"),
        (MatchingInput([mentor(1, hours=(9.0, 17.0))], [mentee(2, hours=(16.0, 24.0))]), "less than two working hours"),
        (MatchingInput([mentor(1)], [mentee(2)], managers={2: 1}), "reports to the other"),
        (MatchingInput([mentor(1)], [mentee(2)], managers={1: 3, 3: 2}), "reports to the other"),
        (MatchingInput([mentor(1)], [mentee(2)], never={frozenset((1, 2))}), "keeps them apart"),
        (MatchingInput([mentor(1)], [mentee(2)], paired={(1, 2)}), "already a pair"),
        (MatchingInput([mentor(1)], [mentee(1)]), "two different people"),
    ],
)
def test_a_hard_rule_forbids_a_match_and_is_named(inputs, message):
    forbidden, reasons = forbids(inputs)
    assert forbidden and any(message in words for words in reasons)


def test_unknown_values_forbid_nothing():
    assert forbids(MatchingInput([mentor(1, languages=("English",))], [mentee(2)])) == (False, [])


def test_a_cycle_of_managers_is_handled():
    inputs = MatchingInput([mentor(1)], [mentee(9)], managers={1: 2, 2: 3, 3: 1})
    assert forbids(inputs)[0] is False


def test_a_never_pair_is_not_given_as_a_reason():
    inputs = MatchingInput([mentor(1)], [mentee(2)], never={frozenset((1, 2))})
    reasons = " ".join(rules.conflicts(inputs, *inputs.mentors, *inputs.mentees))
    assert "Mentee" not in reasons and "Mentor" not in reasons and "wish" not in reasons


# --- The best assignment ---


def optimum(inputs: MatchingInput) -> tuple[int, int, float]:
    """The numbers of matched mentees and mentors and the best total of points, from an independent solver.

    Mixed-integer programs, one after the other: one variable for each pair, one for each seat of a mentor, and one for
    each mentor who has somebody.
    """
    table, load = scoring.scores(inputs), [one.load for one in inputs.mentors]
    cells = [(int(row), int(column)) for row, column in np.argwhere(table > scoring.NEVER / 2)]
    seats = [(n, k) for n, one in enumerate(inputs.mentors) for k in range(one.load, one.load + one.places)]
    width, mentors, mentees = len(cells) + len(seats), inputs.mentors, inputs.mentees
    variables = width + len(mentors)
    bounds = []  # (coefficients, minimum, maximum)

    def bound(coefficients: dict[int, float], least: float, most: float) -> None:
        row = np.zeros(variables)
        for at, value in coefficients.items():
            row[at] = value
        bounds.append((row, least, most))

    for n in range(len(mentees)):
        bound({at: 1 for at, (row, _c) in enumerate(cells) if row == n}, 0, 1)
    for n in range(len(mentors)):
        taken = {at: 1.0 for at, (_r, column) in enumerate(cells) if column == n}
        bound(taken | {len(cells) + at: -1 for at, (who, _k) in enumerate(seats) if who == n}, 0, 0)
        bound({width + n: 1} | dict.fromkeys(taken, -1), -np.inf, load[n])
    keys = {(mentors[column].pk, mentees[row].pk): at for at, (row, column) in enumerate(cells)}
    for two, at in keys.items():
        if two[::-1] in keys:
            bound({at: 1, keys[two[::-1]]: 1}, 0, 1)
    values = np.zeros(variables)
    values[: len(cells)] = [table[cell] for cell in cells]
    values[len(cells) : width] = [-15 * k for _n, k in seats]
    paired = np.zeros(variables)
    paired[: len(cells)] = 1
    having = np.zeros(variables)
    having[width:] = 1
    found = []
    for goal in (paired, having if inputs.rules.every_mentor else having * 0, values):
        limits = LinearConstraint(*(np.array(part) for part in zip(*bounds, strict=True)))
        result = milp(-goal, constraints=limits, bounds=Bounds(0, 1), integrality=np.ones(variables))
        found.append(-result.fun)
        bounds.append((goal, found[-1] - 1e-6, np.inf))
    return round(found[0]), round(found[1]), found[2]


@settings(max_examples=slow_examples(5_000, usual=60), deadline=None)
@given(st.integers(0, 10_000))
def test_an_independent_solver_finds_no_better_assignment(seed):
    generator = np.random.default_rng(seed)
    skills = ["Speaking", "Budgets", "Coaching", "Writing"]

    def pick(n: int) -> tuple[str, ...]:
        return tuple(str(skill) for skill in generator.choice(skills, n, replace=False))

    def facts() -> dict:
        days = [None, (9.0, 17.0), (16.0, 24.0)]
        return {
            "hours": days[generator.integers(3)],
            "team": str(generator.integers(3)),
            "grade": int(generator.integers(1, 4)),
        }

    mentors = [
        mentor(n, int(generator.integers(0, 4)), load=int(generator.integers(0, 2)), offers=pick(2), **facts())
        for n in range(1, 6)
    ]
    # Three people have both roles.
    mentees = [mentee(n, wants=pick(2), **facts()) for n in (*range(1, 4), *range(11, 15))]
    own = Rules(bool(generator.integers(2)), False, int(generator.integers(2)), bool(generator.integers(2)))
    inputs = MatchingInput(mentors, mentees, never={frozenset((1, 11))} if generator.integers(2) else set(), rules=own)
    found = rules.best_assignment(inputs)
    load = {one.pk: one.load for one in mentors}
    points = 0.0
    for match in found:
        points += match.score - 15 * load[match.mentor]
        load[match.mentor] += 1
    assert all(load[one.pk] <= one.load + one.places for one in mentors)
    having = sum(load[one.pk] > 0 for one in mentors) if own.every_mentor else 0
    assert (len(found), having, pytest.approx(points, abs=1e-3)) == optimum(inputs)
    assert found == rules.best_assignment(inputs), "the same input, the same result"


def test_everyone_is_matched_if_numbers_are_equal():
    generator = np.random.default_rng(1)
    skills = [f"Skill {n}" for n in range(30)]
    mentors = [mentor(n, offers=tuple(generator.choice(skills, 3))) for n in range(500)]
    mentees = [mentee(1000 + n, wants=tuple(generator.choice(skills[:10], 3))) for n in range(500)]
    with_rule = MatchingInput(mentors, mentees, rules=Rules(every_mentor=True))
    assert len({match.mentor for match in rules.best_assignment(with_rule)}) == 500
    alike = MatchingInput([mentor(n) for n in range(500)], mentees)
    assert len({match.mentor for match in rules.best_assignment(alike)}) == 500


@pytest.mark.parametrize(("kofis_hours", "mentors"), [((14.0, 22.0), 1), ((13.0, 21.0), 2)])
def test_a_second_mentee_needs_a_gain_of_15_points(kofis_hours, mentors):
    """Sam scores higher than Kofi with both mentees: by 18.75 points, or by 12.5."""
    nine_to_five = (9.0, 17.0)
    sam, kofi = mentor(1, style="direct", hours=nine_to_five), mentor(2, style="gentle", hours=kofis_hours)
    kofi = replace(kofi, interests=("Chess",) if mentors == 2 else ())
    ada, lena = (mentee(n, style="direct", hours=nine_to_five, interests=("Chess",)) for n in (11, 12))
    found = rules.best_assignment(MatchingInput([sam, kofi], [ada, lena]))
    assert len({match.mentor for match in found}) == mentors
    every = MatchingInput([sam, kofi], [ada, lena], rules=Rules(every_mentor=True))
    assert len({match.mentor for match in rules.best_assignment(every)}) == 2


@pytest.mark.parametrize(
    "inputs",
    [
        MatchingInput([], [mentee(2)]),
        MatchingInput([mentor(1)], []),
        MatchingInput([mentor(1, 0)], [mentee(2)]),
        MatchingInput([], []),
    ],
)
def test_no_people_give_no_matches(inputs):
    assert rules.best_assignment(inputs) == []
    assert bool(rules.candidates(inputs, mentee(2))) == any(one.places for one in inputs.mentors)


def test_three_candidates_are_sorted_by_score_then_by_id():
    mentors = [mentor(n, offers=("Speaking",) if n == 4 else ()) for n in (3, 1, 2, 4)]
    found = rules.candidates(MatchingInput(mentors, []), mentee(9, wants=("Speaking",)))
    assert [one.mentor.pk for one in found] == [4, 1, 2]


def test_fairness_counts_mentees_by_the_choice_they_got():
    inputs = MatchingInput([], [], choices={(11, 1): 1, (11, 2): 2, (12, 1): 1, (13, 1): 1})
    fairness = rules.fairness(inputs, [(2, 11), (9, 12)])
    assert (fairness.asked, fairness.ranks, fairness.other, fairness.nobody) == (3, {1: 0, 2: 1, 3: 0}, 1, 1)


# --- Rules that a program turns on ---


@pytest.mark.parametrize(
    ("own", "mentors", "mentees", "message"),
    [
        (Rules(other_team=True), {"team": "Legal"}, {"team": "légal"}, "on the same team"),
        (Rules(other_manager=True), {"manager": 7}, {"manager": 7}, "the same manager"),
        (Rules(grades_above=1), {"grade": 5}, {"grade": 5}, "not 1 grade higher"),
        (Rules(grades_above=2), {"grade": 6}, {"grade": 5}, "not 2 grades higher"),
    ],
)
def test_an_optional_rule_forbids_a_match_and_is_named(own, mentors, mentees, message):
    inputs = MatchingInput([mentor(1, **mentors)], [mentee(2, **mentees)], rules=own)
    forbidden, reasons = forbids(inputs)
    assert forbidden and message in " ".join(reasons)
    assert forbids(replace(inputs, rules=Rules())) == (False, [])
    assert forbids(replace(inputs, mentees=[mentee(2)])) == (False, []), "unknown values forbid nothing"
    assert forbids(replace(inputs, mentees=[mentee(2, team="IT", manager=8, grade=4)])) == (False, [])


def test_two_people_never_mentor_each_other():
    inputs = MatchingInput([mentor(1)], [mentee(2)], paired={(2, 1)})
    forbidden, reasons = forbids(inputs)
    assert forbidden and reasons == ["Mentee 2 mentors Mentor 1."]
    alone = MatchingInput([mentor(1), mentor(2)], [mentee(1), mentee(2)])
    assert len(rules.best_assignment(alone)) == 1


# --- In a program ---


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def people(program):
    sam = make.participant(program, "mentor", "Sam", 1, offers=["Speaking"])
    kofi = make.participant(program, "mentor", "Kofi", 1, offers=["Budgets"])
    ada = make.participant(program, "mentee", "Ada", wants=["Speaking"])
    lena = make.participant(program, "mentee", "Lena", wants=["Budgets"])
    return sam, kofi, ada, lena


def test_proposals_are_hidden_until_pairs_start(as_, program, people):
    sam, kofi, ada, lena = people
    admin = make.admin(program)
    as_(admin).post(reverse("matching_suggest", args=[program.pk]))
    assert set(Proposal.objects.values_list("mentee", "mentor")) == {(ada.pk, sam.pk), (lena.pk, kofi.pk)}
    html = as_(admin).get(reverse("matching", args=[program.pk])).content.decode()
    assert "Sam can help with 1 of 1 learning goals: Speaking" in html
    assert not Pair.objects.exists() and "Sam" not in as_(ada).get("/").content.decode()


def test_the_page_explains_who_has_no_match(as_, program, people):
    sam, kofi, _ada, _lena = people
    nia = make.participant(program, "mentee", "Nia", languages=["Deutsch"])
    Profile.objects.filter(user__in=[sam, kofi]).update(languages=["English"])
    client, url = as_(make.admin(program)), reverse("matching", args=[program.pk])
    assert "No mentor fits the rules: They share no language. (2)" in client.get(url).content.decode()
    make.participant(program, "mentee", "Omar", wants=["Budgets", "Speaking"])
    client.post(reverse("matching_suggest", args=[program.pk]))
    html = client.get(url).content.decode()
    assert "Every mentor who fits is full: Sam, Kofi." in html and "Mentors without a mentee" not in html
    Enrollment.objects.filter(user=sam).update(capacity=2)
    make.participant(program, "mentor", "Zoe", languages=["Deutsch"])
    Proposal.objects.all().delete()
    client.post(reverse("matching_suggest", args=[program.pk]))
    assert Proposal.objects.count() == 4 and Proposal.objects.get(mentee=nia).mentor.name == "Zoe"
    make.participant(program, "mentor", "Yan")
    assert "Mentees who fit score 15 or more points higher with another mentor." in client.get(url).content.decode()


def test_a_waiting_mentee_is_listed_with_goals_and_the_best_match(as_, program, people):
    html = as_(make.admin(program)).get(reverse("matching", args=[program.pk])).content.decode()
    assert "Learning goals: <bdi>Speaking</bdi>" in html and "Learning goals: <bdi>Budgets</bdi>" in html
    best = re.findall(r"Best match: (\w+), (\d+) of 100 \(\1 can help with [^)]*\). 1 more fits.", html)
    assert [name for name, _score in best] == ["Sam", "Kofi"] and all(int(score) >= 50 for _name, score in best)


def test_a_locked_proposal_is_kept_and_uses_a_place(as_, program, people):
    sam, kofi, ada, lena = people
    admin = make.admin(program)
    lena_row = Enrollment.objects.get(user=lena)
    page = as_(admin).get(reverse("matching_candidates", args=[lena_row.pk])).content.decode()
    assert page.index("Kofi") < page.index("Sam")
    as_(admin).post(reverse("matching_candidates", args=[lena_row.pk]), {"mentor": sam.pk})
    as_(admin).post(reverse("matching_suggest", args=[program.pk]))
    assert set(Proposal.objects.values_list("mentee", "mentor", "locked")) == {
        (lena.pk, sam.pk, True),
        (ada.pk, kofi.pk, False),
    }
    row = Proposal.objects.get(mentee=lena)
    as_(admin).post(reverse("proposal_lock", args=[row.pk]), {"on": "0"})
    as_(admin).post(reverse("matching_suggest", args=[program.pk]))
    assert Proposal.objects.get(mentee=lena).mentor == kofi


def test_a_proposal_of_a_person_who_left_can_be_removed(as_, program, people):
    sam, _kofi, ada, _lena = people
    proposals.suggest_matches(program, sam)
    Enrollment.objects.filter(user=ada).update(left_at="2026-01-01T00:00Z")
    html = as_(make.admin(program)).get(reverse("matching", args=[program.pk])).content.decode()
    assert (
        "No longer possible" in html and reverse("proposal_remove", args=[Proposal.objects.get(mentee=ada).pk]) in html
    )


def test_a_paired_mentee_is_not_proposed(program, people):
    sam, _kofi, ada, lena = people
    Pair.start(None, program, sam, ada)
    assert [person.pk for person in proposals.matching_input(program).mentees] == [lena.pk]


def test_no_profile_is_read_while_no_mentee_is_waiting(as_, program, people):
    sam, kofi, ada, lena = people
    for mentor, mentee in ((sam, ada), (kofi, lena)):
        Pair.start(None, program, mentor, mentee)
    with CaptureQueriesContext(connection) as queries:
        as_(make.admin(program)).get(reverse("matching", args=[program.pk]))
    assert not any("mentoring_profile" in query["sql"] for query in queries)


def test_mentors_with_room_are_listed_the_least_busy_first(as_, program, people):
    sam, kofi, ada, _lena = people
    Pair.start(None, program, sam, ada)
    for mentor, capacity in ((sam, 3), (kofi, 1)):
        Enrollment.objects.filter(program=program, user=mentor).update(capacity=capacity)
    make.enrollment(program, make.user("Full Mentor"), Enrollment.Role.MENTOR, capacity=0)
    html = as_(make.admin(program)).get(reverse("matching", args=[program.pk])).content.decode()
    assert "Mentors have room for 3 more mentees." in html
    aside = html[html.index('id="with-room"') :]
    assert aside.index(kofi.name) < aside.index(sam.name) and "Full Mentor" not in aside
    assert "1 of 3" in aside and "0 of 1" in aside


def test_an_excluded_mentor_is_not_proposed(as_, program, people):
    sam, kofi, ada, _lena = people
    NeverPair.objects.create(program=program, user=ada, other=sam, created_by=ada)
    proposals.suggest_matches(program, sam)
    assert Proposal.objects.get(mentee=ada).mentor == kofi


def test_weights_are_changed_by_the_admin(as_, program, people):
    admin, url = make.admin(program), reverse("matching_weights", args=[program.pk])
    weights = {"aims": 0, "style": 0, "hours": 0, "wish": 0, "interests": 0}
    assert as_(admin).post(url, weights).status_code == 422
    as_(admin).post(url, weights | {"wish": 100})
    program.refresh_from_db()
    assert proposals.matching_input(program).weights["wish"] == 100


def test_pairing_by_hand_confirms_conflicts_with_optional_rules(as_, program, people):
    sam, kofi, ada, lena = people
    Profile.objects.filter(user__in=[sam, ada]).update(team="Legal", grade=4)
    admin, url = make.admin(program), reverse("matching_rules", args=[program.pk])
    on = {"other_team": "on", "grades_above": "1", "every_mentor": "on"}
    wrong = as_(admin).post(url, on | {"grades_above": "many"})
    assert wrong.status_code == 422 and 'value="many"' in wrong.content.decode()
    assert as_(admin).post(url, on).status_code == 302
    program.refresh_from_db()
    assert program.match_rules == {"other_team": True, "grades_above": 1, "every_mentor": True}
    assert "Every mentor gets at least one mentee" in as_(admin).get(url).content.decode()
    weights = as_(admin).get(reverse("matching_weights", args=[program.pk])).content.decode()
    assert "70% for the second" in weights
    rows = {row.user_id: row.pk for row in program.enrollments.all()}
    response = as_(admin).post(
        reverse("pair_create", args=[program.pk]), {"mentor": rows[sam.pk], "mentee": rows[ada.pk]}
    )
    html = response.content.decode()
    assert response.status_code == 422 and "They are on the same team." in html and "Sam is not 1 grade higher." in html
    proposals.suggest_matches(program, admin)
    assert set(Proposal.objects.values_list("mentee", "mentor")) == {(ada.pk, kofi.pk), (lena.pk, sam.pk)}


def test_pairing_people_in_reversed_roles_needs_confirmation(as_, program, people):
    sam, _kofi, ada, _lena = people
    Pair.start(None, program, sam, ada)
    data = {
        "mentor": make.enrollment(program, ada, "mentor").pk,
        "mentee": make.enrollment(program, sam, "mentee").pk,
    }
    response = as_(make.admin(program)).post(reverse("pair_create", args=[program.pk]), data)
    assert response.status_code == 422 and "Sam mentors Ada." in response.content.decode()


def test_the_parts_of_a_score_add_up_to_it():
    inputs = MatchingInput(
        [mentor(1, offers=("Speaking",), style="direct")], [mentee(2, wants=("Speaking", "Budgets"), style="direct")]
    )
    sheet = MatchSheet(rules.fit(inputs, inputs.mentors[0], inputs.mentees[0]), inputs.weights)
    assert sum(part.earned for part in sheet.parts) == pytest.approx(sheet.fit.score)
    assert sum(part.most for part in sheet.parts) == pytest.approx(100)
    without = score_parts(sheet.fit.parts, inputs.weights | {"wish": 0, "interests": 0})
    assert [str(part.label) for part in without] == ["Learning goals", "Communication style", "Shared hours"]


def test_a_suggestion_shows_its_score_its_parts_and_its_conflict(as_, program, people):
    sam, _kofi, ada, _lena = people
    Profile.objects.filter(user=ada).update(languages=["English"])
    Profile.objects.filter(user=sam).update(languages=["Deutsch"])
    Proposal.stage(program, sam, ada, None)
    html = as_(make.admin(program)).get(reverse("matching", args=[program.pk])).content.decode()
    match = html.split("sheet match")[1].split("match-body")[0]
    assert "is-locked" in match and "0 of 1" in " ".join(match.split())
    assert "Include Ada with Sam when publishing" in html and "1 suggested match" in html and "1 locked" in html
    assert "They share no language." in html and "Learning goals" in html and ">50" in html
