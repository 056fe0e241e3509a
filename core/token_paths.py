"""Addresses that hold a secret: whoever has the link may use it, so it belongs in no log and no Referer header."""

import logging
import re
import traceback

# What stands before the token. A test fails for a route with a token that is missing here.
BEFORE = ("m/[a-z-]+", "f", "invitation", "calendar", "accounts/confirm-email", "accounts/password/reset/key")
# In a log an address may stand in quotes, inside another address, or percent-encoded. The code of the first visit is no
# path, but whoever has it may set up the installation.
SLASH = "(?:/|%2F)"
PREFIXES = "|".join(before.replace("/", SLASH) for before in BEFORE)
IN_TEXT = re.compile(rf"({SLASH}(?:{PREFIXES}){SLASH}|[?&]code=)(?:(?!%2F)[^/\s?&\"'<>])+", re.IGNORECASE)
OF_ALLAUTH = {"account_confirm_email", "account_reset_password_from_key"}


def holds_token(request) -> bool:
    """Return True if the page was asked for by a secret link."""
    match = request.resolver_match
    return match is not None and ("token" in match.kwargs or match.url_name in OF_ALLAUTH)


def without_tokens(text: str) -> str:
    """Return the text with the token of every such address left out."""
    return IN_TEXT.sub(r"\1[token]", text)


def keep_out_of_logs() -> None:
    """Leave tokens out of every record that this process logs, whichever logger and handler it passes."""
    make = logging.getLogRecordFactory()
    if getattr(make, "leaves_out_tokens", False):
        return

    def make_without_tokens(*args, **kwargs):
        record = make(*args, **kwargs)
        if record.exc_info and record.exc_info[0]:
            record.exc_text = without_tokens("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
        try:
            said = record.getMessage()
        except Exception:  # a broken format string is the handler's to report
            return record
        if (kept := without_tokens(said)) != said:
            record.msg, record.args = kept, None
        return record

    make_without_tokens.leaves_out_tokens = True
    logging.setLogRecordFactory(make_without_tokens)
