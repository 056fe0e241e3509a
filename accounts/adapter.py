"""How django-allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings


class AccountAdapter(DefaultAccountAdapter):
    """People are invited; they register themselves only where the installation says so."""

    def is_open_for_signup(self, request) -> bool:
        return settings.OPEN_REGISTRATION
