"""Invitation links and emailed codes give access only to the owner of an address."""

import re
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from mentoring import invitations
from mentoring.models import Enrollment, Pair, Proposal, StartRun
from tests import make

PASSWORD = "a-river-in-winter"
SIGN_UP = {"name": "Ada Lind", "password": PASSWORD, "zone": "Asia/Kolkata"}


@pytest.fixture
def p(db):
    return make.program("Program P")


@pytest.fixture
def q(db):
    return make.program("Program Q")


@pytest.fixture
def ada_in_p(p):
    """Ada's enrollment in P: invited and paired, but not accepted."""
    enrollment = invitations.invite(make.admin(p), p, "mentee", [("Ada Lind", "ada@example.org")]).enrollments[0]
    mentor = make.user("Sam Okafor")
    make.enrollment(p, mentor, "mentor")
    Pair.start(mentor, p, mentor, enrollment.user)
    return enrollment


def link_shown_to(client, program) -> str:
    page = client.get(f"/programs/{program.pk}/").content.decode()
    return re.search(r'value="http://[^/]+(/invitation/[^"]+)"', page)[1]


@pytest.mark.parametrize("why", ["no email is set up", "the address bounces"])
def test_an_admin_cannot_open_an_account_of_another_programs_member(as_, p, q, ada_in_p, settings, why):
    if why == "the address bounces":
        settings.EMAIL_URL = "smtp://localhost:25"
        User.objects.filter(pk=ada_in_p.user_id).update(mail_suspended_at=timezone.now())
    mallory = as_(make.admin(q, "Mallory"))
    mallory.post(f"/programs/{q.pk}/people/new/", {"role": "mentee", "people": "Ada, ada@example.org"})
    link, thief = link_shown_to(mallory, q), Client()
    page = thief.get(link).content.decode()
    assert 'name="password"' not in page and "setup_link ada@example.org" in page
    thief.post(link, SIGN_UP)
    assert thief.get("/preferences/").status_code == 302
    ada_in_p.refresh_from_db()
    assert not ada_in_p.user.has_usable_password() and not ada_in_p.user.has_verified_address
    notice = "Another program has invited this address since"
    priya = User.objects.get(name="Priya Nair")
    assert notice in as_(priya).get(f"/programs/{p.pk}/").content.decode()
    assert notice not in mallory.get(f"/programs/{q.pk}/").content.decode()

    out = StringIO()
    call_command("setup_link", "Ada@Example.org", stdout=out)
    ada = Client()
    reset = ada.get(out.getvalue().strip().removeprefix(settings.SITE_URL)).headers["Location"]
    ada.post(reset, {"password1": PASSWORD, "password2": PASSWORD})
    assert ada.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD}).status_code == 302
    assert ada.post(ada_in_p.invitation_path()).headers["Location"] == "/"
    ada_in_p.refresh_from_db()
    assert (
        ada_in_p.accepted_at
        and AuditEvent.objects.filter(action=AuditEvent.Action.ADDRESS_VERIFIED_BY_OPERATOR).exists()
    )


def test_a_closed_account_gets_no_setup_link(db):
    nia = make.user("Nia Cole", is_active=False, address_verified=False)
    with pytest.raises(CommandError, match="is closed"):
        call_command("setup_link", nia.email)
    assert not nia.has_verified_address


def test_an_account_made_by_one_link_cannot_accept_another_program(as_, p, q):
    admin = make.admin(q)
    first = invitations.invite(admin, q, "mentee", [("Ada Lind", "ada@example.org")]).enrollments[0]
    thief = Client()
    thief.post(first.invitation_path(), SIGN_UP)
    assert thief.get("/preferences/").status_code == 200
    assert not EmailAddress.objects.get(user=first.user).verified
    other = invitations.invite(make.admin(p), p, "mentee", [("Ada Lind", "ada@example.org")]).enrollments[0]
    assert thief.post(other.invitation_path()).status_code == 403
    other.refresh_from_db()
    assert other.accepted_at is None
    call_command("setup_link", "ada@example.org", stdout=StringIO())
    assert thief.get("/preferences/").status_code == 302


