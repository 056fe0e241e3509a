"""Email addresses are normalized wherever they are typed, pasted or imported."""

import re

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.addresses import normalize_address, one_line, parse_address
from demo.forms import StartForm
from mentoring import importing
from mentoring.models import Application
from tests import make

PASSWORD = "a-river-in-winter"
VARIANTS = [
    "Ada@Example.ORG",
    " ada@example.org\u200b",
    "\ufeffada@exam\u00adple.org",
    "\u202aada@example.org\u202c",
    "ada @ example.org",
    "ada@example.org,",
    "<ada@example.org>",
    "mailto:ada@example.org?subject=Hello",
    "mailto:ada%40example.org",
    "Ada Lind <ada@example.org>",
    "ＡＤＡ＠example.org",
    "ada@example.org\r\n",
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_of_an_address_are_normalized(variant):
    assert parse_address(variant) == "ada@example.org"


@pytest.mark.parametrize(
    "variant", ["", "ada", "ada lind@example.org", "adalınd@example.org", "a" * 250 + "@example.org"]
)
def test_invalid_addresses_are_rejected(variant):
    with pytest.raises(ValidationError):
        parse_address(variant)


def test_normalizing_twice_changes_nothing():
    assert all(normalize_address(normalize_address(text)) == normalize_address(text) for text in VARIANTS)


def test_names_become_one_line_and_keep_joiners():
    assert one_line("Ann\r\nhttps://evil.example\u202e \t Lee\x00") == "Ann https://evil.example Lee"
    assert one_line("می\u200cخواهم") == "می\u200cخواهم"


@pytest.fixture
def ada(db, settings):
    settings.EMAIL_URL = "smtp://localhost:25"
    make.installation()
    return make.user("Ada Lind", email="Ada@Example.org\u200b", password=PASSWORD)


def test_every_sign_in_form_accepts_a_pasted_address(ada, client, mailoutbox):
    assert ada.email == "ada@example.org"
    pasted = "Ada Lind <ADA@example.org\u200b>"
    assert client.post("/accounts/login/", {"login": pasted, "password": PASSWORD}).status_code == 302
    assert client.get("/preferences/").status_code == 200
    for url in ("/accounts/login/code/", "/accounts/password/reset/"):
        assert Client().post(url, {"email": pasted}).status_code == 302
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"]] * 2


def confirm_application(client, program) -> None:
    code = re.search(r"^ +(\d{6})$", mail.outbox[-1].body, re.MULTILINE)[1]
    assert client.post(f"/programs/{program.pk}/apply/confirm/", {"code": code}).status_code == 200


def test_imports_invitations_and_applications_reuse_one_person(as_, client, ada):
    program = make.program(open_until=timezone.localdate())
    priya = make.admin(program)
    for variant in ("ada@example.org\u200b", "Ada@example.org"):
        run = make.import_run(program, f"email,name,role\n{variant},Ada Lind,mentee")
        run.begin(skip_errors=False)
        importing.import_people(run)
    as_(priya).post(f"/programs/{program.pk}/people/new/", {"role": "mentor", "people": "Ada <ada@example.org\u200b>"})
    assert User.objects.filter(email__startswith="ada").count() == 1
    assert set(ada.enrollments.values_list("role", flat=True)) == {"mentee", "mentor"}
    for variant in ("Nia@example.org", "mailto:nia@example.org\u200b"):
        data = {"name": "Nia", "email": variant, "role": "mentee", "why": ""}
        assert client.post(f"/programs/{program.pk}/apply/", data).status_code == 302
        confirm_application(client, program)
    assert list(Application.objects.values_list("email", flat=True)) == ["nia@example.org"]


def test_setup_and_profile_forms_normalize_addresses(as_, ada):
    assert (
        StartForm({"email": "Ada Lind <Ada@example.org\u200b>"}).fields["email"].clean("ADA@example.org\u200b")
        == ada.email
    )
    program = make.program()
    make.enrollment(program, ada, "mentor")
    sam = make.user("Sam Okafor")
    make.enrollment(program, sam, "mentee")
    as_(sam).post(f"/programs/{program.pk}/profile/", {"manager_email": "Ada Lind <Ada@example.org\u200b>"})
    assert sam.profiles.get().manager == ada


def test_an_applicants_name_is_stored_on_one_line(client, ada):
    program = make.program(open_until=timezone.localdate())
    data = {"name": "Ann\r\nhttps://evil.example", "email": "ann@example.org", "role": "mentee", "why": ""}
    client.post(f"/programs/{program.pk}/apply/", data)
    confirm_application(client, program)
    assert Application.objects.get().name == "Ann https://evil.example"
