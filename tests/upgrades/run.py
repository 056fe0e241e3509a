"""Upgrades an installation of the previous release, and replaces its web server under load: PART=upgrades.

The previous release is the newest tag before this version or, without tags, the last commit before the changelog began
this version; --from names another. Set DATABASE_URL to upgrade PostgreSQL.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# From this release on, each one works with the tables of the next: tests/operations/test_migrations.py.
WORKS_WITH_THE_NEXT = (0, 2)
RATE = 20  # requests a second during the restart
SIGN_IN = """
from django.conf import settings
from django.test import Client
from mentoring.models import Pair
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(Pair.objects.first().mentee, backend="allauth.account.auth_backends.AuthenticationBackend")
print("%s=%s" % (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value))
"""
# Most requests are small, as the live polls of the session rooms are, so that one worker keeps up with them.
PAGES = [url for page in ("/", "/sessions/", "/commitments/", "/inbox/") for url in (page, *["/livez"] * 9)]


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def previous_release() -> str:
    """Return the revision of the release before the version that the changelog begins with."""
    if tags := git("tag", "--merged", "HEAD^", "--sort=-version:refname", "v*").split():
        return tags[0]
    newest = re.search(r"^## \S+", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE).group()
    return git("log", "--reverse", "--format=%h", f"-S{newest}", "--", "CHANGELOG.md").split()[0] + "^"


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Check the revision out into a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="upgrades-") as folder:
        git("worktree", "add", "--quiet", "--detach", f"{folder}/code", revision)
        try:
            yield Path(folder, "code")
        finally:
            git("worktree", "remove", "--force", f"{folder}/code")


class Version:
    """The code of one version, with the data folder and the database of the installation."""

    def __init__(self, code: Path, data: Path, port: int):
        self.code = code
        self.environment = os.environ | {
            "DATA_DIR": str(data), "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"
        }  # fmt: skip
        text = (code / "pyproject.toml").read_text()
        self.name = re.search(r'^version = "(.*?)"', text, re.MULTILINE).group(1)

    @property
    def works_with_the_next(self) -> bool:
        return tuple(map(int, self.name.split(".")[:2])) >= WORKS_WITH_THE_NEXT

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.code,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{self.name}: manage.py {arguments[0]} failed.\n{done.stderr[-3000:]}")
        return done.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-c", code).splitlines()[-1]

    def visit(self) -> None:
        """Open the pages of the demo, as this version visits its own."""
        found = json.loads(self.shell((self.code / "tests/upgrades/visit.py").read_text()))
        wrong = {page: status for page, status in found["answers"].items() if status != 200}
        if wrong or not found["notes"] or any("gAAAA" in note for note in found["notes"]):
            raise SystemExit(f"{self.name}: these pages or the private notes cannot be read: {wrong}")
        print(
            f"{self.name}: {len(found['answers'])} pages and {len(found['notes'])} private notes are read", flush=True
        )

    @contextmanager
    def serving(self, listener: socket.socket) -> Iterator[None]:
        """Run the web server on a socket that it may share, as two units of systemd would; then stop it gently."""
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
        server = subprocess.Popen(
            [*command, "--bind", f"fd://{listener.fileno()}", "--workers", "1"],
            cwd=self.code,
            env=self.environment,
            pass_fds=[listener.fileno()],
        )
        try:
            yield
        finally:
            server.terminate()
            server.wait(timeout=60)


class Visitors:
    """Requests at a steady rate, each in a thread of its own, and what was wrong with their answers."""

    def __init__(self, port: int, cookie: str):
        self.port, self.cookie = port, cookie
        self.answers, self.wrong = 0, []
        self.stop = threading.Event()

    def __enter__(self):
        self.clock = threading.Thread(target=self.keep_asking)
        self.clock.start()
        return self

    def __exit__(self, *error):
        self.stop.set()
        self.clock.join()

    def keep_asking(self) -> None:
        threads = []
        while not self.stop.wait(1 / RATE):
            threads.append(threading.Thread(target=self.ask, args=[PAGES[len(threads) % len(PAGES)]]))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def ask(self, page: str) -> None:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{page}", headers={"Cookie": self.cookie})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                answer.read()
                if answer.url != request.full_url:
                    self.wrong.append(f"{page} leads to {answer.url}")
        except OSError as error:
            self.wrong.append(f"{page}: {error}")
        self.answers += 1

    def wait_for(self, number: int) -> None:
        """Return after this number of further answers."""
        until = self.answers + number
        while self.answers < until:
            time.sleep(0.1)


def upgrade(old: Version, new: Version) -> None:
    """Fill the installation by the old version, upgrade it, and read it with the new one, and the old one if it may."""
    old.manage("prepare")
    old.manage("demo")
    print(f"{old.name}: the demo program is made", flush=True)
    began = time.monotonic()
    new.manage("prepare")
    print(f"{new.name}: upgraded in {time.monotonic() - began:.0f} s", flush=True)
    new.visit()
    if old.works_with_the_next:
        old.visit()
    else:
        print(f"{old.name} does not work with the tables of {new.name}: an upgrade needs a stop, and a copy to go back")


def restart(old: Version, new: Version, port: int) -> None:
    """Replace the web server by that of the new version and go back again, without a request that fails."""
    with ExitStack() as running, socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
        first = running.enter_context(ExitStack())
        first.enter_context(old.serving(listener))
        with Visitors(port, new.shell(SIGN_IN)) as visitors:
            visitors.wait_for(5 * RATE)
            new.manage("prepare")
            with ExitStack() as second:
                second.enter_context(new.serving(listener))
                visitors.wait_for(10 * RATE)
                first.close()
                visitors.wait_for(10 * RATE)
                first.enter_context(old.serving(listener))  # the way back
                visitors.wait_for(10 * RATE)
            visitors.wait_for(10 * RATE)
    print(f"{old.name} to {new.name} and back: {visitors.answers} requests, {len(visitors.wrong)} failed", flush=True)
    if visitors.wrong:
        raise SystemExit("\n".join(sorted(set(visitors.wrong))[:10]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--from", dest="previous", default=previous_release(), help="another revision to upgrade from")
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with checked_out(options.previous) as code, tempfile.TemporaryDirectory(prefix="data-") as data:
        old, new = Version(code, Path(data), port), Version(ROOT, Path(data), port)
        upgrade(old, new)
        # Until there is a release that works with the next one, this version is replaced by itself.
        restart(old if old.works_with_the_next else new, new, port)


if __name__ == "__main__":
    main()
