"""Gunicorn settings, used by `manage.py serve` and in containers."""

from django.apps import apps
from django.conf import settings
from django.db import connections

from core.checks import stop_on_errors

worker_class = "operations.web_worker.Worker"
workers = settings.WEB_WORKERS
threads = 64  # for receiving requests and sending answers; WEB_THREADS others run the application
# Load the app once before forking: workers share its memory, and an invalid setting stops the start.
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 75  # longer than proxies keep a connection, so that they never use one that is being closed here
loglevel = "warning"
control_socket_disable = True  # it would be in the home of the user, which a container does not have


def on_starting(server) -> None:
    """Exit if a database check finds an error, such as a missing key; config/wsgi.py runs the other checks."""
    if apps.ready:
        stop_on_errors(databases=["default"])
        connections.close_all()  # a connection must not be shared with forked workers
