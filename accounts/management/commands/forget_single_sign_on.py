from allauth.socialaccount.models import SocialAccount
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.management.lookup import person_with
from accounts.models import AuditEvent


class Command(BaseCommand):
    help = (
        "Forget which account at the identity provider belongs to a person, for somebody who got a new one there. They "
        "are signed out everywhere. The next sign-in with their verified email address is remembered instead. First "
        "make sure that the address still belongs to the same person."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the email address of the person")

    def handle(self, *args, email: str, **options):
        user = person_with(email)
        with transaction.atomic():
            forgotten, _rows = SocialAccount.objects.filter(user=user).delete()
            if forgotten:
                AuditEvent.record(None, AuditEvent.Action.IDENTITY_FORGOTTEN, user)
                user.end_web_sessions()
                user.sign_ins.all().delete()
        if not forgotten:
            self.stdout.write(f"{user} has not signed in through an identity provider. Nothing was changed.")
            return
        self.stdout.write(f"Forgotten for {user}, who is signed out everywhere and can sign in again.")
