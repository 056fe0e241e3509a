"""The web server's settings, the same in `manage.py serve` and in a container."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = 4
# Loaded once, before the workers part: they share its memory, and a setting that is refused ends the start.
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 5
loglevel = "warning"
