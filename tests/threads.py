"""Runs calls at the same moment, each in a thread with its own database connection."""

import threading
from collections.abc import Callable

from django.db import connections


def run_at_once(*calls: Callable) -> list:
    """Run the calls at the same moment and return their results in order; raise the first exception."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(position: int, call: Callable) -> None:
        try:
            start.wait(timeout=30)
            results[position] = call()
        except Exception as error:
            results[position] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results
