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


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"{error}")
stop_on_errors()
application.request_class = Request
