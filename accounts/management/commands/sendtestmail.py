from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError

from core.smtp import words_of


class Command(BaseCommand):
    help = "Send one plain mail through the mail server that is set, and say what the server said."

    def add_arguments(self, parser):
        parser.add_argument("address", help="where to, such as you@example.org")

    def handle(self, *args, **options):
        if not settings.EMAIL_URL:
            raise CommandError(
                "No mail server is set: put its address into EMAIL_URL, such as "
                "smtp+tls://name:password@mail.example.org:587 (docs/configuration.md)."
            )
        to = options["address"]
        try:
            send_mail(
                "A test from Throughline",
                f"This mail shows that Throughline at {settings.SITE_URL} can send mail. There is nothing to do.\n",
                None,
                [to],
            )
        except (OSError, ValueError) as error:  # every SMTP and network error is an OSError
            raise CommandError(f"The mail to {to} was not taken: {words_of(error)}.") from None
        self.stdout.write(f"The mail server took the mail to {to}. Whether it arrives, only its mailbox can tell.")
