"""A worker with its own scheduler, for tests that kill it: python -m tests.worker DATABASE MAIL_PORT BROKER FOLDER."""

import os
import sys
from datetime import timedelta

import django
from django.conf import settings


def main(database: str, port: str, broker: str, folder: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    settings.EMAIL_BACKEND, settings.EMAIL_URL = "core.smtp.EmailBackend", f"smtp://127.0.0.1:{port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", int(port), 5
    settings.LOGGING_CONFIG = None
    settings.CELERY_BROKER_URL = broker
    settings.CELERY_BEAT_SCHEDULE = {
        "plan and send reminders": {"task": "reminders.tasks.plan_and_send", "schedule": 0.3}
    }
    django.setup()
    from celery.beat import EmbeddedService

    from config.celery import app
    from reminders import planner, sender

    planner.KINDS = {name: kind for name, kind in planner.KINDS.items() if not kind.topic}
    sender.LEASE, sender.BATCH_SECONDS = timedelta(seconds=3), 0.3
    sender.RETRY_DELAYS = [timedelta(seconds=0.5)]
    # A separate beat process would survive the worker's death.
    EmbeddedService(app, thread=True, max_interval=1, schedule_filename=f"{folder}/beat-{os.getpid()}").start()
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    app.worker_main(["worker", "--pool", "solo", "--loglevel", "critical", "--hostname", f"{os.getpid()}@x", *alone])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main(*sys.argv[1:])
