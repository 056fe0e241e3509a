"""The table in docs/asvs.md is true as far as a test can tell, and what it needs that no other test shows."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import html5lib
import pytest
import time_machine
from allauth.account.adapter import get_adapter
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from config import settings as shipped
from mentoring.models import Program
from tests import make
from tests.site.test_bad_input import Form
from tests.sources import ROOT

TABLE = (ROOT / "docs" / "asvs.md").read_text()
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$", TABLE, re.M)
REQUIREMENTS = 253  # of levels 1 and 2 in version 5.0.0
PASSWORD = "a-river-in-winter"


# --- The table --------------------------------------------------------------------------------------------------


def test_every_requirement_has_one_result():
    assert len(ROWS) == len({number for number, _gist, _result in ROWS}) == REQUIREMENTS
    kinds = [result.partition(":")[0] for _number, _gist, result in ROWS]
    assert set(kinds) == {"pass", "not applicable", "gap"}
    assert all(result.partition(": ")[2] for _number, _gist, result in ROWS)
    counted = "{} pass, {} are not applicable, and {} are gaps".format(
        *(kinds.count(kind) for kind in ("pass", "not applicable", "gap"))
    )
    assert counted in " ".join(TABLE.split())


def test_every_test_that_is_named_exists():
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TABLE))
    assert len(named) > 90
    assert [f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text()] == []


def test_each_pass_names_a_test_or_a_section_that_exists():
    for number, _gist, result in ROWS:
        links = re.findall(r"\]\(([\w./-]+)#?([\w-]*)\)", result)
        if result.startswith("pass"):
            assert links or "::test_" in result, number
        for file, section in links:
            headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / file).read_text(), re.M)
            assert not section or section in {heading.lower().replace(" ", "-") for heading in headings}, number


# --- Cookies and answers ----------------------------------------------------------------------------------------


def test_cookies_of_an_installation_with_https(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings as s; print(*(getattr(s, name) for name in ("
        "'SESSION_COOKIE_NAME', 'CSRF_COOKIE_NAME', 'DEVICE_COOKIE_NAME', 'LANGUAGE_COOKIE_NAME',"
        "'SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE', 'SESSION_COOKIE_HTTPONLY', 'CSRF_COOKIE_HTTPONLY',"
        "'SESSION_COOKIE_SAMESITE', 'CSRF_COOKIE_SAMESITE', 'LANGUAGE_COOKIE_SECURE')))"
    )
    environment = os.environ | {"SITE_URL": "https://mentoring.example.org", "DATA_DIR": str(tmp_path)}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": ""}
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    names = ["__Host-session", "__Host-csrf", "__Host-device", "__Host-language"]
    assert found.stdout.split() == [*names, "True", "True", "True", "True", "Lax", "Lax", "True"]


def test_no_other_site_may_read_answers(as_, ada):
    for client, path in ((Client(), "/accounts/login/"), (as_(ada), "/"), (Client(), "/static/js/app.js")):
        answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert answer.status_code == 200 and not any("access-control" in name.lower() for name in answer.headers)


def test_texts_name_their_encoding(db):
    for path in ("/accounts/login/", "/static/js/app.js", "/static/css/app.css", reverse("who_can_see_what"), "/none/"):
        kind = Client().get(path).headers.get("Content-Type", "text/html; charset=utf-8")
        assert kind.startswith("text/") and "charset=" in kind.lower(), path


def test_names_of_downloads_hold_nothing_that_was_typed(as_, pair):
    """Of every download of a program, a pair and a person, whose names could end the header or name a program."""
    hostile = 'x"; filename="run.exe"\r\nX-Injected: 1/../..\\ü'
    Program.objects.filter(pk=pair.program_id).update(name=hostile)
    User.objects.update(name=hostile)
    admin = make.admin(pair.program)
    named = set()
    for name in ("people_export", "pairs_export", "program_file_export", "figures_export", "weeks_export"):
        for kind in ("csv", "xlsx"):
            answer = as_(admin).post(reverse(name, args=[pair.program_id]), {"format": kind})
            assert answer.status_code == 200 and "X-Injected" not in answer.headers, name
            named.add(answer.headers["Content-Disposition"])
    record = {"sections": "goals", "kind": "html"}
    named.add(as_(pair.mentee).get(reverse("growth_record_download", args=[pair.pk]), record)["Content-Disposition"])
    named.add(as_(pair.mentee).post(reverse("your_data_download"))["Content-Disposition"])
    assert (
        len(named) > 6
        and {name for name in named if not re.fullmatch(r'attachment; filename="[\w.-]+"', name)} == set()
    )


def test_no_folder_is_listed_and_trace_is_refused(db):
    make.installation()
    client = Client()
    assert {client.get(path).status_code for path in ("/static/", "/static/js/")} == {404}
    answer = client.trace("/accounts/login/", headers={"X-Probe": "echoed"})
    assert answer.status_code == 405 and b"echoed" not in answer.content


def test_scripts_store_nothing_in_the_browser():
    code = "".join(path.read_text() for path in (ROOT / "static" / "js").glob("*.js"))
    assert not re.findall(r"localStorage|sessionStorage|indexedDB|document\.cookie", code)


# An object with a key from outside, such as "__proto__", or filled with all of another object.
POLLUTION = r"__proto__|for \((?:const|let) \w+ in |Object\.assign\((?!document\.createElement)|\w\[\w+\]\s*=(?!=)"
NAMES_OF_OURS = {"if (response[name]) sent[name] = text(response[name]);"}


def test_scripts_use_no_key_from_outside():
    lines = [line.strip() for path in (ROOT / "static" / "js").glob("*.js") for line in path.read_text().splitlines()]
    assert {line for line in lines if re.search(POLLUTION, line)} == NAMES_OF_OURS


@pytest.mark.parametrize("line", ["known[key] = value;", "Object.assign(state, sent);", "for (const key in sent) {"])
def test_a_key_from_outside_would_be_found(line):
    assert re.search(POLLUTION, line)


def test_only_the_form_counts_and_of_a_field_sent_twice_the_last(as_, ada):
    """Not what the address of the request has under the same names."""
    url, client = reverse("preferences"), as_(ada)
    page = html5lib.parse(client.get(url).content, namespaceHTMLElements=False)
    [form] = [form for form in page.iter("form") if form.get("action") == url]
    data = Form(url, form).data | {"name": ["Not this one", "Ada Lovelace"]}
    assert client.post(f"{url}?name=Elsewhere&short_name=Else", data).status_code == 302
    ada.refresh_from_db()
    assert ada.name == "Ada Lovelace" and ada.short_name != "Else"


def test_every_page_offers_to_sign_out(as_, ada):
    client = as_(ada)
    for name in ("home", "preferences", "your_data", "commitment_list", "inbox_list"):
        assert reverse("account_logout") in client.get(reverse(name)).content.decode(), name


def test_the_image_has_no_history():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[0] == "*" and not [line for line in lines if line.startswith("!.")]


def test_the_image_has_every_app():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    ours = {app.partition(".")[0] for app in shipped.INSTALLED_APPS}
    assert {f"!{name}" for name in ours if (ROOT / name).is_dir()} - set(lines) == set()


# --- Passwords and keys -----------------------------------------------------------------------------------------


def accepts(password: str) -> bool:
    try:
        validate_password(password, User(name="Ada Lind", email="ada@example.org"))
    except ValidationError:
        return False
    return True


def test_rules_for_passwords(db):
    assert not accepts("short-one") and not accepts("1234567890") and not accepts("adalind@example")
    assert accepts("x" * 11 + "y") and accepts(" nothing but words ") and accepts("🦊" * 12) and accepts("ab " * 40)
    make.installation()
    person, client = make.user("Ada Lind", password=PASSWORD), Client()
    for wrong in (PASSWORD.upper(), PASSWORD[:-1]):
        assert client.post("/accounts/login/", {"login": person.email, "password": wrong}).status_code == 422
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    new = {"oldpassword": "not this one", "password1": "another-river", "password2": "another-river"}
    assert client.post("/accounts/password/change/", new).status_code == 422


@pytest.mark.parametrize("password", ["Throughline2026!", "MENTORING-mentor-1", "mentors@mentees", "northfield2026"])
def test_passwords_of_words_of_the_site_are_refused(settings, password):
    settings.SITE = urlsplit("https://mentoring.northfield.example")
    assert not accepts(password) and accepts(f"{password} by the sea") and accepts("1024 sunny fields")


def test_password_fields_are_masked_and_take_a_paste(db):
    make.installation()
    page = Client().get("/accounts/login/").content.decode()
    [field] = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'type="password"' in field and 'autocomplete="current-password"' in field
    code = "".join(path.read_text() for path in (ROOT / "static" / "js").glob("*.js"))
    assert "paste" not in code


def test_no_password_expires(db):
    make.installation()
    person = make.user("Ada Lind", password=PASSWORD)
    with time_machine.travel(timezone.now() + timedelta(days=5 * 365)):
        answer = Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302 and answer.headers["Location"] == "/"


def test_a_new_installation_has_no_account(db):
    assert not User.objects.exists()


def test_keys_of_web_sessions_are_random(db):
    keys = set()
    for _one in range(20):
        web = SessionStore()
        web.create()
        keys.add(web.session_key)
    assert len(keys) == 20 and {len(key) for key in keys} == {32}  # 32 of 36 symbols: 165 bits


def test_passwords_and_signatures_use_approved_hashes():
    assert [name.rpartition(".")[2] for name in shipped.PASSWORD_HASHERS] == ["Argon2PasswordHasher"]
    assert signing.Signer().algorithm == signing.TimestampSigner().algorithm == "sha256"


def test_codes_by_email_cannot_be_guessed():
    codes = {re.sub(r"\W", "", get_adapter().generate_login_code()) for _one in range(500)}
    assert len(codes) == 500 and {len(code) for code in codes} == {8}
    symbols = len(set("".join(codes)))
    assert symbols**8 > 2**20  # the standard asks for 20 bits; 20 symbols have 34


@pytest.mark.parametrize("host", ["evil.example", "mentoring.example.org.evil.example"])
def test_other_hosts_are_refused(db, host):
    assert Client().get("/accounts/login/", headers={"Host": host}).status_code == 400
