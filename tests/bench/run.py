"""Measures the cost of each page for `make bench`, as a ratio to a yardstick page in the same run and process.

Requests go through the whole WSGI application (every middleware, the real database), without a socket.
CPU is the process's own CPU time for one request; time is wall time; bytes are the body gzipped at level 6.
"""

import argparse
import atexit
import cProfile
import gzip
import io
import logging
import os
import pstats
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"


def set_up(pairs: int) -> None:
    os.environ.setdefault("DATA_DIR", str(ROOT / ".cache" / f"bench-{pairs}"))
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.TEMPLATES[0]["DIRS"].append(ROOT / "tests" / "bench" / "templates")
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    django.setup()
    logging.disable(logging.WARNING)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    start_cache()
    from accounts.models import User

    if not User.objects.exists():
        from tests.bench import seed

        print("creating the data set (once; a minute or two) ...", flush=True)
        seed.fill(pairs)


def start_cache() -> None:
    """Start the embedded broker, which is also the cache, as an installation has it."""
    from django.conf import settings

    from operations import broker

    if "REDIS_URL" in os.environ:
        return
    broker.prepare_socket(settings.BROKER_SOCKET)
    server = subprocess.Popen(broker.server_command(broker.find_server(), settings.BROKER_SOCKET))
    atexit.register(server.terminate)
    deadline = time.monotonic() + 5
    while not broker.is_running(settings.BROKER_SOCKET):
        if time.monotonic() > deadline:
            raise SystemExit("The embedded broker did not start.")
        time.sleep(0.05)


