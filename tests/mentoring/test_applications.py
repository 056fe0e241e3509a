"""Applications to an open program, decisions about them, and duplicating a program."""

import re
from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Installation, User
from dashboard.program_rules import change_rules
from goals.models import Competency
from mentoring.models import Application, Enrollment, Program
from mentoring.models import application as applications
from sessions.models import AgendaTemplate
from tests import make

TODAY = timezone.localdate


@pytest.fixture
def program(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    return make.program("Open program", open_until=TODAY() + timedelta(days=7))


@pytest.fixture
def priya(program):
    return make.admin(program)


NIA = {"name": "Nia Quaye", "email": "Nia@Example.org", "role": "mentee", "why": "To speak up"}


def link(program) -> str:
    return reverse("application_create", args=[program.pk])


def apply(program, client: Client | None = None, **fields):
    """Apply, enter the emailed code, and return the response."""
    client = client or Client()
    answer = client.post(link(program), NIA | fields)
    assert answer.url == reverse("application_confirm", args=[program.pk])
    return client.post(answer.url, {"code": code_sent()})


def code_sent() -> str:
    return re.search(r"^ +(\d{6})$", mail.outbox[-1].body, re.MULTILINE)[1]


def decide(as_, who, row, accept: str):
    return as_(who).post(reverse("application_decide", args=[row.pk]), {"accept": accept}, follow=True)


def test_an_accepted_applicant_is_invited(program, priya, as_):
    assert "they will invite you by email" in apply(program).content.decode()
    row = Application.objects.get()
    assert (row.email, row.role, row.accepted) == ("nia@example.org", "mentee", False)
    assert not User.objects.filter(email="nia@example.org").exists(), "no account is created before the decision"
    page = as_(priya).get(reverse("program_detail", args=[program.pk])).content.decode()
    assert "Nia Quaye" in page and "To speak up" in page
    assert "Nia Quaye is invited" in decide(as_, priya, row, "1").content.decode()
    enrollment = Enrollment.objects.get(user__email="nia@example.org")
    assert (enrollment.role, enrollment.program, enrollment.accepted_at) == ("mentee", program, None)
    assert AuditEvent.objects.filter(action=AuditEvent.Action.APPLICATION_ACCEPTED).count() == 1


def test_a_declined_applicant_is_not_invited(program, priya, as_):
    row = make.application(program)
    assert "Declined" in decide(as_, priya, row, "0").content.decode()
    assert "already decided" in decide(as_, priya, row, "1").content.decode()
    assert not Enrollment.objects.filter(user__email=row.email).exists()
    assert row.name not in as_(priya).get(reverse("program_detail", args=[program.pk])).content.decode()


def test_a_second_application_counts_once_it_is_confirmed(program):
    apply(program)
    other = Client()
    other.post(link(program), NIA | {"name": "Not Nia", "why": "To lead"})
    assert (Application.objects.get().name, Application.objects.get().why) == ("Nia Quaye", "To speak up")
    code, confirm = code_sent(), reverse("application_confirm", args=[program.pk])
    wrong = other.post(confirm, {"code": str((int(code) + 1) % 10**6).zfill(6)})
    assert wrong.status_code == 422 and "This is not the code we sent" in wrong.content.decode()
    assert Application.objects.get().name == "Nia Quaye"
    other.post(confirm, {"code": f" {code[:3]} {code[3:]}"})
    assert (Application.objects.get().name, Application.objects.get().why) == ("Not Nia", "To lead")


def test_nothing_is_stored_before_the_address_is_confirmed(program):
    client = Client()
    page = client.post(link(program), NIA, follow=True).content.decode()
    assert "We sent a code to <strong>nia@example.org</strong>" in page
    assert not Application.objects.exists()
    assert mail.outbox[0].to == ["nia@example.org"] and "Open program" in mail.outbox[0].subject


@pytest.mark.parametrize("why", ["late", "guessed"])
def test_a_code_works_for_ten_minutes_and_five_attempts(program, why):
    client, confirm = Client(), reverse("application_confirm", args=[program.pk])
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.post(link(program), NIA)
        if why == "late":
            clock.shift(601)
        else:
            for _n in range(5):
                client.post(confirm, {"code": "nonsense"})
        answer = client.post(confirm, {"code": code_sent()})
    assert answer.status_code == 422 and "This code no longer works" in answer.content.decode()
    assert not Application.objects.exists()


def test_a_code_works_in_its_own_program_and_browser_only(program):
    client = Client()
    client.post(link(program), NIA)
    other = make.program("Another", open_until=TODAY())
    for someone, to in ((client, other), (Client(), program)):
        answer = someone.post(reverse("application_confirm", args=[to.pk]), {"code": code_sent()})
        assert answer.url == link(to)
    assert not Application.objects.exists()


def test_the_number_of_codes_for_an_address_is_limited(program):
    cache.clear()
    answers = [Client().post(link(program), NIA).status_code for _n in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_failed_email_keeps_the_typed_application(program, monkeypatch):
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda *_args, **_kwargs: refuse())
    answer = Client().post(link(program), NIA)
    page = answer.content.decode()
    assert answer.status_code == 422 and "We could not send email to this address" in page and "To speak up" in page


def refuse():
    raise SMTPRecipientsRefused({"nia@example.org": (550, b"no such mailbox")})


def test_without_email_the_first_application_is_kept(program, monkeypatch):
    monkeypatch.setattr(Installation, "email_is_on", lambda: False)
    for name in ("Nia Quaye", "Not Nia"):
        answer = Client().post(link(program), NIA | {"name": name})
        assert "they will invite you by email" in answer.content.decode()
    assert Application.objects.get().name == "Nia Quaye"


def test_a_signed_in_applicant_is_not_asked_for_a_name(program, as_):
    lin = make.user("Lin Wu")
    page = as_(lin).get(link(program)).content.decode()
    assert 'name="email"' not in page
    as_(lin).post(link(program), {"role": "mentor", "email": "somebody@example.org", "name": "Else"})
    row = Application.objects.get()
    assert (row.email, row.name) == (lin.email, "Lin Wu")


def test_an_application_does_not_reveal_a_known_address(program, priya, as_):
    known = make.user("Nia Of Old", email="nia@example.org")
    stranger = apply(program, email="new@example.org")
    answer = apply(program)
    assert answer.status_code == stranger.status_code and "they will invite you" in answer.content.decode()
    decide(as_, priya, Application.objects.get(email="nia@example.org"), "1")
    known.refresh_from_db()
    assert known.name == "Nia Of Old"


@pytest.mark.parametrize(("days", "status"), [(None, 404), (-1, 200), (0, 200)])
def test_applications_are_accepted_only_while_open(program, days, status):
    Program.objects.update(open_until=None if days is None else TODAY() + timedelta(days=days))
    answer = Client().get(link(program))
    assert answer.status_code == status
    if days == 0:
        apply(program)
    else:
        Client().post(link(program), NIA)
    assert Application.objects.exists() == (days == 0)
    if days == -1:
        assert "Applications were open until midnight on" in answer.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"email": "nonsense"}, {"name": " "}, {"role": "admin"}, {"why": "x" * 501}, {"name": "x" * 201}]
)
def test_invalid_input_is_explained_and_kept(program, wrong):
    answer = Client().post(link(program), NIA | wrong)
    assert answer.status_code == 422
    assert not Application.objects.exists()
    assert NIA["why"] in answer.content.decode() or "why" in wrong


