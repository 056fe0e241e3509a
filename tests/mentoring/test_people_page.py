"""Tests the list of people of a program: one row for each person, and pairs as a filter."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from core.formatting import day
from dashboard.figures import take_snapshot
from mentoring.program_page import STATES
from mentoring.views.people import MENTEE, MENTOR
from tests import make
from tests.mentoring.test_programs import rows_of, selected


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def client_(as_, program):
    return as_(make.admin(program))


def test_a_person_with_two_roles_has_one_row(client_, program):
    """Ines mentors Jonas and is mentored by Ruth, who also runs the program."""
    ines, ruth, jonas = make.user("Ines Duarte"), make.user("Ruth Adeyemi"), make.user("Jonas Weber")
    make.pair(program, ines, jonas)
    make.pair(program, ruth, ines)
    make.enrollment(program, ruth, "admin")
    assert rows_of(client_, program) == ["Ines Duarte", "Jonas Weber", "Priya Nair", "Ruth Adeyemi"]
    html = client_.get(f"/programs/{program.pk}/").content.decode()
    row = html.partition("Ines Duarte")[2].partition("</tr>")[0]
    assert "Mentor, mentee" in row and "<bdi>Jonas Weber (mentee)</bdi>" in row
    assert "<bdi>Ruth Adeyemi (mentor)</bdi>" in row and row.count(">Matched<") + row.count("Matched</span>") == 1
    assert row.count("Edit profile") == 2, "each role has its actions"
    assert "Mentor, program admin" in html
    assert re.search(r"Everyone <span>4</span>", html) and re.search(r"Mentors <span>2</span>", html)
    for role, names in (("mentee", ["Ines Duarte", "Jonas Weber"]), ("admin", ["Priya Nair", "Ruth Adeyemi"])):
        assert rows_of(client_, program, role=role) == names


def test_removing_a_selected_person_asks_about_all_their_roles(client_, program):
    person = make.user("Ines Duarte")
    rows = [make.enrollment(program, person, role) for role in ("mentor", "mentee")]
    url, data = selected(program, rows[0], do="remove")
    client_.post(url, data)
    assert not program.enrollments.current().filter(user=person).exists()


def test_the_people_page_shows_the_day_of_the_last_visit_only(client_, program, as_):
    pair = make.pair(program)
    seen_at = timezone.now() - timedelta(days=40)
    User.objects.filter(pk=pair.mentee_id).update(seen_at=seen_at)
    User.objects.filter(pk=pair.mentor_id).update(seen_at=None)
    html = client_.get(f"/programs/{program.pk}/").content.decode()
    row = html.partition(">Ada Lind</a>")[2].partition("</tr>")[0]
    assert f">{day(seen_at)}</td>" in row and f"{seen_at:%H:}" not in row
    assert ">Never</td>" in html.partition(">Sam Okafor</a>")[2].partition("</tr>")[0]
    assert "Sam Okafor" in rows_of(client_, program, sort="seen")[:2], "who was never here comes first"
    assert "Last seen" in as_(pair.mentee).get(f"/programs/{program.pk}/visibility/").content.decode()


def test_the_order_of_visits_within_a_day_is_not_shown(client_, program):
    pair, noon = make.pair(program), datetime(2026, 3, 3, 12, tzinfo=UTC)
    for hours in (-1, 1):
        User.objects.filter(pk=pair.mentor_id).update(seen_at=noon + timedelta(hours=hours))
        User.objects.filter(pk=pair.mentee_id).update(seen_at=noon)
        for order in ("seen", "-seen"):
            found = [
                name for name in rows_of(client_, program, sort=order) if name in (str(pair.mentee), str(pair.mentor))
            ]
            assert found == sorted(found)


def test_pairs_are_a_filter_of_the_people_page(client_, program):
    make.pair(program)
    html = client_.get(f"/programs/{program.pk}/").content.decode()
    assert html.count("<table") == 1 and "Pairs of the program" not in html
    assert '?state=pairs">' in html
    html = client_.get(f"/programs/{program.pk}/", {"state": "pairs"}).content.decode()
    assert html.count("<table") == 1 and "Pairs of the program" in html


def test_somebody_with_two_roles_is_paired_in_the_one_that_fits(client_, program):
    both = make.user("Ines Duarte")
    rows = {role: make.enrollment(program, both, role) for role in (MENTOR, MENTEE)}
    other = make.enrollment(program, make.user("Kofi Mensah"), MENTOR)
    url, data = selected(program, rows[MENTOR], other, do="pair")
    assert client_.get(url, data).url.endswith(f"?mentor={other.pk}&mentee={rows[MENTEE].pk}")


def test_three_pages_count_mentees_without_a_match_alike(client_, program):
    """One has joined, one is invited, and the pair of one has ended."""
    make.pair(program)
    over = make.pair(program, make.user("Olga Ruiz"), make.user("Ben Moss"))
    over.end(None)
    make.enrollment(program, make.user("Ravi Menon"), "mentee")
    make.enrollment(program, make.user("Iris Chen"), "mentee", accepted_at=None)
    take_snapshot(program, program.today())
    for page in ("", "overview/", "matching/"):
        html = client_.get(f"/programs/{program.pk}/{page}").content.decode()
        assert "3 mentees are waiting for a match." in html, page


def test_each_filter_counts_the_people_it_shows(client_, program):
    make.pair(program)
    make.enrollment(program, program.enrollments.get(user__name="Sam Okafor").user, "mentee")
    make.enrollment(program, make.user("Ben Moss"), "mentee", accepted_at=None)
    filters = [{"role": role} for role in ("", "mentor", "mentee", "admin")]
    filters += [{"state": state} for state in STATES] + [{"role": "mentee", "state": "invited"}, {"q": "ben"}]
    for asked in filters:
        people = client_.get(f"/programs/{program.pk}/", asked).context["people"]
        assert people.paginator.count == len(people.object_list), asked
