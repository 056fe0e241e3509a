"""HEARTBEAT_FILE: worker and scheduler touch it while they work, so that a container's health costs almost nothing."""

import contextlib
from pathlib import Path

from celery import bootsteps
from django.conf import settings

EVERY = 10  # seconds


def touch() -> None:
    if settings.HEARTBEAT_FILE:
        with contextlib.suppress(OSError):  # the health check reports it
            Path(settings.HEARTBEAT_FILE).touch()


class Heartbeat(bootsteps.StartStopStep):
    """The part of a worker that touches the file: it runs in the loop that receives tasks, and stops with it."""

    requires = {"celery.worker.components:Timer"}

    def start(self, worker) -> None:
        touch()
        worker.timer.call_repeatedly(EVERY, touch)
