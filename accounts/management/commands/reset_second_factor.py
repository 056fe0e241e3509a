from allauth.account.adapter import get_adapter
from allauth.core import context
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.http import HttpRequest

from accounts.management.lookup import person_with
from accounts.models import AuditEvent


class Command(BaseCommand):
    help = (
        "Turn off two-step verification for a person who lost their second factor: their app, passkeys and recovery "
        "codes are removed. They are signed out everywhere, get an email, and sign in with their password or a code by "
        "email. First make sure that the request comes from them, for example by calling them."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the email address of the person")

    def handle(self, *args, email: str, **options):
        user = person_with(email)
        with transaction.atomic():
            factors, _rows = user.authenticator_set.all().delete()
            if factors:
                AuditEvent.record(None, AuditEvent.Action.SECOND_FACTOR_RESET, user)
        if not factors:
            self.stdout.write(f"{user.name} has not set up two-step verification. Nothing was changed.")
            return
        user.end_web_sessions()
        user.sign_ins.all().delete()
        request = HttpRequest()  # for the template: a command has none
        request.META["SERVER_NAME"], request.META["SERVER_PORT"] = settings.SITE.hostname, "443"
        with context.request_context(request):
            get_adapter().send_mail("mfa/email/second_factor_reset", user.email, {"user": user})
        self.stdout.write(f"Two-step verification is off for {user.name}, and they are signed out everywhere.")
        self.stdout.write("They can now sign in without it, and set it up again in their preferences.")
