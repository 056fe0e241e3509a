"""Clients that stall in the middle of a request do not stop the web server, and large bodies are not read."""

import hashlib
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.client import HTTPConnection

import pytest
from django.test import Client

running: set[int] = set()  # the threads that run the application below


def application(environ, start_response):
    """Work for a moment without Python's lock, and answer with the number of threads that do so."""
    environ["wsgi.input"].read()
    running.add(threading.get_ident())
    hashlib.pbkdf2_hmac("sha256", b"", b"", 20_000)
    at_once = str(len(running)).encode()
    running.discard(threading.get_ident())
    start_response("200 OK", [("Content-Length", str(len(at_once)))])
    return [at_once]


def answer(port: int, timeout: float = 2) -> int:
    """The number of threads that run the application."""
    line = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        line.request("GET", "/")
        return int(line.getresponse().read())
    finally:
        line.close()


@pytest.fixture
def port():
    """The real web server with short timeouts, in front of an application that reads each body."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=256))
        port = listener.getsockname()[1]
        environment = os.environ | {"WEB_READ_TIMEOUT": "2", "WEB_WORKERS": "1", "WEB_THREADS": "1"}
        command = [sys.executable, "-m", "gunicorn", "tests.operations.test_slow_clients:application"]
        command += ["--config", "python:config.gunicorn", "--bind", f"fd://{listener.fileno()}"]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL, env=environment)
        stack.callback(server.wait, 10)
        stack.callback(server.terminate)
        assert answer(port, timeout=20) == 1
        yield port


def test_stalled_and_half_sent_requests_do_not_stop_the_server(port):
    with ExitStack() as stack:
        waiting = []
        for n in range(52):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            stalled = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nx"
            slow.sendall(stalled if n < 12 else b"GET / HTTP/1.1\r\nHost: ")
            waiting.append(slow)
        started = time.monotonic()
        assert [answer(port) for _press in range(5)] == [1] * 5
        assert time.monotonic() - started < 2, "all are answered before the slow ones time out"
        assert select.select(waiting, [], [], 15)[0], "a silent client is disconnected"


def test_only_as_many_threads_as_configured_run_the_application(port):
    with ThreadPoolExecutor(20) as browsers:
        assert set(browsers.map(lambda _press: answer(port, timeout=20), range(40))) == {1}


def test_a_body_is_received_before_the_application_runs(port):
    """The only thread that runs the application stays free for others meanwhile."""
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    body = b"a" * 200_000
    line.putrequest("POST", "/")
    line.putheader("Content-Length", str(len(body)))
    line.endheaders(body[:100_000])
    assert answer(port) == 1
    line.send(body[100_000:])
    assert line.getresponse().status == 200
    line.close()


def test_a_slow_stream_of_bytes_does_not_hold_a_thread(port):
    """The pauses are short, so only the limit for the whole request ends it."""
    with ExitStack() as stack:
        head = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        head.sendall(b"GET / HTTP/1.1\r\nHost: ")
        body = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        body.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n")
        dripping, started = {head, body}, time.monotonic()
        while dripping and time.monotonic() - started < 9:
            for line in list(dripping):
                with suppress(ConnectionError):
                    line.sendall(b"x")
            dripping -= set(select.select(list(dripping), [], [], 0.4)[0])
        assert not dripping, "both clients are disconnected"
        assert time.monotonic() - started > 3, "but only after the limit for a request"


def test_a_large_body_is_refused_before_it_is_read(as_, ada, monkeypatch):
    written = []
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *args, **kwargs: written.append(1) or os.devnull)
    file = (
        b"--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n" + b"a" * 7 * 1024 * 1024 + b"\r\n--x--\r\n"
    )
    for browser in (Client(enforce_csrf_checks=True), as_(ada)):
        answer = browser.post("/accounts/login/", file, content_type="multipart/form-data; boundary=x")
        assert answer.status_code == 413 and "too large" in answer.content.decode()
        assert answer.headers["Content-Security-Policy"]
    small = Client(enforce_csrf_checks=True).post(
        "/accounts/login/", file[: 2 * 1024 * 1024], content_type="multipart/form-data; boundary=x"
    )
    assert small.status_code == 413 and not written
