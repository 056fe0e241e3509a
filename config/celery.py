"""The Celery application. Periodic tasks are listed in CELERY_BEAT_SCHEDULE in settings.py."""

import os
import sys

from celery import Celery
from celery.signals import beat_init, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    settings.INSTALLED_APPS  # noqa: B018  reads the settings now: later, Celery would show a traceback
except ImproperlyConfigured as error:
    sys.exit(f"{error}")

from config.heartbeat import Heartbeat

app = Celery("throughline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.steps["worker"].add(Heartbeat)


@worker_init.connect
@beat_init.connect
def refuse_to_start_on_errors(**kwargs) -> None:
    """Exit if a system check finds an error, such as a missing key, even if Celery is started by hand."""
    from django.db import connections

    from core.checks import stop_on_errors

    stop_on_errors(databases=["default"])
    connections.close_all()  # a connection must not be shared with processes forked later
