"""Run the whole installation with one command: web server, worker, beat and, if needed, the broker."""

import contextlib
import fcntl
import http.client
import ipaddress
import os
import signal
import socket
import sys
import time
from typing import NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections

from operations import broker
from operations.supervisor import Program, end_all

WEB_TRIES = 4  # give up after this many exits of a web server that never answered


class Command(BaseCommand):
    help = "Run web, worker and beat together, with an embedded broker unless REDIS_URL is set. HOST, PORT: where."
    requires_system_checks = []  # prepare runs them

    asked_to_stop = False

    def handle(self, *args, **options) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.ask_to_stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(signal.SIGHUP, self.ask_to_stop)
        with only_one(), listening() as door:
            prepare()
            self.run(door)
        self.stdout.write("\nStopped. Everything is kept; the next start goes on from here.")

    def ask_to_stop(self, number, frame) -> None:
        """Handle a stop signal: the first one shuts down after a running migration, the second one immediately."""
        if self.asked_to_stop:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.asked_to_stop = True

    def run(self, door: socket.socket) -> None:
        nudge = [] if os.environ.get("REDIS_URL") else [broker_program()]
        web = web_program(door)
        running = [*nudge, web]
        later = [worker_program(), beat_program()]
        try:
            for program in running:
                program.start()
            started = time.monotonic()
            announced = False
            while not self.asked_to_stop:
                if not announced and web_answers(door):
                    announced = True
                    self.stdout.write(f"\nThroughline is ready: {settings.SITE_URL}   (Ctrl-C stops it)\n")
                    self.stdout.flush()
                if later and (announced or time.monotonic() > started + 10):
                    # Not earlier: on a small machine they would slow down the first response.
                    running += later
                    later = []
                for program in running:
                    if program.keep_running():
                        self.stderr.write(f"The {program.name} ended; it is started again.")
                if not announced and web.deaths >= WEB_TRIES:
                    refuse("The web server does not start: the lines above say why.")
                time.sleep(0.2 if announced else 0.05)
        finally:
            end_all(running, last=nudge[0] if nudge else None)


def refuse(sentence: str) -> NoReturn:
    """Exit with a one-sentence message and a non-zero status."""
    sys.exit(sentence)


@contextlib.contextmanager
def only_one():
    """Lock the data folder, so that only one installation uses it at a time."""
    path = settings.DATA_DIR / "serve.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        refuse(f"The folder {settings.DATA_DIR} cannot be written to: {error.strerror}.")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            refuse(f"Throughline is already running with the data in {settings.DATA_DIR}.")
        yield


@contextlib.contextmanager
def listening():
    """Open the listening socket of the web server; it stays open while the web server restarts."""
    host, port = settings.HOST, settings.PORT
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        door = socket.socket(family, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen(1024)
    except PermissionError:
        refuse(f"Port {port} may not be opened by this user: choose one above 1023, for example PORT=8000.")
    except OSError as error:
        if getattr(error, "errno", None) == 98 or "in use" in str(error):
            refuse(f"Port {port} is in use by another program: stop that one, or choose another, such as PORT=8001.")
        refuse(f"HOST={host} PORT={port} cannot be opened: {error.strerror}.")
    with door:
        yield door


def prepare() -> None:
    """Run `manage.py prepare`; exit with a clear message if it fails."""
    try:
        call_command("prepare")
    except DatabaseError as error:
        refuse(f"The database cannot be used: {' '.join(str(error).split())}.")
    except OSError as error:
        refuse(f"{error.filename or settings.DATA_DIR} cannot be written to: {error.strerror}.")
    finally:
        connections.close_all()


def broker_program() -> Program:
    program = broker.server()
    if not program:
        refuse(
            "There is no broker: install valkey-server or redis-server, or set REDIS_URL to one that runs elsewhere."
        )
    at = settings.BROKER_SOCKET
    try:
        broker.make_room(at)
    except OSError as error:
        refuse(f"The broker's socket {at} cannot be made: {error.strerror or error}.")
    return Program("broker", broker.command(program, at), before=lambda: broker.clear(at))


def web_program(door: socket.socket) -> Program:
    gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
    return Program("web server", [*gunicorn, "--bind", f"fd://{door.fileno()}"], fds=[door.fileno()])


def worker_program() -> Program:
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return celery_program("worker", ["worker", "--concurrency", "1", *alone])


def beat_program() -> Program:
    return celery_program("clock", ["beat", "--pidfile", ""])


def celery_program(name: str, command: list[str]) -> Program:
    celery = [sys.executable, "-m", "celery", "--quiet", "--app", "config.celery"]
    return Program(name, [*celery, *command, "--loglevel", "warning"])


def web_answers(door: socket.socket) -> bool:
    """Return True if the web server answers on its socket with a status below 500."""
    host, port = door.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:  # all interfaces include loopback
        host = "127.0.0.1" if door.family == socket.AF_INET else "::1"
    line = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        line.request("GET", "/", headers={"Host": settings.SITE.netloc})
        return line.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
