"""`manage.py serve` starts, restarts and stops all processes, and refuses a bad setup in one sentence."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 180  # seconds on a busy machine: the first start creates the database


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def environment(data: Path, **changes: str) -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "SITE_URL", "EMAIL_URL", "DATA_DIR", "PORT", "HOST", "DEBUG")
    inherited = {name: value for name, value in os.environ.items() if name not in ours and "PYTEST" not in name}
    return inherited | {"DATA_DIR": str(data), "PORT": str(free_port()), "PYTHONUNBUFFERED": "1"} | changes


def wait_for(condition, seconds: float = 60):
    """Wait until condition() is true, and return its value."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def descendants(pid: int) -> dict[int, str]:
    """The child processes of a process, and their children, with their command lines."""
    ps = subprocess.run(["ps", "-eww", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in ps.stdout.splitlines()]
    found = {pid}
    for _generation in range(5):
        found |= {int(row[0]) for row in rows if int(row[1]) in found and not row[2].startswith("Z")}
    return {int(row[0]): row[3] for row in rows if int(row[0]) in found and int(row[0]) != pid}


def alive(pids) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state(pid)}


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"


class Served:
    def __init__(self, data: Path, **changes: str) -> None:
        self.environment = environment(data, **changes)
        self.log = data.parent / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def status(self) -> int:
        url = f"http://127.0.0.1:{self.environment['PORT']}/"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def children(self, word: str) -> list[int]:
        return [pid for pid, line in descendants(self.process.pid).items() if word in line]

    def wait_until_all_run(self) -> None:
        wait_for(lambda: "Throughline is ready" in self.log.read_text(), START_WITHIN)
        wait_for(lambda: self.children(" beat ") and self.children("worker --conc"))


@pytest.fixture
def served(tmp_path):
    """served() starts an installation on a new data folder. Its processes are killed after the test."""
    started = []

    def start(data: Path = tmp_path / "data", **changes: str) -> Served:
        started.append(Served(data, **changes))
        return started[-1]

    yield start
    for one in started:
        left = [one.process.pid, *descendants(one.process.pid)]
        for pid in alive(left):
            os.kill(pid, signal.SIGKILL)
        one.process.wait()


def with_tables(data: Path) -> Path:
    """Give a new data folder the empty tables of the tests, if they use SQLite, so that no migration has to run."""
    if connection.vendor == "sqlite":
        data.mkdir(mode=0o700, parents=True)
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as ours,
            closing(sqlite3.connect(data / "throughline.sqlite3")) as copy,
        ):
            ours.backup(copy)
    return data


def refused(tmp_path, **changes: str) -> str:
    """Start it with a bad setup and return its message of one line."""
    message = error_output(tmp_path, **changes)
    assert len(message.strip().splitlines()) == 1, message
    return message


def error_output(tmp_path, **changes: str) -> str:
    result = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=environment(tmp_path / "data", **changes),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.slow
def test_serve_starts_once_restarts_and_stops_all_processes(served, tmp_path, db):
    """The run on PostgreSQL lets the first start create its own database, by all migrations."""
    one = served(with_tables(tmp_path / "data"))
    one.wait_until_all_run()
    assert one.status() in (200, 302, 404)
    assert f"http://localhost:{one.environment['PORT']}" in one.log.read_text()
    assert "already running" in refused(tmp_path)

    for word in ("gunicorn", "worker --conc", " beat ", "unixsocket"):
        before = one.children(word)
        os.kill(min(before), signal.SIGKILL)
        wait_for(lambda before=before, word=word: set(one.children(word)) - set(before) and not alive(before))
    wait_for(lambda: one.status() in (200, 302, 404))

    # Broker, web server with two workers, task worker with its child, scheduler.
    processes = wait_for(lambda: len(found := descendants(one.process.pid)) >= 7 and found)
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(30) == 0
    assert "All data is kept" in one.log.read_text()
    assert not alive(processes)

    restarted = served()
    wait_for(lambda: "Throughline is ready" in restarted.log.read_text(), START_WITHIN)
    restarted.process.send_signal(signal.SIGINT)
    assert restarted.process.wait(30) == 0


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with a killed parent")
def test_no_process_outlives_a_killed_parent_even_with_a_long_path(served, tmp_path, db):
    """The kernel allows about a hundred characters for a socket's path."""
    data = tmp_path / ("a" * 60) / ("b" * 60) / "data"
    data.parent.mkdir(parents=True)
    one = served(with_tables(data))
    one.wait_until_all_run()
    sockets = [line for line in descendants(one.process.pid).values() if "broker.sock" in line]
    assert sockets and str(data) not in sockets[0]
    processes = descendants(one.process.pid)
    one.process.kill()
    one.process.wait()
    wait_for(lambda: not alive(processes), 30)


def test_a_port_in_use_is_reported(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        assert re.search(rf"Port {port} is in use", refused(tmp_path, PORT=port))


def test_an_unwritable_data_folder_is_reported(tmp_path):
    (tmp_path / "data").write_text("a file in the way")
    assert "cannot be written to" in refused(tmp_path)


def test_http_for_another_host_is_refused_with_a_hint(tmp_path):
    message = error_output(tmp_path, SITE_URL="http://mentoring.example.org")
    assert "unencrypted" in message and "HINT" in message


def test_a_missing_broker_is_reported(tmp_path, monkeypatch):
    """With neither the package nor a server on the PATH, the message names the setting."""
    from operations import broker
    from operations.management.commands import serve

    monkeypatch.setattr(broker, "find_server", lambda: None)
    with pytest.raises(SystemExit, match="REDIS_URL"):
        serve.broker_program()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("EMAIL_URL", "mail.example.org"),
        pytest.param("WEB_WORKERS", "0", marks=pytest.mark.release),
        pytest.param("SITE_URL", "mentoring.example.org", marks=pytest.mark.release),
        pytest.param("SITE_URL", "https://example.org/mentoring", marks=pytest.mark.release),
        pytest.param("REDIS_URL", "localhost:6379", marks=pytest.mark.release),
    ],
)
def test_an_invalid_setting_is_named(tmp_path, name, value):
    assert name in refused(tmp_path, **{name: value})
