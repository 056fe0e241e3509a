"""URLs that contain a secret token, which must not appear in logs or Referer headers."""

import logging
import re
import traceback
from collections.abc import Callable

from django.http import HttpRequest

# Paths before the token. A test fails if a route with a token is missing here.
BEFORE = ("m/[a-z-]+", "f", "invitation", "calendar", "accounts/confirm-email", "accounts/password/reset/key")
# In logs a URL may be quoted, nested in another URL, or percent-encoded. The setup code is a query parameter, but it
# is just as secret: it allows setting up the installation.
SLASH = "(?:/|%2F)"
PREFIXES = "|".join(before.replace("/", SLASH) for before in BEFORE)
IN_TEXT = re.compile(rf"({SLASH}(?:{PREFIXES}){SLASH}|[?&]code=)(?:(?!%2F)[^/\s?&\"'<>])+", re.IGNORECASE)
OF_ALLAUTH = {"account_confirm_email", "account_reset_password_from_key"}


def holds_token(request: HttpRequest) -> bool:
    """Return True if the URL of the request contains a secret token."""
    match = request.resolver_match
    return match is not None and ("token" in match.kwargs or match.url_name in OF_ALLAUTH)


def without_tokens(text: str) -> str:
    """Return the text with every token in a URL replaced by "[token]"."""
    return IN_TEXT.sub(r"\1[token]", text)


def keep_out_of_logs() -> None:
    """Remove tokens from all log records of this process, regardless of logger and handler."""
    make = logging.getLogRecordFactory()
    if not isinstance(make, RecordsWithoutTokens):
        logging.setLogRecordFactory(RecordsWithoutTokens(make))


class RecordsWithoutTokens:
    """Factory of log records that removes tokens from what another factory made."""

    def __init__(self, make: Callable[..., logging.LogRecord]):
        self.make = make

    def __call__(self, *args, **kwargs) -> logging.LogRecord:
        record = self.make(*args, **kwargs)
        if record.exc_info and record.exc_info[0]:
            record.exc_text = without_tokens("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
        try:
            message = record.getMessage()
        except Exception:  # leave a broken format string to the handler
            return record
        if (cleaned := without_tokens(message)) != message:
            record.msg, record.args = cleaned, None
        return record
