"""Tests in a browser with a virtual passkey: adding one, signing in with it, and confirming with it."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from accounts.models import AuditEvent
from tests import make

PASSWORD = "a-river-in-winter"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect.set_options(timeout=10_000)


@pytest.fixture
def page_with_passkeys(page):
    """A page whose browser has a passkey built in, as phones do, and that collects what the policy refuses."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.refused = []
    page.on(
        "console", lambda message: page.refused.append(message.text) if "Content Security" in message.text else None
    )
    return page


def test_a_passkey_is_added_and_signs_in(page_with_passkeys, live_server, settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
    make.installation()
    lena, page = make.user("Lena Brandt", email="lena@example.org", password=PASSWORD), page_with_passkeys
    site = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{site}/accounts/login/?next=/accounts/second-factor/")
    page.get_by_label("Email").fill(lena.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Passkey name").fill("My laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("button", name="Show my recovery codes").click()
    expect(page.get_by_role("heading", name="Save these recovery codes")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as a text file").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    page.context.clear_cookies()
    page.goto(f"{site}/accounts/login/?next=/accounts/second-factor/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("My laptop").first).to_be_visible()
    page.get_by_role("link", name=re.compile("Remove.*My laptop")).click()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.locator("#messages").get_by_text("The passkey was removed.")).to_be_visible()
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.filter(action="signed in", user=lena).count() == 2
    assert page.refused == []


def test_a_passkey_follows_the_password(page_with_passkeys, live_server):
    make.installation()
    lena, page = make.user("Lena Brandt", email="lena@example.org", password=PASSWORD), page_with_passkeys
    site = live_server.url.replace("127.0.0.1", "localhost")
    for number in range(2):
        page.goto(f"{site}/accounts/login/?next=/accounts/second-factor/passkeys/new/")
        page.get_by_label("Email").fill(lena.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        if number:
            page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
        page.get_by_role("button", name="Add the passkey").click()
        if not number:
            expect(page.get_by_role("button", name="Show my recovery codes")).to_be_visible()
            page.context.clear_cookies()
    expect(page.get_by_text("Your device didn’t provide a passkey")).to_be_visible()  # it has one for this account
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    assert page.refused == []
