"""Mail over SMTP, with short patience and one more word than the protocol needs: when a message is about to leave."""

import smtplib
from collections.abc import Callable
from functools import partial

from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend

CONNECT_WITHIN = 10  # seconds
DATA_GO_AHEAD = 354


def words_of(error: Exception) -> str:
    """What the server or the network said, in one line, for whoever runs this installation."""
    answers = [(error.smtp_code, error.smtp_error)] if isinstance(error, smtplib.SMTPResponseException) else []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    said = "; ".join(
        f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}" for code, text in answers
    )
    said = said or str(getattr(error, "strerror", None) or error) or type(error).__name__
    return " ".join(said.split()).rstrip(".")


def _do_nothing() -> None:
    pass


class _Telling:
    """Calls `leaving` when the server has asked for the message: before that nothing left, after it all may have."""

    def __init__(self, *args, leaving: Callable[[], None], **kwargs):
        self.leaving = leaving
        super().__init__(*args, **kwargs)

    def _get_socket(self, host, port, timeout):
        sock = super()._get_socket(host, port, min(timeout, CONNECT_WITHIN))
        sock.settimeout(timeout)
        return sock

    def getreply(self):
        code, text = super().getreply()
        if code == DATA_GO_AHEAD:
            try:
                self.leaving()
            except BaseException:
                self.close()  # mid-sentence: a message without its end is not taken
                raise
        return code, text


class _SMTP(_Telling, smtplib.SMTP):
    pass


class _SMTP_SSL(_Telling, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoEmailBackend):
    """Django's, that calls `leaving` (set by who sends) just before the text of a message leaves this machine."""

    leaving: Callable[[], None] = staticmethod(_do_nothing)

    @property
    def connection_class(self):
        return partial(_SMTP_SSL if self.use_ssl else _SMTP, leaving=lambda: self.leaving())