def sign_in(user) -> str:
    """A session cookie for `user`, as a sign-in would set it."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def request_maker(application):
    def ask(path: str, cookie: str, **headers) -> tuple[int, bytes, dict]:
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost:8000",
            "HTTP_COOKIE": cookie,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0),
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **headers,
        }
        seen = {}

        def start_response(status, response_headers, exc_info=None):
            seen["status"], seen["headers"] = int(status.split()[0]), dict(response_headers)

        answer = application(environ, start_response)
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        return seen["status"], body, seen["headers"]

    return ask


def pages() -> list[tuple[str, str, str, dict]]:
    """Name, path, who asks, headers. `limit` is the promised ratio."""
    from django.urls import reverse

    from accounts.models import User
    from mentoring.models import Pair
    from sessions.models import Session

    mentor = User.objects.get(email="person0@bench.example")
    pair = Pair.objects.filter(mentor=mentor).order_by("pk").first()
    mentee = pair.mentee
    running = Session.objects.filter(pair=pair, started_at__isnull=False, closed_at=None).get()
    closed = Session.objects.filter(pair=pair, closed_at__isnull=False).order_by("-starts_at").first()
    coming = Session.objects.filter(pair=pair, started_at=None).order_by("starts_at").first()
    commitment = pair.commitments.order_by("pk").first()
    item = pair.items.order_by("pk").first()
    htmx = {"HTTP_HX_REQUEST": "true"}
    page = [
        ("yardstick", reverse("yardstick"), mentee, {}, None),
        ("home, mentor", reverse("home"), mentor, {}, 2.0),
        ("home, mentee", reverse("home"), mentee, {}, 2.0),
        ("pair page", reverse("pair_detail", args=[pair.pk]), mentee, {}, 2.0),
        ("sessions", reverse("session_list"), mentor, {}, 2.0),
        ("commitments", reverse("commitment_list"), mentee, {}, 2.0),
        ("preparation, mentee", reverse("session_prepare", args=[coming.pk]), mentee, {}, 2.0),
        ("preparation, mentor", reverse("session_prepare", args=[coming.pk]), mentor, {}, 2.0),
        ("session room, mentor", reverse("session_detail", args=[running.pk]), mentor, {}, 2.5),
        ("session room, mentee", reverse("session_detail", args=[running.pk]), mentee, {}, 2.5),
        ("wrap up", reverse("session_wrap_up", args=[running.pk]), mentor, {}, 2.0),
        ("recap", reverse("session_recap", args=[closed.pk]), mentee, {}, 2.0),
        ("program", reverse("program_detail", args=[pair.program_id]), mentor, {}, 2.0),
        ("progress", reverse("progress", args=[pair.pk]), mentee, {}, 2.0),
        ("goals", reverse("goal_list", args=[pair.pk]), mentee, {}, 2.0),
        ("program overview", reverse("program_overview", args=[pair.program_id]), mentor, {}, 2.0),
        ("preferences", reverse("preferences"), mentee, {}, 2.0),
        ("inbox", reverse("inbox_list"), mentee, {}, 2.0),
        ("upcoming emails", reverse("upcoming"), mentee, {}, None),
        ("fragment: commitment", reverse("commitment_detail", args=[commitment.pk]), mentee, htmx, 1.0),
        ("fragment: text editor", reverse("text_edit", args=[f"item-{item.pk}-obstacle"]), mentee, htmx, 1.0),
        ("live poll, changed", reverse("session_live", args=[running.pk]), mentee, htmx, None),
        ("live poll, nothing new", reverse("session_live", args=[running.pk]), mentee, {**htmx, "etag": True}, 0.3),
    ]
    return page


def measure(ask, page, rounds: int) -> dict:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    name, path, user, headers, limit = page
    cookie = sign_in(user)
    headers = dict(headers)
    if headers.pop("etag", False):
        *_, first = ask(path, cookie, **headers)
        headers["HTTP_IF_NONE_MATCH"] = first.get("ETag", "")
    ask(path, cookie, **headers)  # the first request of a web session stores its times
    with CaptureQueriesContext(connection) as queries:
        status, body, _ = ask(path, cookie, **headers)
    return {
        "name": name,
        "limit": limit,
        "status": status,
        "queries": len(queries),
        "bytes": len(gzip.compress(body, 6)) if body else 0,
        "sql": sum(len(query["sql"]) for query in queries),
        "sample": lambda: _once(ask, path, cookie, headers),
        "shares": lambda: shares(ask, path, cookie, headers),
        "cpu": [],
        "wall": [],
    }


SHARES = {  # by text in the file or name of a function, the first match counts its own time
    "database": ("sqlite3", "psycopg", "/db/backends/"),
    "models": ("/django/db/",),
    "template": ("/django/template/", "/templatetags/", "/django/utils/html", "/django/utils/safestring"),
    "texts": ("/django/utils/translation/", "/django/utils/formats", "/django/utils/dateformat", "gettext"),
    "forms": ("/django/forms/",),
    "middleware": ("middleware", "/csp/", "/contrib/sessions/", "/contrib/auth/", "/core/handlers/", "/allauth/"),
    "rest": ("",),
}


def shares(ask, path: str, cookie: str, headers: dict, rounds: int = 10) -> dict[str, float]:
    """Return the share of each kind of work in percent; a profiler overstates small calls."""
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(rounds):
        ask(path, cookie, **headers)
    profile.disable()
    times = dict.fromkeys(SHARES, 0.0)
    for (file, _line, function), (_calls, _all, own, *_rest) in pstats.Stats(profile).stats.items():
        where = f"{file} {function}"
        times[next(kind for kind, parts in SHARES.items() if any(part in where for part in parts))] += own
    whole = sum(times.values())
    return {kind: 100 * own / whole for kind, own in times.items()}


def print_shares(results: list[dict]) -> None:
    print(f"\n{'share of the time, %':26} " + " ".join(f"{kind:>10}" for kind in SHARES))
    for row in results:
        found = row["shares"]()
        print(f"{row['name']:26} " + " ".join(f"{share:10.0f}" for share in found.values()))
    print()


def _once(ask, path, cookie, headers) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    ask(path, cookie, **headers)
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--only", default="")
    parser.add_argument("--pairs", type=int, default=500, help="pairs in the data set (two people each)")
    parser.add_argument("--copies", type=int, default=0, help="afterward with this many copies (PostgreSQL only)")
    rounds, only = (options := parser.parse_args()).rounds, options.only
    set_up(options.pairs)
    from config.wsgi import application

    ask = request_maker(application)
    small = measure_pages(ask, rounds, only)
    print_pages(small)
    print_shares(small)
    if options.copies:
        grow(ask, small, options.copies, rounds, only)
        return 0
    from tests.bench import programs, progress, reminders

    for name, bench in (("reminders", reminders), ("progress", progress), ("programs", programs)):
        if only in ("", name):
            bench.run()
    return 0


def grow(ask, small: list[dict], copies: int, rounds: int, only: str) -> None:
    """Measure the same pages once more beside copies of all data, and the tick, and print the growth of each."""
    from tests.bench import copies as large
    from tests.bench.reminders import tick

    large.analyze()
    before, ticks = time.perf_counter(), [statistics.median(tick() for _round in range(9))]
    large.add(copies)
    large.analyze()
    print(f"{copies} copies of everything made in {time.perf_counter() - before:.0f} s\n")
    found = measure_pages(ask, rounds, only)
    print_pages(found)
    ticks.append(statistics.median(tick() for _round in range(9)))
    print(f"\n{'growth, goal 1.2':26}     cpu    time")
    for row, then in zip(found, small, strict=True):
        cpu, wall = (relative(row, found, what) / relative(then, small, what) for what in ("cpu", "wall"))
        print(f"{row['name']:26} {cpu:7.2f} {wall:7.2f}")
    print(f"{'tick':26} {ticks[1] / ticks[0]:7.2f}")


def relative(row: dict, results: list[dict], what: str) -> float:
    """Return how many times the yardstick a page took, in the same results."""
    return statistics.median(row[what]) / statistics.median(results[0][what])


def measure_pages(ask, rounds: int, only: str) -> list[dict]:
    results = [measure(ask, page, rounds) for page in pages() if only in page[0] or page[0] == "yardstick"]
    for _ in range(5):
        for row in results:
            row["sample"]()
    for _ in range(rounds):  # in rounds, so that a change of speed affects all pages alike
        for row in results:
            cpu, wall = row["sample"]()
            row["cpu"].append(cpu)
            row["wall"].append(wall)
    return results


def print_pages(results: list[dict]) -> None:
    yard = statistics.median(results[0]["cpu"])
    yard_wall = statistics.median(results[0]["wall"])
    heads = ("cpu ms", "time ms", "p95", "ratio", "wall", "goal", "queries", "sql", "gz")
    print(f"{'page':26} " + " ".join(f"{head:>7}" for head in heads))
    for row in results:
        cpu, wall = statistics.median(row["cpu"]), statistics.median(row["wall"])
        p95 = statistics.quantiles(row["wall"], n=20)[-1]
        goal = f"{row['limit']:.1f}" if row["limit"] else "-"
        over = " !" if row["limit"] and cpu / yard > row["limit"] else ""
        odd = "" if row["status"] in (200, 304) else f"  status {row['status']}"
        figures = (cpu * 1e3, wall * 1e3, p95 * 1e3, cpu / yard, wall / yard_wall)
        counts = (goal, row["queries"], row["sql"], row["bytes"])
        line = " ".join([f"{figure:7.2f}" for figure in figures] + [f"{count:>7}" for count in counts])
        print(f"{row['name']:26} {line}{over}{odd}")


if __name__ == "__main__":
    sys.exit(main())