def test_a_program_sees_no_account_data_before_acceptance(as_, p, q):
    kofi = make.user("Kofi Mensah", email="kofi@example.org", zone="Africa/Accra", works_from="06:00")
    make.enrollment(q, kofi, "mentor")
    as_kofi, priya = as_(kofi), make.admin(p)
    mentor = make.participant(p, "mentor", "Sam Okafor", languages=["English"])
    client, url = as_(priya), f"/programs/{p.pk}/"
    people = "kofi@example.org\nLena, lena@example.org"
    client.post(f"{url}people/new/", {"role": "mentee", "people": people})
    of_kofi, of_lena = (p.enrollments.get(user__email=f"{name}@example.org") for name in ("kofi", "lena"))
    client.post(f"{url}matching/suggest/")
    pages = (url, f"{url}?q=kofi", f"{url}pairs/new/", f"{url}matching/", f"/enrollments/{of_kofi.pk}/profile/")
    pages += (f"{url}invitations/", f"/enrollments/{of_kofi.pk}/candidates/", f"/enrollments/{of_kofi.pk}/remove/")
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        text = response.content.decode()
        assert "Mensah" not in text and "Accra" not in text and "06:00" not in text, page
    assert "kofi@example.org" not in client.get(f"{url}?q=mensah").content.decode()
    table = b"".join(client.post(f"{url}people/export/").streaming_content).decode()
    assert "kofi@example.org,,mentee" in table and "Accra" not in table and "06:00" not in table

    by_hand = {"mentor": p.enrollments.get(user=mentor, role="mentor").pk, "mentee": of_kofi.pk}
    refused = client.post(f"{url}pairs/new/", by_hand)
    assert refused.status_code == 422 and "once they accept the invitation" in refused.content.decode()
    with pytest.raises(ValidationError, match="has to accept the invitation"):
        Pair.start(priya, p, mentor, kofi)
    assert [row.mentee for row in p.proposals.all()] == [of_lena.user]
    # A proposal from before he had an account is not started.
    Proposal.objects.create(program=p, mentor=mentor, mentee=kofi, score=9, created_by=priya)
    StartRun.begin(p, priya, list(p.proposals.values_list("pk", flat=True))).carry_out()
    assert [pair.mentee for pair in p.pairs.all()] == [of_lena.user]

    assert f"You are invited to <bdi>{p}</bdi>" in as_kofi.get("/").content.decode()
    as_kofi.post(of_kofi.invitation_path())
    client.post(f"{url}matching/suggest/")
    assert "Kofi Mensah" in client.get(f"{url}matching/").content.decode()
    assert client.post(f"{url}pairs/new/", by_hand).status_code == 302


def test_accepting_one_program_opens_no_pair_in_another(as_, p, q):
    """The account was created by program Q's link; program P invited and paired the address later."""
    first = invitations.invite(make.admin(q), q, "mentee", [("Ada Lind", "ada@example.org")]).enrollments[0]
    thief = Client()
    thief.post(first.invitation_path(), SIGN_UP)
    mentor = make.user("Sam Okafor")
    invited = invitations.invite(make.admin(p), p, "mentee", [("Ada Lind", "ada@example.org")]).enrollments[0]
    pair = make.pair(p, mentor, invited.user)  # paired before she accepted
    note = make.session(pair)
    for page in (f"/pairs/{pair.pk}/", f"/sessions/{note.pk}/", f"/pairs/{pair.pk}/sessions/new/"):
        assert thief.get(page).status_code == 404, page
        assert as_(mentor).get(page).status_code == 200, page
    assert "Sam" not in thief.get("/").content.decode()
    invited.accept()
    assert thief.get(f"/pairs/{pair.pk}/").status_code == 200


