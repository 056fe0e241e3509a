"""The conversation with an OpenID Connect provider; every failure is a `Refused` with its reason.

allauth builds the request (with PKCE) and fetches the tokens. The ID token is checked here in full: allauth would trust
its signature because of the connection, and sends no nonce.
"""

import secrets
from urllib.parse import urlsplit

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts.single_sign_on.identities import Answer, Identity, Refused
from config.env import OpenIDProvider
from core.checks import is_loopback

# Signatures with the provider's own key. Those with a shared secret (HS256) and none at all are not accepted.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
CONFIGURATION_KEPT = 600  # seconds
LEEWAY = 60  # seconds by which the clocks may differ


def openid_provider() -> OpenIDProvider:
    """Return the provider of the settings, which speaks OpenID Connect: otherwise nothing here is used."""
    assert isinstance(settings.IDENTITY_PROVIDER, OpenIDProvider)
    return settings.IDENTITY_PROVIDER


class Adapter(OpenIDConnectOAuth2Adapter):
    """The provider's addresses, and the claims of its tokens."""

    def fetch(self, url: str, **kwargs) -> dict:
        with get_adapter().get_requests_session() as web:
            response = web.get(url, **kwargs)
            response.raise_for_status()
        answer = response.json()
        if not isinstance(answer, dict):
            raise ValueError("an object was expected")
        return answer

    @property
    def openid_config(self) -> dict:
        """Return what the provider publishes about itself, at most ten minutes old."""
        key = f"openid-configuration:{openid_provider().provider_id}"
        if (config := cache.get(key)) is None:
            config = self.fetch(self.get_provider().server_url)
            if str(config["issuer"]).rstrip("/") != openid_provider().issuer:
                raise ValueError("the configuration is of another issuer")
            for name in ENDPOINTS:
                parts = urlsplit(config[name])
                if parts.scheme != "https" and not is_loopback(parts.hostname):
                    raise ValueError(f"{name} is not encrypted")
            cache.set(key, config, CONFIGURATION_KEPT)
        return config

    def get_callback_url(self, request, app) -> str:
        return settings.SITE_URL + reverse("single_sign_on_callback")

    def claims_of(self, tokens: dict, nonce: str) -> dict:
        """Return the claims about the person, once signature, issuer, audience, time and nonce are right."""
        token, client_id = tokens["id_token"], openid_provider().client_id
        key_id = jwt.get_unverified_header(token).get("kid")
        keys = jwt.PyJWKSet.from_dict(self.fetch(self.openid_config["jwks_uri"])).keys
        key = next(key for key in keys if key_id in (None, key.key_id) and key.public_key_use in (None, "sig"))
        claims = jwt.decode(
            token,
            key.key,
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=self.openid_config["issuer"],
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "sub", "exp", "iat"]},
        )
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != client_id:
            raise ValueError("the token is for another client")
        if not constant_time_compare(str(claims.get("nonce", "")), nonce):
            raise ValueError("the token is for another request")
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            more = self.fetch(self.openid_config["userinfo_endpoint"], headers=headers)
            if more["sub"] != claims["sub"]:
                raise ValueError("the answer is about somebody else")
            claims = more | claims
        return claims


class Provider(OpenIDConnectProvider):
    oauth2_adapter_class = Adapter


# Whatever a provider that is down, or that answers nonsense, makes of the request.
FAILURES = (
    *(OAuth2Error, requests.RequestException, jwt.PyJWTError),
    *(ValueError, KeyError, TypeError, AttributeError, StopIteration),
)


def provider_of(request: HttpRequest) -> Provider:
    return get_adapter(request).get_provider(request, openid_provider().provider_id)


def begin(request: HttpRequest, process: str, next_url: str | None) -> HttpResponse:
    """Return the redirect to the provider; to confirm, people sign in there again."""
    nonce = secrets.token_urlsafe(24)
    again = {"prompt": "login", "max_age": "0"} if process == "confirm" else {}
    try:
        return provider_of(request).redirect(
            request, process, next_url, nonce=nonce, auth_params={"nonce": nonce} | again
        )
    except FAILURES as error:
        raise Refused("provider") from error


def finish(request: HttpRequest) -> Answer:
    """Read the answer with which the person comes back from the provider; it works once, in the same browser."""
    provider = provider_of(request)
    state = statekit.unstash_state(request, provider_id=provider.sub_id, state_id=request.GET.get("state", ""))
    if state is None:
        raise Refused("expired")
    if "code" not in request.GET:
        raise Refused("declined" if request.GET.get("error") == "access_denied" else "provider")
    adapter = provider.get_oauth2_adapter(request)
    try:
        client = adapter.get_client(request, provider.app)
        tokens = client.get_access_token(request.GET["code"], pkce_code_verifier=state["pkce_code_verifier"])
        claims = adapter.claims_of(tokens, state["nonce"])
        return Answer(identity_of(claims), state["process"], state.get("next", ""), int(claims.get("auth_time", 0)))
    except FAILURES as error:
        raise Refused("provider") from error


def identity_of(claims: dict) -> Identity:
    """Return the person that the claims describe. Microsoft has a claim of its own for verified addresses."""
    is_verified = claims.get("email_verified") in (True, "true") or claims.get("xms_edov") in (True, 1, "1", "true")
    return Identity(str(claims["sub"]), str(claims.get("email") or ""), is_verified, str(claims.get("name") or ""))
