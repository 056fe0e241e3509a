from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.local_access import setup_link
from accounts.management.lookup import person_with
from accounts.models import AuditEvent, Installation


class Command(BaseCommand):
    help = (
        "Without an address: print the link that opens the first-time setup from another machine. With an address: "
        "print a link with which its owner chooses a password within one hour. Give it only to that person, because "
        "it counts as proof of the address."
    )

    def add_arguments(self, parser):
        parser.add_argument("address", nargs="?")

    def handle(self, *args, address=None, **options):
        if address:
            self.stdout.write(self.link_for(address))
        elif Installation.current():
            raise CommandError("This installation is already set up. Sign in instead.")
        else:
            self.stdout.write(setup_link())

    def link_for(self, address: str) -> str:
        user = person_with(address)
        if not user.is_active:
            raise CommandError(f"The account of {user.email} is closed. Open it with reopen_account first.")
        user.verify_address()
        AuditEvent.record(None, AuditEvent.Action.ADDRESS_VERIFIED_BY_OPERATOR, user)
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        uid, token = key.split("-", 1)
        return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
