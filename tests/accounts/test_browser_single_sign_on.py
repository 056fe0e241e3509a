"""In a browser, with its content security policy: the form leads to the provider and back."""

from urllib.parse import urlsplit

import oidc_provider_mock
import pytest

from config import env
from tests import make, saml

pytestmark = [pytest.mark.browser, pytest.mark.real_time, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_button_leads_to_the_provider_and_back(page, live_server, settings, width):
    settings.SITE_URL, settings.SITE = live_server.url, urlsplit(live_server.url)
    make.installation()
    make.user("Lena Brandt", email="lena@example.org")
    claims = {"email": "lena@example.org", "email_verified": True}
    user = oidc_provider_mock.User(sub="u-1", claims=claims)
    page.set_viewport_size({"width": width, "height": 900})
    with oidc_provider_mock.run_server_in_thread(user_claims=[user]) as server:
        issuer = f"http://localhost:{server.server_port}"
        settings.IDENTITY_PROVIDER = env.OpenIDProvider(issuer, "throughline", "a secret", "Example University")
        page.goto(f"{live_server.url}/preferences/")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_role("button", name="Sign in with Example University").click()
        page.wait_for_url(f"{issuer}/**")
        page.get_by_role("button", name="u-1").click()
        page.wait_for_url(f"{live_server.url}/preferences/")


def test_a_saml_provider_of_another_site_sends_the_browser_back_signed_in(page, live_server, settings):
    settings.SITE_URL, settings.SITE = live_server.url, urlsplit(live_server.url)
    make.installation()
    make.user("Lena Brandt", email="lena@example.org")
    with saml.provider(saml.Key(), f"{live_server.url}/accounts/single-sign-on") as provider:
        settings.IDENTITY_PROVIDER = provider
        page.goto(f"{live_server.url}/preferences/")
        page.get_by_role("button", name="Sign in with Example University").click()
        page.wait_for_url(f"{provider.sign_in_url}**")
        page.get_by_role("button", name="Sign in as Lena").click()
        page.wait_for_url(f"{live_server.url}/preferences/")
