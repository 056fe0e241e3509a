"""Measures session rooms in use at once, against the real web server: `make release-check PART=load`.

Without --rooms it raises the number of rooms until 95 of 100 requests take over 300 ms, or 99 over a second, and prints
where that was.
The server and the browsers share the machine. Set DATABASE_URL and REDIS_URL to measure PostgreSQL and Redis.
"""

import argparse
import atexit
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
LIMIT, LONGEST = 0.300, 1.0  # seconds, for 95 and for 99 of 100 requests
STEPS = (10, 25, 50, 75, 100, 150, 200)


def start_server(options: list[str]) -> tuple[str, int]:
    """Start the web server on an empty database, and return its address once it answers."""
    from django.core.management import call_command

    from tests.bench.run import start_cache
    from tests.operations.test_serve import free_port

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    start_cache()
    address = ("127.0.0.1", free_port())
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
    bind = ["--bind", f"{address[0]}:{address[1]}"]
    server = subprocess.Popen([*command, *bind, *options], env=os.environ | {"PORT": str(address[1])}, cwd=ROOT)
    atexit.register(server.terminate)
    for _attempt in range(100):
        try:
            urllib.request.urlopen(f"http://{address[0]}:{address[1]}/accounts/login/", timeout=10).close()
            return address
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The web server did not start.")


def measure(address: tuple[str, int], rooms: int, seconds: float) -> bool:
    """Print one line for this number of rooms, and return True if the limit is kept without an error or a lost save."""
    from sessions.texts import piece_for
    from tests import make
    from tests.load.rooms import fill_rooms, lost_saves

    program = make.program()
    pairs = [make.pair(program, make.user(f"Mentor {n}"), make.user(f"Mentee {n}")) for n in range(rooms)]
    for pair in pairs:
        make.topic(pair)
    answers, browsers = fill_rooms(address, [make.running_session(pair) for pair in pairs], seconds)
    users = {browser.key: browser.user for browser in browsers}
    lost = lost_saves(browsers, lambda key: piece_for(users[key], key).text)
    p50, p95, p99 = (answers.percentile(share) * 1000 for share in (0.5, 0.95, 0.99))
    rate = len(answers.seconds) / seconds
    wrong = len(answers.wrong)
    print(f"{rooms:5} {rate:11.0f} {p50:8.0f} {p95:8.0f} {p99:8.0f} {wrong:8} {len(lost):8}", flush=True)
    for line in sorted(set(answers.wrong))[:5]:
        print(f"      {line}")
    return p95 <= LIMIT * 1000 and p99 <= LONGEST * 1000 and not wrong and not lost


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rooms", type=int, help="only this number of rooms")
    parser.add_argument("--seconds", type=int, default=60, help="for each number of rooms (default: 60)")
    parser.add_argument("server", nargs="*", help="options for gunicorn, after --, such as -- --worker-class sync")
    options = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="load-")
    os.environ.setdefault("SITE_URL", "http://127.0.0.1")
    import django

    django.setup()
    address = start_server(options.server)
    print("rooms  requests/s   p50 ms   p95 ms   p99 ms   errors     lost")
    kept = []
    for rooms in [options.rooms] if options.rooms else STEPS:
        if not measure(address, rooms, options.seconds):
            break
        kept.append(rooms)
    print(f"Within {LIMIT * 1000:.0f} ms: {f'up to {kept[-1]} rooms' if kept else 'none of these'}.")
    return 0 if not options.rooms or kept else 1


if __name__ == "__main__":
    sys.exit(main())
