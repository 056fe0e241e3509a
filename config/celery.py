"""The Celery application. What runs by itself, and when, is CELERY_BEAT_SCHEDULE in settings.py."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("throughline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_to_start_on_errors(**kwargs) -> None:
    """Refuse to start on what the system checks find, such as a missing key, also where Celery is started by hand."""
    from django.db import connections

    from core.checks import stop_on_errors

    stop_on_errors(databases=["default"])
    connections.close_all()  # a connection must not be shared with processes that are forked later
