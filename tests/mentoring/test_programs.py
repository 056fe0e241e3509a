"""The pages on which an admin runs a program: its settings, people and pairs, but no content of a pair."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from core.formatting import day
from dashboard.forms.program_rules import AttentionRulesForm
from mentoring import invitations
from mentoring.forms import PairForm
from mentoring.models import Enrollment, Pair, Profile, Program
from mentoring.views.matching import WeightsForm
from tests import make
from tests.browsing import fields_of
from tests.site.test_weight import check_page

FACTS = {
    "name": "Sales mentoring",
    "starts_on": "2099-01-12",
    "ends_on": "2099-07-12",
    "cadence": "monthly",
    "minutes": "45",
    "most_mentees": "3",
}


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def priya(program):
    return make.admin(program)


@pytest.fixture
def client_(as_, priya):
    return as_(priya)


def test_an_admin_sees_only_the_programs_they_run(client_, program):
    make.program("Somebody else's")
    page = client_.get("/programs/").content.decode()
    assert program.name in page and "Somebody else" not in page


def test_an_admin_can_create_another_program(client_, priya):
    answer = client_.post("/programs/new/", FACTS)
    program = Program.objects.get(name="Sales mentoring")
    assert answer.headers["Location"] == f"/programs/{program.pk}/"
    assert program in Program.objects.managed_by(priya)
    assert AuditEvent.objects.filter(user=priya, action=AuditEvent.Action.PROGRAM_CREATED).exists()


def test_a_double_click_creates_one_program(client_):
    facts = FACTS | {"form_token": "7d8f3c1e-6c0b-4a7e-9d6e-222222222222"}
    first, second = client_.post("/programs/new/", facts), client_.post("/programs/new/", facts)
    assert first.headers["Location"] == second.headers["Location"]
    assert Program.objects.filter(name="Sales mentoring").count() == 1


def test_mentors_and_mentees_cannot_create_programs(as_, pair):
    assert as_(pair.mentor).get("/programs/new/").status_code == 404
    assert as_(pair.mentor).get("/programs/").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"ends_on": "2099-01-12"},
        {"minutes": "5"},
        {"minutes": "241"},
        {"cadence": "daily"},
    ],
)
def test_invalid_input_answers_422_and_keeps_the_rest(client_, program, wrong):
    for url in ("/programs/new/", f"/programs/{program.pk}/edit/"):
        answer = client_.post(url, FACTS | wrong)
        assert answer.status_code == 422
        assert 'value="2099-01-12"' in answer.content.decode()
    program.refresh_from_db()
    assert program.name == "Engineering mentoring"


def test_simultaneous_edits_of_a_program_lose_nothing(client_, program, as_):
    other, url = as_(make.admin(program, "Ines Duarte")), f"/programs/{program.pk}/edit/"
    opened = fields_of(client_.get(url).content.decode())
    assert other.post(url, opened | {"cadence": "weekly"}).status_code == 302
    assert client_.post(url, opened | {"minutes": "45"}).status_code == 302
    program.refresh_from_db()
    assert (program.cadence, program.minutes) == ("weekly", 45)
    clash = client_.post(url, opened | {"cadence": "monthly"})
    page = clash.content.decode()
    assert clash.status_code == 409 and "Stored now: “every week”" in page and 'value="monthly" selected' in page
    assert client_.post(url, fields_of(page)).status_code == 302
    program.refresh_from_db()
    assert (program.cadence, program.minutes) == ("monthly", 45)


def test_simultaneous_edits_of_rules_and_weights_lose_nothing(client_, program, as_):
    other = as_(make.admin(program, "Ines Duarte"))
    for form, url, first, second in (
        (AttentionRulesForm, f"/programs/{program.pk}/rules/", {"A1_amber": "12"}, {"A1_red": "30"}),
        (WeightsForm, f"/programs/{program.pk}/matching/weights/", {"style": "20"}, {"hours": "30"}),
    ):
        opened = as_shown(form(program=program))
        assert other.post(url, opened | first).status_code == 302
        assert client_.post(url, opened | second).status_code == 302
        assert client_.post(url, opened | dict.fromkeys(first, "14")).status_code == 409
    program.refresh_from_db()
    assert (program.thresholds, program.match_weights["style"]) == ({"A1_amber": 12, "A1_red": 30}, 20)
    assert program.match_weights["hours"] == 30


def as_shown(form) -> dict:
    """The data that the form sends if nothing is changed."""
    sent = {}
    for field in form:
        sent |= dict.fromkeys((field.html_name, field.html_initial_name), field.value())
    return {name: "" if value is None else value for name, value in sent.items()}


@pytest.mark.parametrize("name", ["x" * 200, "برنامج الإرشاد", "Grow 🌱 together"])
def test_a_program_can_have_any_name(client_, program, name):
    assert client_.post(f"/programs/{program.pk}/edit/", FACTS | {"name": name}).status_code == 302
    assert name in client_.get(f"/programs/{program.pk}/").content.decode()


def test_an_empty_program_explains_the_next_step(client_, program):
    page = client_.get(f"/programs/{program.pk}/").content.decode()
    assert "Invite mentors" in page and "A pair is one mentor and one mentee" in page


def test_the_page_shows_the_state_of_people_and_the_next_step(client_, priya, program):
    pair = make.pair(program)
    invitations.invite(priya, program, "mentee", [("Lena Brandt", "lena@example.org")])
    page = client_.get(f"/programs/{program.pk}/").content.decode()
    assert "1 mentee is waiting for a match." in page and "Find matches" in page
    words = re.sub(r"<[^>]*>", " ", page)
    people = words[words.index("Matched with") :]
    assert [people.count(state) for state in ("Matched ", "Joined", "Invitation not sent yet")] == [3, 1, 1]
    assert "1 of 2" in people and people.count(str(pair.mentor)) >= 2, "in the mentor's row and in the mentee's"


def test_links_can_be_copied_until_email_is_on(client_, priya, program, settings):
    enrollment = invitations.invite(priya, program, "mentee", [("Lena", "lena@example.org")]).enrollments[0]
    link = f"http://localhost:8000{enrollment.invitation_path()}"
    assert link in client_.get(f"/programs/{program.pk}/").content.decode()
    settings.EMAIL_URL = "smtp://localhost"
    assert enrollment.invitation_token not in client_.get(f"/programs/{program.pk}/").content.decode()


def test_people_can_be_filtered_by_role(client_, program):
    make.pair(program)
    page = client_.get(f"/programs/{program.pk}/?role=mentor").content.decode()
    people = page.split("<tbody>")[1]
    assert people.count("<tr ") == 1 and ">Sam Okafor</a>" in people


def rows_of(client, program, **query) -> list[str]:
    """The names in the list of people, in its order."""
    page = client.get(f"/programs/{program.pk}/", query).content.decode()
    people = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'class="title-link"[^>]*>([^<]*)<', people)


def test_people_can_be_filtered_by_state_and_counted(client_, priya, program):
    make.pair(program)
    make.enrollment(program, make.user("Zoe Grant"), "mentor")
    make.enrollment(program, make.user("Ben Moss"), "mentee")
    bouncing = make.user("Iris Chen", mail_suspended_at=timezone.now())
    make.enrollment(program, bouncing, "mentee", accepted_at=None)
    for state, names in (
        ("waiting", ["Ben Moss", "Iris Chen"]),
        ("invited", ["Iris Chen"]),
        ("room", ["Sam Okafor", "Zoe Grant"]),
        ("bouncing", ["Iris Chen"]),
    ):
        assert rows_of(client_, program, state=state) == names
        html = client_.get(f"/programs/{program.pk}/", {"state": state}).content.decode()
        chip = re.search(rf'href="\?state={state}" aria-current="true">(.*?)</a>', html, re.DOTALL)
        assert chip and f"<span>{len(names)}</span>" in chip[1]
    assert len(rows_of(client_, program, state="nonsense", role="x", sort="password")) == 6


def test_people_are_sorted_by_the_column_in_the_address(client_, program):
    make.pair(program)
    make.pair(program, make.user("Kofi Mensah"), make.user("Lena Brandt"))
    make.pair(program, program.enrollments.get(user__name="Kofi Mensah").user, make.user("Mei Tanaka"))
    make.enrollment(program, make.user("Ben Moss"), "mentee")
    names = ["Ada Lind", "Ben Moss", "Kofi Mensah", "Lena Brandt", "Mei Tanaka", "Priya Nair", "Sam Okafor"]
    assert rows_of(client_, program) == names and rows_of(client_, program, sort="-name") == names[::-1]
    assert rows_of(client_, program, sort="-mentees")[:2] == ["Kofi Mensah", "Sam Okafor"]
    assert rows_of(client_, program, sort="status")[0] == "Ben Moss"
    html = client_.get(f"/programs/{program.pk}/", {"sort": "-role", "role": "mentee"}).content.decode()
    head = re.search(r'<th[^>]*aria-sort="descending"[^>]*>\s*<a href="\?([^"]*)">(\w+)', html)
    assert head.groups() == ("role=mentee&amp;sort=role", "Role"), "the filter stays in the address"


def test_a_list_row_shows_partner_pause_and_next_session(client_, program):
    pair = make.pair(program)
    session = make.session(pair)
    html = client_.get(f"/programs/{program.pk}/", {"role": "mentee"}).content.decode()
    row = html.split("<tbody>")[1].split("</tbody>")[0]
    assert str(pair.mentor) in row and day(session.starts_at) in row
    today = program.today()
    pair.pauses.create(from_on=today, resume_on=today + timedelta(days=9))
    html = client_.get(f"/programs/{program.pk}/", {"role": "mentee"}).content.decode()
    assert "Paused" in html.split("<tbody>")[1].split("</tbody>")[0]


# --- Several people at once ---


def selected(program, *rows, do: str) -> tuple[str, dict]:
    return f"/programs/{program.pk}/people/selected/", {"do": do, "person": [row.pk for row in rows]}


def test_several_people_are_invited_again_after_a_confirmation(client_, program):
    rows = [make.enrollment(program, make.user(f"Mentee {n}"), "mentee", accepted_at=None) for n in range(2)]
    joined = make.enrollment(program, make.user("Ada Lind"), "mentee")
    links = [row.invitation_path() for row in rows]
    url, data = selected(program, *rows, joined, do="invite")
    html = client_.get(url, data).content.decode()
    assert "Invite 2 people again?" in html and "Already in the program" in html and "Ada Lind" in html
    assert Client().get(links[0]).status_code == 200, "asking changes nothing"
    client_.post(url, data)
    assert [Client().get(link).status_code for link in links] == [404, 404]
    assert AuditEvent.objects.filter(action="invited again as mentee").count() == 2


def test_several_people_are_removed_but_nobody_with_a_pair(client_, program):
    pair = make.pair(program)
    rows = [make.enrollment(program, make.user(f"Mentee {n}"), "mentee") for n in range(2)]
    url, data = selected(program, *rows, program.enrollments.get(user=pair.mentee), do="remove")
    html = client_.get(url, data).content.decode()
    assert "Remove 2 people from the program?" in html and "Not removed" in html and str(pair.mentee) in html
    client_.post(url, data)
    assert not program.enrollments.current().filter(pk__in=[row.pk for row in rows]).exists()
    assert program.enrollments.get(user=pair.mentee).left_at is None
    admin = program.enrollments.get(role="admin")
    url, data = selected(program, admin, do="remove")
    assert client_.post(url, data, follow=True).status_code == 200
    admin.refresh_from_db()
    assert admin.left_at is None, "the only admin stays"


def test_two_selected_people_are_taken_to_the_form_for_a_pair(client_, program):
    mentor, mentee = people(program)
    url, data = selected(program, mentor, mentee, do="pair")
    assert client_.get(url, data).headers["Location"] == (
        f"/programs/{program.pk}/pairs/new/?mentor={mentor.pk}&mentee={mentee.pk}"
    )
    other = make.enrollment(program, make.user("Lena Brandt"), "mentee")
    url, data = selected(program, mentee, other, do="pair")
    assert "Select one mentor and one mentee" in client_.get(url, data, follow=True).content.decode()


def test_people_of_other_programs_cannot_be_selected(client_, program):
    stranger = make.enrollment(make.program("Elsewhere"), make.user("Nia Cole"), "mentee", accepted_at=None)
    for do in ("invite", "remove", "pair", "", "x"):
        url, data = selected(program, stranger, do=do)
        assert "Nia Cole" not in client_.post(url, data, follow=True).content.decode()
    stranger.refresh_from_db()
    assert stranger.left_at is None


def test_long_lists_are_paginated(client_, program):
    for n in range(60):
        make.enrollment(program, make.user(f"Mentee {n:02}"), "mentee")
    first = client_.get(f"/programs/{program.pk}/").content.decode()
    last = client_.get(f"/programs/{program.pk}/?people=3").content.decode()
    assert "Mentee 00" in first and "Mentee 59" not in first and "Mentee 59" in last


def test_an_index_finds_the_current_pair_of_a_mentee(db):
    """Without an index, a page of 5,000 pairs takes seconds, because each mentee reads all pairs."""
    constraints = connection.introspection.get_constraints(connection.cursor(), Pair._meta.db_table)
    assert constraints["running_of_a_mentee"]["columns"] == ["program_id", "mentee_id"]
    if connection.vendor == "sqlite":  # PostgreSQL chooses a plan by the number of rows
        rows = Enrollment.objects.unpaired_mentees()
        assert "running_of_a_mentee" in rows.explain()


def test_people_and_pairs_are_found_by_name_or_address(client_, program):
    pair = make.pair(program, make.user("Olga Ruiz", email="olga@example.org"), make.user("Ben Moss"))
    make.pair(program, make.user("Sam Okafor"), make.user("Ada Lind"))
    for query in ("olga", "OLGA@example", "  Ruiz "):
        html = client_.get(f"/programs/{program.pk}/", {"q": query}).content.decode()
        people = html.split('id="people-head"')[1]
        pairs = client_.get(f"/programs/{program.pk}/", {"q": query, "state": "pairs"}).content.decode()
        assert "Olga Ruiz" in people and "Ada Lind" not in people
        assert str(pair.mentee) in pairs and "Sam Okafor" not in pairs
    nobody = client_.get(f"/programs/{program.pk}/", {"q": "<b>\0zz"}).content.decode()
    assert "No results for “&lt;b&gt;zz”." in nobody


# --- Removing people ---


def test_the_link_of_a_withdrawn_invitation_does_not_work(client_, program, as_):
    invited = make.enrollment(program, make.user("Nia Cole"), "mentee", accepted_at=None)
    link, page = invited.invitation_path(), f"/enrollments/{invited.pk}/remove/"
    assert "Withdraw the invitation" in client_.get(page).content.decode()
    client_.post(page)
    assert "Nia Cole" not in client_.get(f"/programs/{program.pk}/").content.decode().split('id="people-head"')[1]
    assert Client().get(link).status_code == 410
    assert client_.post(page).status_code == 404, "the person is already removed"
    assert AuditEvent.objects.filter(action="removed as mentee").count() == 1


def test_a_removed_admin_loses_the_link_to_programs_at_once(client_, program, as_, django_capture_on_commit_callbacks):
    other = make.admin(program, "Ines Duarte")
    theirs, link = as_(other), '<a href="/programs/"'
    assert link in theirs.get("/preferences/").content.decode()
    page = f"/programs/{program.pk}/"
    assert theirs.get(page).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client_.post(f"/enrollments/{program.enrollments.get(user=other).pk}/remove/")
    assert link not in theirs.get("/preferences/").content.decode()
    assert theirs.get(page).status_code == 404


def test_paired_people_cannot_be_removed(client_, program, as_):
    pair = make.pair(program)
    mentee = program.enrollments.get(user=pair.mentee)
    page = f"/enrollments/{mentee.pk}/remove/"
    assert f"/pairs/{pair.pk}/end/" in client_.get(page).content.decode()
    assert client_.post(page).status_code == 409
    pair.end()
    assert client_.post(page).status_code == 302
    mentee.refresh_from_db()
    assert mentee.left_at and as_(pair.mentee).get(f"/pairs/{pair.pk}/").status_code == 200, "their text is kept"


def test_the_last_admin_cannot_be_removed(client_, program):
    priya = program.enrollments.get(role="admin")
    page = f"/enrollments/{priya.pk}/remove/"
    assert "This program has no other admin" in client_.get(page).content.decode()
    assert client_.post(page).status_code == 409
    make.admin(program, "Omar Haddad")
    assert client_.post(page).headers["Location"] == "/", "a former admin is sent to the home page"
    assert client_.get(f"/programs/{program.pk}/").status_code == 404


def test_the_page_needs_no_more_queries_for_twice_the_people(client_, program, django_assert_max_num_queries):
    client_.get("/programs/")  # fill the cache of the banner
    for size in (4, 8):
        for _n in range(size):
            make.pair(program, make.user(), make.user())
        with django_assert_max_num_queries(40):
            client_.get(f"/programs/{program.pk}/")
        with django_assert_max_num_queries(10):
            client_.get("/programs/")


def test_an_admin_sees_no_content_of_a_pair(client_, program):
    pair = make.pair(program)
    make.agreement(pair, purpose="canary-purpose-text", confidentiality="canary-confidential")
    assert "canary" not in client_.get(f"/programs/{program.pk}/").content.decode()
    page = client_.get(f"/programs/{program.pk}/?state=pairs").content.decode()
    assert "canary" not in page and "Not agreed yet" in page
    pair.agreements.get().sign(pair.mentee)
    assert ">Agreed<" in client_.get(f"/programs/{program.pk}/?state=pairs").content.decode()
    assert client_.get(f"/pairs/{pair.pk}/agreement/").status_code == 404


# Pairing


def people(program, capacity=2):
    mentor = make.enrollment(program, make.user("Sam Okafor"), "mentor", capacity=capacity)
    return mentor, make.enrollment(program, make.user("Ada Lind"), "mentee")


def test_a_new_pair_gets_cadence_and_end_date_of_its_program(client_, priya, db):
    program = priya.enrollments.get().program
    Program.objects.filter(pk=program.pk).update(cadence="monthly", minutes=45)
    mentor, mentee = people(program)
    answer = client_.post(f"/programs/{program.pk}/pairs/new/", {"mentor": mentor.pk, "mentee": mentee.pk})
    assert answer.headers["Location"] == f"/programs/{program.pk}/"
    pair = Pair.objects.get()
    assert (pair.mentor, pair.mentee) == (mentor.user, mentee.user)
    assert (pair.cadence, pair.minutes, pair.ends_on) == ("monthly", 45, program.ends_on)
    assert AuditEvent.objects.filter(user=priya, action=AuditEvent.Action.PAIR_STARTED).exists()


def test_new_people_can_be_paired_before_they_accept(client_, program):
    mentor, mentee = people(program)
    Enrollment.objects.update(accepted_at=None)
    Enrollment.objects.filter(role="admin").update(accepted_at=mentor.invited_at)
    assert (
        client_.post(f"/programs/{program.pk}/pairs/new/", {"mentor": mentor.pk, "mentee": mentee.pk}).status_code
        == 302
    )
    assert Pair.objects.count() == 1


def test_the_same_two_people_cannot_be_paired_twice(client_, program, priya):
    mentor, mentee = people(program)
    both = {"mentor": mentor.pk, "mentee": mentee.pk}
    client_.post(f"/programs/{program.pk}/pairs/new/", both)
    answer = client_.post(f"/programs/{program.pk}/pairs/new/", both)
    assert answer.status_code == 422
    assert "These two people are already a pair in this program." in answer.content.decode()
    Pair.objects.get().end(priya)
    assert client_.post(f"/programs/{program.pk}/pairs/new/", both).status_code == 302


def test_nobody_mentors_themselves(client_, program):
    both = make.user("Ines Duarte")
    mentor, mentee = make.enrollment(program, both, "mentor"), make.enrollment(program, both, "mentee")
    answer = client_.post(f"/programs/{program.pk}/pairs/new/", {"mentor": mentor.pk, "mentee": mentee.pk})
    assert answer.status_code == 422 and "Choose two different people as mentor and mentee." in answer.content.decode()


def test_exceeding_capacity_needs_confirmation(client_, program):
    mentor, first = people(program, capacity=1)
    second = make.enrollment(program, make.user("Lena Brandt"), "mentee")
    client_.post(f"/programs/{program.pk}/pairs/new/", {"mentor": mentor.pk, "mentee": first.pk})
    response = client_.post(f"/programs/{program.pk}/pairs/new/", {"mentor": mentor.pk, "mentee": second.pk})
    assert response.status_code == 422
    assert (
        "already has 1 of at most 1 mentees" in response.content.decode()
        and 'name="anyway"' in response.content.decode()
    )
    sure = {"mentor": mentor.pk, "mentee": second.pk, "anyway": "on"}
    assert client_.post(f"/programs/{program.pk}/pairs/new/", sure).status_code == 302
    assert Pair.objects.count() == 2


def test_one_of_many_people_is_entered_by_name_or_address(client_, program, monkeypatch):
    monkeypatch.setattr(PairForm, "LISTED", 2)
    url = f"/programs/{program.pk}/pairs/new/"
    rows = [make.enrollment(program, make.user(f"Zoë Lind {n}"), "mentee") for n in range(4)]
    sam = make.enrollment(program, make.user("Sam Okafor"), "mentor")
    gone = make.enrollment(program, make.user("Nia Quaye"), "mentee", left_at=timezone.now())
    assert f"?mentee={rows[3].pk}" in client_.get(f"/programs/{program.pk}/").content.decode()
    page = client_.get(url, {"mentee": rows[3].pk}).content.decode()
    assert f'value="{rows[3].user.email}"' in page and "Zoë Lind" not in page
    for unknown in ("Nobody", gone.user.email, "Okafor"):
        answer = client_.post(url, {"mentor": sam.pk, "mentee": unknown})
        assert answer.status_code == 422 and f"No results for “{unknown}”." in answer.content.decode()
    page = client_.post(url, {"mentor": sam.pk, "mentee": "zoe"}).content.decode()
    assert "Several people have “zoe”" in page and f"Zoë Lind 0 ({rows[0].user.email})" in page
    make.enrollment(program, make.user("Zoë Lind 22"), "mentee")
    assert client_.post(url, {"mentor": sam.pk, "mentee": "zoe lind 2"}).status_code == 302, "the name is exact"
    assert client_.post(url, {"mentor": sam.pk, "mentee": rows[3].user.email.upper()}).status_code == 302
    assert {pair.mentee for pair in Pair.objects.all()} == {rows[2].user, rows[3].user}
    for nonsense in ("x", "9" * 30, "-1", "\u0663", sam.pk):
        assert client_.get(url, {"mentee": nonsense}).status_code == 200


def test_a_full_mentor_of_many_is_confirmed_before_they_are_paired(client_, program, monkeypatch):
    monkeypatch.setattr(PairForm, "LISTED", 0)
    mentor = make.enrollment(program, make.user("Sam Okafor"), "mentor", capacity=1)
    make.pair(program, mentor=mentor.user)
    make.enrollment(program, make.user("Lena Brandt"), "mentee")
    typed = {"mentor": "okafor", "mentee": "brandt"}
    answer = client_.post(f"/programs/{program.pk}/pairs/new/", typed)
    assert answer.status_code == 422 and "already has 1 of at most 1 mentees" in answer.content.decode()
    assert client_.post(f"/programs/{program.pk}/pairs/new/", typed | {"anyway": "on"}).status_code == 302


def test_pairing_by_hand_shows_conflicts_before_it_pairs(client_, program):
    mentor, mentee = people(program)
    boss = make.user("Boss")
    Profile.objects.create(program=program, user=mentor.user, languages=["German"])
    Profile.objects.create(program=program, user=mentee.user, languages=["English"], manager=boss)
    Profile.objects.create(program=program, user=boss, manager=mentor.user)
    program.never_pairs.create(user=mentee.user, other=mentor.user)
    both = {"mentor": mentor.pk, "mentee": mentee.pk}
    response = client_.post(f"/programs/{program.pk}/pairs/new/", both)
    html = response.content.decode()
    assert response.status_code == 422 and not Pair.objects.exists()
    for words in ("share no language", "reports to the other", "keeps them apart", "Check the box to confirm"):
        assert words in html
    assert client_.post(f"/programs/{program.pk}/pairs/new/", both | {"anyway": "on"}).status_code == 302


def test_a_double_click_creates_one_pair_without_an_error(client_, program):
    mentor, mentee = people(program)
    facts = {"mentor": mentor.pk, "mentee": mentee.pk, "form_token": "7d8f3c1e-6c0b-4a7e-9d6e-333333333333"}
    for _press in range(2):
        assert client_.post(f"/programs/{program.pk}/pairs/new/", facts).status_code == 302
    assert Pair.objects.count() == 1


def test_people_of_another_program_cannot_be_paired(client_, program):
    mentor, _mentee = people(program)
    stranger = make.enrollment(make.program("Other"), make.user(), "mentee")
    answer = client_.post(f"/programs/{program.pk}/pairs/new/", {"mentor": mentor.pk, "mentee": stranger.pk})
    assert answer.status_code == 422 and not Pair.objects.exists()


def test_without_mentors_the_page_asks_to_invite_some(client_, program):
    assert b"no mentor yet" in client_.get(f"/programs/{program.pk}/pairs/new/").content


def test_the_model_also_rejects_a_second_pair(pair, priya):
    with pytest.raises(ValidationError, match="already a pair"):
        Pair.start(None, pair.program, pair.mentor, pair.mentee)


def test_an_admin_ends_a_pair_and_its_content_is_kept(client_, program):
    pair = make.pair(program)
    assert "No session is planned, so none is canceled." in client_.get(f"/pairs/{pair.pk}/end/").content.decode()
    pair.refresh_from_db()
    assert pair.ended_at is None
    assert client_.post(f"/pairs/{pair.pk}/end/").status_code == 302
    pair.refresh_from_db()
    assert pair.ended_at
    assert pair in Pair.objects.visible_to(pair.mentee) and pair not in Pair.objects.editable_by(pair.mentee)
    assert client_.post(f"/pairs/{pair.pk}/end/").status_code == 404
    assert AuditEvent.objects.filter(action=AuditEvent.Action.PAIR_ENDED).count() == 1


def test_the_pair_cannot_use_the_admins_end_page(as_, pair):
    assert as_(pair.mentor).post(f"/pairs/{pair.pk}/end/").status_code == 404


def test_a_full_program_page_is_small(client_, program):
    for n in range(30):
        make.pair(program, make.user(f"Mentor {n}"), make.user(f"Mentee {n}"))
        make.enrollment(program, make.user(f"Waiting {n}"), "mentee", accepted_at=None)
    own = f"/programs/{program.pk}/"
    for url in (own, f"{own}?state=pairs", f"{own}pairs/new/", "/programs/"):
        check_page(client_, url)


def test_a_program_of_8000_years_is_rejected(client_):
    answer = client_.post("/programs/new/", FACTS | {"ends_on": "9999-12-31"})
    assert answer.status_code == 422 and "Check the year" in answer.content.decode()
