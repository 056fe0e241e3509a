"""Gunicorn thread worker with a time limit for receiving a request."""

import time

from django.conf import settings
from gunicorn.http.errors import NoMoreData
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import ThreadWorker

SILENT_FOR = settings.WEB_READ_TIMEOUT  # seconds that a client may be silent within a request
ARRIVES_WITHIN = 2 * SILENT_FOR  # seconds for a whole request, plus time for its size:
SLOWEST = 20_000  # bytes a second


class Unreader(SocketUnreader):
    """Socket reader with a deadline, so that a client that trickles bytes cannot hold a thread."""

    def start(self) -> None:
        self.until = time.monotonic() + ARRIVES_WITHIN

    def chunk(self, size_hint=None):
        earlier = self.sock.gettimeout()
        left = min(self.until - time.monotonic(), SILENT_FOR, earlier or SILENT_FOR)
        if left <= 0:
            raise NoMoreData
        self.sock.settimeout(left)
        try:
            data = super().chunk(size_hint)
        except TimeoutError as error:
            raise NoMoreData from error  # gunicorn treats this as a client that disconnected
        finally:
            self.sock.settimeout(earlier)
        self.until += len(data) / SLOWEST
        return data


class Worker(ThreadWorker):
    """Gunicorn's thread worker with that limit for each request; supports HTTP/1 only."""

    def handle(self, conn):
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = Unreader(conn.sock)
        conn.parser.unreader.start()
        return super().handle(conn)
