from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError

from core.smtp import error_text


class Command(BaseCommand):
    help = "Send one test email through the mail server in EMAIL_URL and print the answer of the server."

    def add_arguments(self, parser):
        parser.add_argument("address", help="recipient, such as you@example.org")

    def handle(self, *args, **options):
        if not settings.EMAIL_URL:
            raise CommandError(
                "No mail server is set: set EMAIL_URL to its address, such as "
                "smtp+tls://name:password@mail.example.org:587 (docs/configuration.md)."
            )
        to = options["address"]
        try:
            send_mail(
                "A test from Throughline",
                f"This email shows that Throughline at {settings.SITE_URL} can send email. There is nothing to do.\n",
                None,
                [to],
            )
        except (OSError, ValueError) as error:  # every SMTP and network error is an OSError
            raise CommandError(f"The email to {to} was rejected: {error_text(error)}.") from None
        self.stdout.write(f"The mail server accepted the email to {to}. Check the mailbox to see whether it arrives.")
