"""What `allauth.socialaccount` asks of the installation: its OpenID Connect provider comes from the settings."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings

from config.env import OpenIDProvider


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Adapter that knows the provider of the settings, and no providers from the database."""

    def list_apps(self, request, provider=None, client_id=None) -> list[SocialApp]:
        ours = settings.IDENTITY_PROVIDER
        if not isinstance(ours, OpenIDProvider):
            return []
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=ours.provider_id,
                name=ours.name,
                client_id=ours.client_id,
                secret=ours.client_secret,
                settings={"server_url": ours.issuer, "oauth_pkce_enabled": True},
            )
        ]

    def get_provider(self, request, provider, client_id=None):
        """Return the provider of the settings; the library behind it is imported only when somebody uses it."""
        from accounts.single_sign_on.openid_connect import Provider

        return Provider(request, app=self.get_app(request, provider))
