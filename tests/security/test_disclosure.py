"""People who find a vulnerability learn whom to tell: SECURITY.md and /.well-known/security.txt (RFC 9116)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from config import env
from tests import make

ADDRESS = "/.well-known/security.txt"


@pytest.fixture
def _installation(db):
    make.installation()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", ""),
        ("security@example.org", "mailto:security@example.org"),
        ("https://example.org/report", "https://example.org/report"),
    ],
)
def test_the_contact_is_an_address_or_a_page(monkeypatch, given, shown):
    monkeypatch.setenv("SECURITY_CONTACT", given)
    assert env.security_contact() == shown


@pytest.mark.parametrize(
    "given", ["http://example.org/", "security@", "a@b.example\nContact: mailto:x@y.example", "me"]
)
def test_another_contact_is_refused(monkeypatch, given):
    monkeypatch.setenv("SECURITY_CONTACT", given)
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT is invalid"):
        env.security_contact()


@pytest.mark.usefixtures("_installation")
def test_the_file_names_the_contact_and_is_never_out_of_date(settings):
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    answer = Client().get(ADDRESS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert lines.keys() == {"Contact", "Expires", "Preferred-Languages", "Canonical"}
    assert lines["Contact"] == "mailto:security@example.org" and lines["Canonical"].endswith(ADDRESS)
    expires = datetime.strptime(lines["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=90) < expires - timezone.now() < timedelta(days=365)


@pytest.mark.usefixtures("_installation")
def test_without_a_contact_there_is_no_file(settings):
    settings.SECURITY_CONTACT = ""
    assert Client().get(ADDRESS).status_code == 404
