"""Run the whole installation with one command: web server, worker, beat and, if needed, the broker."""

import contextlib
import fcntl
import http.client
import ipaddress
import signal
import socket
import sys
import time
from typing import NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections

from accounts.local_access import setup_link
from accounts.models import Installation
from core.checks import is_loopback
from operations import broker
from operations.supervisor import Program, stop_all

WEB_TRIES = 4  # give up after this many exits of a web server that never answered


class Command(BaseCommand):
    help = (
        "Run web server, worker and beat together, and an embedded broker without REDIS_URL. Listens on HOST and PORT."
    )
    requires_system_checks = []  # prepare runs them

    stop_requested = False

    def handle(self, *args, **options) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.request_stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(signal.SIGHUP, self.request_stop)
        with data_folder_lock(), listening_socket() as listener:
            prepare()
            self.run_all(listener)
        self.stdout.write("\nStopped. All data is kept, and the next start continues from here.")

    def request_stop(self, number, frame) -> None:
        """Handle a stop signal: the first one shuts down after a running migration, the second one immediately."""
        if self.stop_requested:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.stop_requested = True

    def run_all(self, listener: socket.socket) -> None:
        broker_programs = [broker_program()] if broker.is_embedded() else []
        web = web_program(listener)
        running = [*broker_programs, web]
        waiting = [worker_program(), beat_program()]
        try:
            for program in running:
                program.start()
            started = time.monotonic()
            announced = False
            while not self.stop_requested:
                if not announced and web_answers(listener):
                    announced = True
                    self.stdout.write(f"\nThroughline is ready: {first_page()}   (Ctrl-C stops it)\n")
                    self.stdout.flush()
                if waiting and (announced or time.monotonic() > started + 10):
                    # Not earlier: on a small machine they would slow down the first response.
                    running += waiting
                    waiting = []
                for program in running:
                    if program.keep_running():
                        self.stderr.write(f"The {program.name} exited and will be restarted.")
                if not announced and web.exits >= WEB_TRIES:
                    refuse("The web server does not start: see the lines above.")
                time.sleep(0.2 if announced else 0.05)
        finally:
            stop_all(running, last=broker_programs[0] if broker_programs else None)


def refuse(sentence: str) -> NoReturn:
    """Exit with a one-sentence message and a non-zero status."""
    sys.exit(sentence)


@contextlib.contextmanager
def data_folder_lock():
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
def listening_socket():
    """Open the listening socket of the web server; it stays open while the web server restarts."""
    host, port = settings.HOST, settings.PORT
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except PermissionError:
        refuse(f"Port {port} cannot be opened by this user: choose one above 1023, for example PORT=8000.")
    except OSError as error:
        if getattr(error, "errno", None) == 98 or "in use" in str(error):
            refuse(f"Port {port} is in use by another program: stop it, or choose another port, such as PORT=8001.")
        refuse(f"HOST={host} PORT={port} cannot be opened: {error.strerror}.")
    with listener:
        yield listener


def prepare() -> None:
    """Run `manage.py prepare`; exit with a clear message if it fails."""
    try:
        call_command("prepare", verbosity=0)
    except DatabaseError as error:
        refuse(f"The database cannot be used: {' '.join(str(error).split())}.")
    except OSError as error:
        refuse(f"{error.filename or settings.DATA_DIR} cannot be written to: {error.strerror}.")
    finally:
        connections.close_all()


def first_page() -> str:
    """Return the address to open: the setup link where the installation is empty and not for this machine alone."""
    try:
        needs_link = not is_loopback(settings.SITE.hostname) and not Installation.current()
    finally:
        connections.close_all()
    return setup_link() if needs_link else settings.SITE_URL


def broker_program() -> Program:
    program = broker.find_server()
    if not program:
        refuse("No broker found: install valkey-server or redis-server, or set REDIS_URL to a running broker.")
    socket_path = settings.BROKER_SOCKET
    try:
        broker.prepare_socket(socket_path)
    except OSError as error:
        refuse(f"The broker's socket {socket_path} cannot be created: {error.strerror or error}.")
    return Program(
        "broker", broker.server_command(program, socket_path), before=lambda: broker.delete_files(socket_path)
    )


def web_program(listener: socket.socket) -> Program:
    gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
    return Program("web server", [*gunicorn, "--bind", f"fd://{listener.fileno()}"], fds=[listener.fileno()])


def worker_program() -> Program:
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return celery_program("worker", ["worker", "--concurrency", "1", *alone])


def beat_program() -> Program:
    return celery_program("scheduler", ["beat", "--pidfile", ""])


def celery_program(name: str, command: list[str]) -> Program:
    celery = [sys.executable, "-m", "celery", "--quiet", "--app", "config.celery"]
    return Program(name, [*celery, *command, "--loglevel", "warning"])


def web_answers(listener: socket.socket) -> bool:
    """Return True if the web server answers on its socket with a status below 500."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:  # all interfaces include loopback
        host = "127.0.0.1" if listener.family == socket.AF_INET else "::1"
    client = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        client.request("GET", "/", headers={"Host": settings.SITE.netloc})
        return client.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()