def test_too_many_pending_applications_are_refused(program, monkeypatch):
    monkeypatch.setattr(applications, "MAX_WAITING", 1)
    make.application(program)
    assert "Too many applications are pending" in apply(program).content.decode()
    assert Application.objects.count() == 1


def test_applications_are_rate_limited(program):
    cache.clear()
    answers = [Client().post(link(program), NIA | {"email": f"n{n}@example.org"}).status_code for n in range(22)]
    assert answers[:20] == [302] * 20 and answers[-1] == 429


def test_the_edit_page_shows_the_options_of_the_program(program, priya, as_):
    Program.objects.update(mentees_choose=True)
    page = as_(priya).get(reverse("program_edit", args=[program.pk])).content.decode()
    assert 'name="mentees_choose"' in page and 'name="open_until"' in page


# --- Duplicating a program ---


def duplicate_data(program, **changes) -> dict:
    return {"name": "Autumn", "starts_on": "2027-09-01", "ends_on": "2028-02-28"} | changes


def test_duplicating_a_program_copies_settings_not_people(program, priya, as_):
    make.pair(program)
    Competency.add_to_list(program, "Speaking up")
    change_rules(program, priya, {"norms": "Tea first.", "thresholds": {"A12_amber": 28}})
    Program.objects.filter(pk=program.pk).update(cadence="monthly", minutes=45, match_weights={"aims": 7})
    answer = as_(priya).post(reverse("program_duplicate", args=[program.pk]), duplicate_data(program))
    other = Program.objects.exclude(pk=program.pk).get()
    assert answer.url == reverse("program_detail", args=[other.pk])
    assert (other.name, other.starts_on, other.cadence, other.minutes) == ("Autumn", date(2027, 9, 1), "monthly", 45)
    assert (other.norms, other.thresholds, other.match_weights["aims"]) == ("Tea first.", {"A12_amber": 28}, 7)
    assert list(Competency.objects.filter(program=other).values_list("title", flat=True)) == ["Speaking up"]
    assert (
        AgendaTemplate.objects.filter(program=other).count() == AgendaTemplate.objects.filter(program=program).count()
    )
    assert list(other.enrollments.values_list("user", "role")) == [(priya.pk, "admin")]
    assert not other.pairs.exists()


def test_submitting_twice_duplicates_once(program, priya, as_):
    client, url = as_(priya), reverse("program_duplicate", args=[program.pk])
    for _n in range(2):
        client.post(url, duplicate_data(program, form_token="6f9619ff-8b86-4011-b42d-00c04fc964ff"))
    assert Program.objects.count() == 2


def test_impossible_dates_are_explained(program, priya, as_):
    answer = as_(priya).post(
        reverse("program_duplicate", args=[program.pk]), duplicate_data(program, ends_on="2027-08-01")
    )
    assert answer.status_code == 422 and "Enter an end date after the start date" in answer.content.decode()
    assert Program.objects.count() == 1
