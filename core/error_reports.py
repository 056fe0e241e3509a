"""Reports of errors to Sentry, or a server that speaks its protocol: where an error happened, and nothing else.

Whatever is logged with a traceback is reported: a page that failed, a task that failed. Only the fields named here are
in a report, so no text that anybody wrote, and no name, address or link, can be part of it.
"""

import logging
import sys

from config.version import VERSION
from core.logs import request_id

FRAME = ("filename", "function", "lineno", "module", "in_app")


def start(dsn: str, **options) -> None:
    """Report errors to this address from now on."""
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=dsn,
        release=VERSION,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),  # sends what is pending, without a word
        ],
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        before_send=only_where,  # type: ignore[arg-type]  # a dict that may have any of Sentry's fields
        **options,
    )


def only_where(event: dict, hint: dict) -> dict | None:
    """Return the report of an error: its type and the lines of code that led to it, without its message.

    A message often quotes what was wrong, and with it what a person wrote. An entry without a traceback has only a
    message, so it is not reported.
    """
    errors = event.get("exception", {}).get("values", [])
    if not errors:
        return None
    kept = ("event_id", "timestamp", "platform", "level", "release", "logger")
    report = {key: event[key] for key in kept if key in event}
    report["exception"] = {"values": [_without_message(error) for error in errors]}
    report["contexts"] = {"runtime": {"name": "CPython", "version": sys.version.split()[0]}}
    if current := request_id.get():
        report["tags"] = {"request": current}
    return report


def _without_message(error: dict) -> dict:
    frames = (error.get("stacktrace") or {}).get("frames", [])
    lines = [{key: frame[key] for key in FRAME if key in frame} for frame in frames]
    return {"type": error.get("type"), "module": error.get("module"), "stacktrace": {"frames": lines}}
