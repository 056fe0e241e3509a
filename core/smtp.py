"""SMTP email backend with short timeouts and a callback just before a message is transmitted."""

import smtplib
from collections.abc import Callable
from functools import partial

from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend

CONNECT_WITHIN = 10  # seconds
DATA_GO_AHEAD = 354


def error_text(error: Exception) -> str:
    """Return the error of the mail server or network on one line, for the operator."""
    answers = [(error.smtp_code, error.smtp_error)] if isinstance(error, smtplib.SMTPResponseException) else []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    text = "; ".join(
        f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}" for code, words in answers
    )
    text = text or str(getattr(error, "strerror", None) or error) or type(error).__name__
    return " ".join(text.split()).rstrip(".")


def _do_nothing() -> None:
    pass


class _SMTP(smtplib.SMTP):
    """SMTP client that calls `leaving` just before the message body is sent, the point of no return."""

    def __init__(self, *args, leaving: Callable[[], None], **kwargs):
        self.leaving = leaving
        super().__init__(*args, **kwargs)

    def _get_socket(self, host, port, timeout):
        sock = super()._get_socket(host, port, min(timeout, CONNECT_WITHIN))  # type: ignore[misc]  # not in typeshed
        sock.settimeout(timeout)
        return sock

    def getreply(self):
        code, text = super().getreply()
        if code == DATA_GO_AHEAD:
            try:
                self.leaving()
            except BaseException:
                self.close()  # the server discards an incomplete message
                raise
        return code, text


class _SMTP_SSL(_SMTP, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoEmailBackend):
    """Django's SMTP backend with the callback `leaving`, called just before a message body is sent."""

    leaving: Callable[[], None] = staticmethod(_do_nothing)

    @property
    def connection_class(self):
        return partial(_SMTP_SSL if self.use_ssl else _SMTP, leaving=lambda: self.leaving())
