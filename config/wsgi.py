"""WSGI entry point; exits if a system check finds an error."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from core.checks import stop_on_errors


class Request(WSGIRequest):
    """Request that is always decoded as UTF-8; accounts.middleware.Utf8OnlyMiddleware rejects other charsets."""

    def _set_content_type_params(self, meta):
        # Django would decode the query string with the declared charset here, where no handler catches errors.
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


STACK = 40_000  # references, 320 kB: more than the frames of any page need


def with_room_for_frames(application):
    """Return the application, called with memory for its frames.

    CPython keeps the frames of a thread in chunks of 16 kB, and returns a chunk to the system as soon as it is empty.
    Code that calls and returns across the end of a chunk, such as a template's loop, then waits for the system at each
    call: up to half of the time of a long page. A frame that asks for a lot gets a chunk of that size.
    """

    def call(environ, start_response):
        return application(environ, start_response)

    call.__code__ = call.__code__.replace(co_stacksize=STACK)
    return call


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"{error}")
stop_on_errors()
application.request_class = Request
application = with_room_for_frames(application)
