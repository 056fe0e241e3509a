"""Gunicorn thread worker: many threads receive requests and send answers, a few run the application.

A slow client holds only a thread that waits. Running the application in as many threads would be slow under load: a
request that holds SQLite's write lock, or a row of PostgreSQL, would wait for all others after each of its queries,
because one thread of Python runs at a time. Each thread of the application also has a database connection.
"""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connections
from gunicorn.http.errors import NoMoreData
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import ThreadWorker

from core.http import largest_body

SILENT_FOR = settings.WEB_READ_TIMEOUT  # seconds that a client may be silent within a request
ARRIVES_WITHIN = 2 * SILENT_FOR  # seconds for a whole request, plus time for its size:
SLOWEST = 20_000  # bytes a second
KEPT_IN_MEMORY = 100_000  # bytes of a body; a larger one is written to a temporary file


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


def receive_body(environ: dict) -> None:
    """Receive the whole body, unless the application refuses it for its size."""
    size = environ.get("CONTENT_LENGTH") or "0"
    if size.isdecimal() and 0 < int(size[:12]) <= largest_body(environ.get("HTTP_COOKIE", "")):
        body = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY)  # noqa: SIM115 - deleted with the request
        while data := environ["wsgi.input"].read(KEPT_IN_MEMORY):
            body.write(data)
        body.seek(0)
        environ["wsgi.input"] = body


class Worker(ThreadWorker):
    """Gunicorn's thread worker with these threads and that limit for each request; supports HTTP/1 only."""

    def load_wsgi(self):
        super().load_wsgi()
        application, threads = self.wsgi, ThreadPoolExecutor(settings.WEB_THREADS, "application")

        def answer(environ, start_response):
            receive_body(environ)
            return threads.submit(application, environ, start_response).result()

        self.wsgi = answer

    def handle(self, conn):
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = Unreader(conn.sock)
        conn.parser.unreader.start()
        try:
            return super().handle(conn)
        finally:
            connections.close_all()  # those of this thread: a streamed answer is read while it is sent