def test_accepting_an_invitation_opens_the_existing_pair(as_, ada_in_p):
    ada, pair = Client(), Pair.objects.get()
    assert not Pair.objects.visible_to(ada_in_p.user).exists() and pair.not_joined() == [ada_in_p.user]
    ada.post(ada_in_p.invitation_path(), SIGN_UP)
    assert ada.get(f"/pairs/{pair.pk}/").status_code == 200
    pair.end()
    Enrollment.objects.get(pk=ada_in_p.pk).leave(ada_in_p.user)
    Enrollment.objects.get(pk=ada_in_p.pk).invite_again(pair.mentor)
    assert ada.get(f"/pairs/{pair.pk}/").status_code == 200


def test_a_sign_in_code_confirms_the_address(p, q, ada_in_p, settings, mailoutbox):
    settings.EMAIL_URL = "smtp://localhost:25"
    invitations.invite(make.admin(q), q, "mentee", [("Ada Lind", "ada@example.org")])
    ada, link = Client(), ada_in_p.invitation_path()
    assert b"Send me a code" in ada.get(link).content
    confirm = ada.post("/accounts/login/code/", {"email": "ada@example.org", "next": link}).headers["Location"]
    code = re.search(r"^    (\S+)$", mailoutbox[0].body, re.M)[1]
    assert ada.post(confirm, {"code": code, "next": link}).headers["Location"] == link
    assert b"Accept the invitation" in ada.get(link).content
    ada.post(link)
    ada_in_p.refresh_from_db()
    assert ada_in_p.accepted_at and ada_in_p.user.has_verified_address


def test_an_invited_persons_address_cannot_be_taken_over(p, ada_in_p, settings, mailoutbox):
    settings.EMAIL_URL = "smtp://localhost:25"
    hana, client = make.user("Hana", email="hana@example.org", password=PASSWORD), Client()
    client.post("/accounts/login/", {"login": "hana@example.org", "password": PASSWORD})
    pages = {}
    for address in ("free@example.org", "ada@example.org"):
        answer = client.post("/accounts/email/", {"email": address, "action_add": ""})
        if "reauthenticate" in answer.headers["Location"]:
            client.post(answer.headers["Location"], {"password": PASSWORD})
        assert answer.status_code == 302
        text = client.get("/accounts/email/").content.decode().replace(address, "@")
        pages[address] = re.sub(r'(csrfmiddlewaretoken" value|csrf-token" content)="\w+"', "", text)
    assert pages["free@example.org"] == pages["ada@example.org"]
    assert [mail.to for mail in mailoutbox] == [["free@example.org"]]
    assert not EmailAddress.objects.filter(user=hana).exclude(email="hana@example.org").exists()

    link = re.search(r"http://[^/]+(/accounts/confirm-email/\S+)", mailoutbox[0].body)[1]
    free = invitations.invite(User.objects.get(name="Priya Nair"), p, "mentor", [("F", "free@example.org")])
    answer = Client().post(link)
    assert answer.status_code == 409 and b"already belongs to another account" in answer.content
    hana.refresh_from_db()
    assert hana.email == "hana@example.org"
    assert Client().post("/accounts/login/", {"login": "free@example.org", "password": PASSWORD}).status_code == 422
    someone = Client()
    someone.post("/accounts/login/code/", {"email": "free@example.org"})
    code = re.search(r"^    (\S+)$", mailoutbox[-1].body, re.M)[1]
    someone.post("/accounts/login/code/confirm/", {"code": code})
    assert someone.get("/preferences/").wsgi_request.user == free.enrollments[0].user


def test_each_user_has_one_email_address_row(p):
    from mentoring import importing

    invitations.invite(make.admin(p), p, "mentee", [("Ada", "ada@example.org")])
    run = make.import_run(p, "email,name,role\nnia@example.org,Nia Cole,mentee")
    run.begin(skip_errors=False)
    importing.import_people(run)
    rows = EmailAddress.objects.filter(primary=True).values_list("user", "email")
    assert sorted(rows) == sorted(User.objects.values_list("pk", "email"))
