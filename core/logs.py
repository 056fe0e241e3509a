"""Log lines as JSON, for LOG_FORMAT=json: one object a line, with the id of the request, and no content of a pair."""

import json
import logging
import re
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings

request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonFormatter(logging.Formatter):
    """Formats a record as an object: time (UTC), level, logger, message and, if there are any, request and error."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["request"] = current
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


class RequestIdMiddleware:
    """Give each request an id, for its log lines and the header X-Request-ID; a proxy may choose it."""

    VALID = re.compile(r"[A-Za-z0-9_.-]{1,64}")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.headers.get("X-Request-ID", "") if settings.PROXIES else ""
        token = request_id.set(chosen if self.VALID.fullmatch(chosen) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)
