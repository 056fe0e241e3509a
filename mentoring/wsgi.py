"""The door for a web server. It stays closed while a system check finds an error."""

import os
import sys

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"{error}")
if errors := [message for message in run_checks() if message.is_serious()]:
    sys.exit("\n".join(map(str, errors)))
