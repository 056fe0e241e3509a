"""The web server's settings, the same in `manage.py serve` and in a container."""

import os

from django.apps import apps
from django.db import connections

from core.checks import stop_on_errors

worker_class = "operations.web_worker.Worker"
workers = int(os.environ.get("WEB_WORKERS") or 2)
# Each request that arrives slowly holds one until it is read, so there are more than two processors need.
threads = 64
# Loaded once, before the workers part: they share its memory, and a setting that is refused ends the start.
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 5
loglevel = "warning"


def on_starting(server) -> None:
    """Refuse to start on what only the database shows, such as a missing key; config/wsgi.py checks the rest."""
    if apps.ready:
        stop_on_errors(databases=["default"])
        connections.close_all()  # a connection must not be shared with the workers that are forked now
