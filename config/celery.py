"""The Celery application. Periodic tasks are listed in CELERY_BEAT_SCHEDULE in settings.py."""

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
    """Exit if a system check finds an error, such as a missing key, even if Celery is started by hand."""
    from django.db import connections

    from core.checks import stop_on_errors

    stop_on_errors(databases=["default"])
    connections.close_all()  # a connection must not be shared with processes forked later
