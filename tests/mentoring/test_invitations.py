"""Inviting people, and accepting an invitation by its link."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from mentoring import invitations
from mentoring.models import Enrollment
from tests import make

SIGN_UP = {"name": "Ada Lind", "password": "a-river-in-winter", "zone": "Asia/Kolkata"}


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def priya(program):
    return make.admin(program)


@pytest.fixture
def invited(program, priya):
    """Ada, invited as a mentee, without an account."""
    return invitations.invite(priya, program, "mentee", [("Ada Lind", "ada@example.org")]).enrollments[0]


def invite(client, program, people, role="mentee", **more):
    return client.post(f"/programs/{program.pk}/people/new/", {"role": role, "people": people, **more})


# Reading the list


@pytest.mark.parametrize(
    "line",
    [
        "Ada Lind, ada@example.org",
        "ada@example.org, Ada Lind",
        "Ada Lind <ADA@example.org>",
        "Ada Lind\tada@example.org",
        "Ada Lind; ada@example.org",
        "  Ada   Lind ada@example.org  ",
    ],
)
def test_common_formats_of_a_line_are_parsed(line):
    assert invitations.read_people(line) == [("Ada Lind", "ada@example.org")]


ADA, BO, KIM = ("Ada", "ada@example.org"), ("Bo", "bo@example.org"), ("", "kim@example.org")


@pytest.mark.parametrize(
    ("line", "people"),
    [
        (
            "Lind, Ada <ada@example.org>; Berg, Bo <bo@example.org>",
            [("Lind, Ada", "ada@example.org"), ("Berg, Bo", "bo@example.org")],
        ),
        ('"Lind, Ada" <ada@example.org>, Bo <bo@example.org>,', [("Lind, Ada", "ada@example.org"), BO]),
        ("kim@example.org, Bo <bo@example.org>; Ada ada@example.org", [KIM, BO, ADA]),
        ("Ada ada@example.org; bo@example.org Bo", [ADA, BO]),
        ("ada@example.org, Ada, bo@example.org, Bo", [ADA, BO]),
        ("<ada@example.org> Ada", [ADA]),
    ],
)
def test_a_line_can_have_several_people(line, people):
    assert invitations.read_people(line) == people


@pytest.mark.parametrize("line", ["Ada <ada@example.org>; Bo Berg", "Ada <ada@example.org>; Bo <bo@>"])
def test_a_line_with_a_missing_address_is_rejected(line):
    with pytest.raises(ValidationError):
        invitations.read_people(line)


def test_an_address_is_enough_and_repeats_count_once():
    text = "ada@example.org\n\nSam, sam@example.org\nAda, ADA@example.org"
    assert invitations.read_people(text) == [("", "ada@example.org"), ("Sam", "sam@example.org")]


def test_each_invalid_line_is_reported():
    with pytest.raises(ValidationError) as refused:
        invitations.read_people("Ada, ada@example.org\nSam Okafor\nKofi, kofi@nowhere")
    assert [message[:6] for message in refused.value.messages] == ["Line 2", "Line 3"]


# Inviting


def test_inviting_creates_users_and_open_enrollments(as_, priya, program):
    answer = invite(as_(priya), program, "Ada Lind, ada@example.org\nSam Okafor, sam@example.org")
    assert answer.headers["Location"] == f"/programs/{program.pk}/"
    ada = User.objects.get(email="ada@example.org")
    enrollment = ada.enrollments.get()
    assert (ada.name, ada.has_usable_password()) == ("Ada Lind", False)
    assert (enrollment.role, enrollment.invited_by, enrollment.accepted_at) == ("mentee", priya, None)
    assert AuditEvent.objects.filter(user=priya, action="invited as mentee").count() == 2


def test_one_invalid_line_invites_nobody_and_keeps_the_list(as_, priya, program):
    answer = invite(as_(priya), program, "Ada Lind, ada@example.org\nSam Okafor")
    assert answer.status_code == 422
    assert "Line 2" in answer.content.decode() and "Ada Lind, ada@example.org" in answer.content.decode()
    assert not User.objects.filter(email="ada@example.org").exists()


def test_a_known_person_gets_an_enrollment_and_keeps_their_name(as_, priya, program):
    sam = make.user("Sam Okafor", email="sam@example.org")
    make.enrollment(program, sam, "mentor")
    invite(as_(priya), program, "Samuel, Sam@Example.org", "mentee")
    sam.refresh_from_db()
    assert sam.name == "Sam Okafor"
    assert set(sam.enrollments.values_list("role", flat=True)) == {"mentor", "mentee"}


def test_a_duplicate_is_reported_and_the_others_are_invited(as_, priya, program, invited):
    answer = as_(priya)
    page = answer.post(
        f"/programs/{program.pk}/people/new/",
        {"role": "mentee", "people": "Ada, ada@example.org\nSam, sam@example.org"},
        follow=True,
    ).content.decode()
    assert "1 person is invited as mentee" in page
    assert "Already in the program as mentee, nothing changed: ada@example.org" in page
    assert Enrollment.objects.filter(user__email="ada@example.org").count() == 1


def test_inviting_yourself_accepts_at_once(as_, priya, program):
    invite(as_(priya), program, priya.email, "mentor")
    assert priya.enrollments.active().filter(role="mentor").exists()


def test_inviting_does_not_reveal_who_has_an_account(as_, priya, program):
    make.user("Kofi Mensah", email="kofi@example.org", password="x" * 12)
    known, unknown = make.admin(make.program("Same")), make.admin(make.program("Same"))
    pages = []
    for admin, email in ((known, "kofi@example.org"), (unknown, "kafi@example.org")):
        of = admin.enrollments.get().program
        answer = as_(admin).post(
            f"/programs/{of.pk}/people/new/", {"role": "mentee", "people": f"Kofi Mensah, {email}"}, follow=True
        )
        text = re.sub(
            r'(csrfmiddlewaretoken" value|csrf-token" content|form_token" value)="[\w-]+"', "", answer.content.decode()
        )
        text = re.sub(r"person\d+@|k[oa]fi@|Person \d+", "@", text)
        pages.append((answer.status_code, re.sub(r"\d+(-[0-9a-f]{40})?", "#", text)))
    assert pages[0] == pages[1]


def test_a_double_click_invites_once(as_, priya, program):
    token = {"form_token": "7d8f3c1e-6c0b-4a7e-9d6e-111111111111"}
    client = as_(priya)
    for _press in range(2):
        assert invite(client, program, "Ada Lind, ada@example.org", **token).status_code == 302
    assert Enrollment.objects.filter(user__email="ada@example.org").count() == 1
    assert AuditEvent.objects.filter(action="invited as mentee").count() == 1


@pytest.mark.parametrize("name", ["x" * 200, "عبد الرحمن", "Zoë 🦔"])
def test_people_with_any_name_can_be_invited(as_, priya, program, name):
    assert invite(as_(priya), program, f"{name}, new@example.org").status_code == 302
    assert User.objects.get(email="new@example.org").name == name


# The link


def test_opening_the_invitation_changes_nothing(client, invited):
    page = client.get(invited.invitation_path())
    text = page.content.decode()
    assert "Priya Nair" in text and "mentee" in text and "Engineering mentoring" in text
    assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["Cache-Control"] == "no-store"
    invited.refresh_from_db()
    assert invited.accepted_at is None and invited.user.last_login is None


def test_the_invitation_has_at_most_four_fields(client, invited):
    form = client.get(invited.invitation_path()).content.decode().split("<main")[1]
    fields = re.findall(r"<(?:input|select|textarea)\b(?![^>]*type=\"hidden\")[^>]*name=\"(\w+)\"", form)
    assert sorted(fields) == ["name", "password", "short_name", "zone"]


def test_accepting_signs_in_and_opens_the_home_page(client, invited):
    answer = client.post(invited.invitation_path(), SIGN_UP)
    assert answer.headers["Location"] == "/"
    assert client.get("/preferences/").status_code == 200
    invited.refresh_from_db()
    assert invited.accepted_at
    assert invited.user.zone == "Asia/Kolkata" and invited.user.zone_confirmed_at
    assert invited.user.check_password(SIGN_UP["password"])


def test_invalid_input_answers_422_and_keeps_the_name(client, invited):
    answer = client.post(invited.invitation_path(), SIGN_UP | {"password": "ada", "name": "عبد 😀"})
    assert answer.status_code == 422 and "عبد 😀" in answer.content.decode()
    invited.refresh_from_db()
    assert invited.accepted_at is None


def test_a_password_is_required_only_without_email(client, invited, settings):
    without_password = SIGN_UP | {"password": ""}
    assert client.post(invited.invitation_path(), without_password).status_code == 422
    settings.EMAIL_URL = "smtp://localhost"
    assert client.post(invited.invitation_path(), without_password).status_code == 302
    invited.user.refresh_from_db()
    assert not invited.user.has_usable_password()


def form_data(invited) -> dict:
    """Open the invitation and return the data that its form sends."""
    page = Client().get(invited.invitation_path()).content.decode()
    return SIGN_UP | {"form_token": re.search(r'name="form_token" value="([^"]+)"', page)[1]}


def test_both_clicks_of_a_double_click_sign_in(invited):
    data = form_data(invited)
    first, second = Client(), Client()  # the second request is sent before the first one's cookie arrives
    for client in (first, second):
        assert client.post(invited.invitation_path(), data).headers["Location"] == "/"
        assert client.get("/preferences/").status_code == 200
    assert first.session.session_key == second.session.session_key
    assert AuditEvent.objects.filter(action="joined as mentee").count() == 1
    assert AuditEvent.objects.filter(action=AuditEvent.Action.SIGNED_IN).count() == 1

    first.post("/accounts/logout/")
    later = Client()
    later.post(invited.invitation_path(), data)
    assert later.get("/preferences/").status_code == 302


def test_a_used_link_explains_what_to_do(client, invited):
    Client().post(invited.invitation_path(), SIGN_UP)
    thief = client.post(invited.invitation_path(), SIGN_UP | {"password": "another-river-again"})
    assert thief.status_code == 410 and b"Sign in" in thief.content
    assert client.get("/preferences/").status_code == 302
    invited.user.refresh_from_db()
    assert invited.user.check_password(SIGN_UP["password"])


def test_a_link_lasts_thirty_days(client, invited):
    with time_machine.travel(timezone.now() + timedelta(days=29, hours=23)):
        assert client.get(invited.invitation_path()).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        for answer in (client.get(invited.invitation_path()), client.post(invited.invitation_path(), SIGN_UP)):
            assert answer.status_code == 410 and b"expired" in answer.content and b"Priya Nair" in answer.content


def test_inviting_again_replaces_the_link(as_, client, priya, invited):
    old = invited.invitation_path()
    assert as_(priya).post(f"/enrollments/{invited.pk}/resend/").status_code == 302
    invited.refresh_from_db()
    assert client.get(old).status_code == 404
    assert client.get(invited.invitation_path()).status_code == 200
    assert AuditEvent.objects.filter(user=priya, action="invited again as mentee").exists()


def test_people_who_accepted_are_not_invited_again(as_, priya, program, invited):
    invited.accept()
    assert as_(priya).post(f"/enrollments/{invited.pk}/resend/").status_code == 404


def test_the_link_is_derived_from_the_enrollment(invited):
    reloaded = Enrollment.objects.get(pk=invited.pk)
    assert invited.invitation_path() == reloaded.invitation_path()


@pytest.mark.parametrize("change", ["x", "", "1-", "-", "1-" + "0" * 40, "９-" + "0" * 40, "9" * 30 + "-a"])
def test_an_incomplete_or_invented_link_is_rejected(client, invited, change):
    answer = client.get(f"/invitation/{change or 'nothing'}/")
    assert answer.status_code == 404 and b"no longer works" in answer.content


def test_links_of_people_who_left_or_are_deactivated_fail(client, invited):
    User.objects.filter(pk=invited.user_id).update(is_active=False)
    assert client.post(invited.invitation_path(), SIGN_UP).status_code == 410
    assert client.get("/preferences/").status_code == 302


# People with an account


@pytest.fixture
def sam(program, priya):
    sam = make.user("Sam Okafor", email="sam@example.org", password="a-river-in-winter")
    invitations.invite(priya, program, "mentor", [("", "sam@example.org")])
    return sam


def test_a_copied_link_does_not_open_an_existing_account(client, sam):
    link = sam.enrollments.get().invitation_path()
    page = client.get(link)
    assert b"Sign in" in page.content and b'name="password"' not in page.content
    assert client.post(link, SIGN_UP).headers["Location"].startswith("/accounts/login/")
    assert client.get("/preferences/").status_code == 302
    assert sam.enrollments.get().accepted_at is None
    sam.refresh_from_db()
    assert sam.check_password("a-river-in-winter")


def test_a_copied_link_does_not_open_an_account_without_password(client, sam):
    sam.set_unusable_password()
    sam.last_login = timezone.now()
    sam.save()
    assert b'name="password"' not in client.get(sam.enrollments.get().invitation_path()).content


def test_a_signed_in_person_accepts_with_one_click(as_, sam):
    enrollment = sam.enrollments.get()
    client = as_(sam)
    assert b"Accept the invitation" in client.get(enrollment.invitation_path()).content
    assert client.post(enrollment.invitation_path()).headers["Location"] == "/"
    assert sam.enrollments.active().exists()
    assert client.get(enrollment.invitation_path()).headers["Location"] == "/"


def test_an_invitation_of_another_person_is_not_accepted(as_, sam, priya):
    enrollment = sam.enrollments.get()
    client = as_(priya)
    assert b"Sign out first" in client.get(enrollment.invitation_path()).content
    client.post(enrollment.invitation_path())
    assert not sam.enrollments.active().exists()
