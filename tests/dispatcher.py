"""A dispatcher to be killed: python -m tests.dispatcher DATABASE PORT. It sends what is due, over and over."""

import sys
import time
from datetime import timedelta

import django
from django.conf import settings


def main(database: str, port: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    settings.EMAIL_BACKEND, settings.EMAIL_URL = "accounts.smtp.EmailBackend", f"smtp://127.0.0.1:{port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", int(port), 5
    settings.LOGGING_CONFIG = None
    django.setup()
    from reminders import planner, sender

    planner.KINDS = {name: kind for name, kind in planner.KINDS.items() if not kind.topic}
    sender.LEASE = timedelta(seconds=3)
    sender.LADDER = [timedelta(seconds=0.5)]
    while True:
        planner.plan()
        sender.send_due()
        time.sleep(0.2)


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    main(*sys.argv[1:])
