"""Email backend for demos and development: stores mail in the database, for the Mail page."""

from django.core.mail.backends.base import BaseEmailBackend

from accounts.models import OutboxMail


class EmailBackend(BaseEmailBackend):
    """Email backend that stores each message as a row and reports it as sent."""

    def send_messages(self, messages):
        for message in messages:
            html = next(
                (part.content for part in getattr(message, "alternatives", []) if part.mimetype == "text/html"),
                "",
            )
            OutboxMail.objects.create(
                recipients=", ".join(message.recipients())[:500],
                subject=str(message.subject)[:500],
                text=message.body,
                html=html,
                headers={name: str(value) for name, value in message.extra_headers.items()},
            )
        return len(messages)
