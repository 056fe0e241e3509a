"""Fixtures and settings for all tests."""

import gc
import os
import shutil
from datetime import datetime
from itertools import compress, groupby
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate
from django.test import Client, SimpleTestCase, override_settings
from django.utils import timezone, translation
from hypothesis import settings as hypothesis_settings

from tests import make
from tests.receiver import running_receiver
from tests.sink import running_sink

# The usual profile runs the same examples every time, so that a failure repeats; .ci/run and a release run more.
hypothesis_settings.register_profile("usual", max_examples=60, deadline=None, derandomize=True)
hypothesis_settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
hypothesis_settings.register_profile("release", max_examples=5000, deadline=None)
hypothesis_settings.register_profile("quick", max_examples=15, deadline=None, derandomize=True)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

# Playwright's event loop runs in the thread in which browser tests also query the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# The headless shell draws the same pages at half the cost.
BROWSERS = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
]


# A run starts on a Wednesday morning whenever it is made, so that no test depends on the weekday or on midnight.
# CLOCK=2027-03-28T00:30:00Z starts it then; CLOCK=now keeps the real time.
CLOCK = os.environ.get("CLOCK", "2026-11-25T10:00:00Z")
TRAVELLER = pytest.StashKey[time_machine.travel]()


def browser_program() -> str | None:
    return os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Use one process more than there are cores, as tests also wait: for the browser, the database, another process."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config):
    if os.environ.get("REQUIRE_BROWSER") == "1" and not browser_program():
        raise pytest.UsageError("REQUIRE_BROWSER=1, but there is no Chromium or Chrome on the PATH.")
    if CLOCK != "now":
        config.stash[TRAVELLER] = time_machine.travel(datetime.fromisoformat(CLOCK), tick=True)
        config.stash[TRAVELLER].start()


def pytest_collection_finish():
    """Look for garbage less often: a tenth of the time of a run went into it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Browsers and other processes have the real time, so a test of them has it, too."""
    traveller = item.config.stash.get(TRAVELLER, None)
    if traveller is None or not (item.get_closest_marker("browser") or item.get_closest_marker("real_time")):
        return (yield)
    traveller.stop()
    try:
        return (yield)
    finally:
        traveller.start()


def pytest_collection_modifyitems(config, items):
    elsewhere = {"sqlite", "postgresql"} - {connection.vendor}
    if hypothesis_settings.get_current_profile_name() != "release":
        elsewhere.add("release")
    deselected = [item for item in items if any(item.get_closest_marker(name) for name in elsewhere)]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in set(deselected)]
    for item in items:
        if {"page", "context", "browser", "new_context"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
        if not uses_database(item):
            item.add_marker("once")
        if item.get_closest_marker("browser") and not browser_program():
            item.add_marker(pytest.mark.skip(reason="no Chromium or Chrome found on the PATH or in BROWSER_PATH"))
    items[:] = long_ones_first(items, getattr(config, "workerinput", {}).get("workercount", 1))


def uses_database(item) -> bool:
    """Return whether pytest-django opens the database to this test."""
    fixtures = {"db", "transactional_db", "django_db_setup", "live_server"} & set(item.fixturenames)
    return bool(fixtures or item.get_closest_marker("django_db") or issubclass(item.cls or object, SimpleTestCase))


def long_ones_first(items: list, processes: int) -> list:
    """Return the tests so that each process begins with long ones, and waits for none at the end of a run.

    xdist gives each process an equal part of the list, in order, and moves tests later. Those of a module stay
    together, because they share what they set up.
    """
    is_long = [bool(item.get_closest_marker("slow") or item.get_closest_marker("browser")) for item in items]
    parts = [[] for _process in range(processes)]
    for _module, tests in groupby(compress(items, is_long), key=lambda item: item.path):
        min(parts, key=len).extend(tests)
    short, left = [item for item, long in zip(items, is_long, strict=True) if not long], len(items)
    for n, part in enumerate(parts):
        share = left // (processes - n)
        left -= share
        more = max(0, share - len(part)) if n < processes - 1 else len(short)
        part.extend(short[:more])
        del short[:more]
    return [item for part in parts for item in part]


@pytest.fixture
def sink(settings):
    """A real mail server on this machine; its messages are in sink.received."""
    with running_sink(settings) as sink:
        yield sink


@pytest.fixture
def receiver(settings):
    """A real web server on this machine; its requests are in receiver.received."""
    with running_receiver(settings) as receiver:
        yield receiver


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """Use the browser of the system, so that none is downloaded."""
    quiet = ["background-networking", "component-update", "sync", "quic", "gpu", "dev-shm-usage"]
    return {
        "executable_path": browser_program(),
        "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in quiet)],
    }


@pytest.fixture
def look_at(browser, live_server):
    """look_at(user, urls) opens the pages as that person; see tests/axe.py for what is checked."""
    from tests.axe import Walk

    walk = Walk(browser, live_server.url)
    yield walk
    walk.context.close()
    assert not walk.wrong, "\n" + "\n".join(walk.wrong)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """Keep SQLite in a file: in memory, all threads of the live server would share one connection.

    The file is deleted afterward, so there is no need to wait for the disk.
    """
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tables come from the models, in a moment; then the migrations count as applied, as after `migrate`.

    Nothing here reads content types or permissions, so they are not created again each time the tables are emptied.
    """
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    django_settings.MIGRATION_MODULES = {}
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql" and is_superuser():
            connection.ops.sql_flush = delete_rows
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations:
            recorder.record_applied(app, name)


def is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = CURRENT_USER")
        return cursor.fetchone()[0]


def delete_rows(style, tables, *, reset_sequences=False, allow_cascade=False) -> list[str]:
    """Return the SQL that empties the tables after a test with transactions of its own: only those that have rows.

    PostgreSQL needs half a second to truncate all tables. As a replica it checks no foreign keys and runs no triggers,
    such as the one that keeps the audit log.
    """
    if not tables or reset_sequences:
        return type(connection.ops).sql_flush(connection.ops, style, tables, reset_sequences=reset_sequences)
    names = {table: connection.ops.quote_name(table) for table in tables}
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM {name})" for t, name in names.items())
        )
        filled = [table for (table,) in cursor.fetchall()]
    return ["SET LOCAL session_replication_role = replica", *(f"DELETE FROM {names[table]}" for table in filled)]


@pytest.fixture
def durable_commits(django_db_setup, django_db_blocker):
    """Wait for the disk at each commit, as an installation does. Name it before `db`."""
    with django_db_blocker.unblock():
        connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.execute("PRAGMA synchronous=FULL")
    yield
    if connection.vendor == "sqlite" and connection.connection:
        connection.connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(scope="session", autouse=True)
def _cache_of_this_worker(request):
    """Use local memory, or the Redis of REDIS_URL with one database per test process."""
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if os.environ.get("REDIS_URL"):
        worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
        address = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{1 + int(worker.removeprefix('gw'))}").geturl()
        local = django_settings.CACHES["default"] | {"LOCATION": address}
    with override_settings(CACHES=django_settings.CACHES | {"default": local}):
        yield


@pytest.fixture(autouse=True)
def _empty_cache(_cache_of_this_worker):
    cache.clear()


@pytest.fixture(autouse=True)
def _language_of_the_settings():
    """A request leaves its language active in its thread; the next test starts without it."""
    yield
    translation.deactivate()


@pytest.fixture
def local_cache(settings):
    """A cache whose entries expire by the frozen clock of a test; Redis has a clock of its own."""
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "local"}
    settings.CACHES = settings.CACHES | {"default": local}
    cache.clear()


@pytest.fixture(autouse=True)
def _quick_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def only_always_sent(monkeypatch):
    """Plan only reminders that are always sent at once: none that wait for a window, and no calendar emails."""
    from reminders import planner

    always = {name: kind for name, kind in planner.KINDS.items() if not kind.topic and not name.startswith("calendar_")}
    monkeypatch.setattr(planner, "KINDS", always)


@pytest.fixture
def pair(db):
    """Sam (mentor, London) and Ada (mentee, Kolkata), paired, in a running program."""
    return make.pair()


@pytest.fixture
def sam(pair):
    return pair.mentor


@pytest.fixture
def ada(pair):
    return pair.mentee


@pytest.fixture
def as_(db):
    """as_(user) returns a signed-in client."""

    def sign_in(user) -> Client:
        client, web, now = Client(), SessionStore(), timezone.now().timestamp()
        web.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: django_settings.AUTHENTICATION_BACKENDS[0]})
        web[HASH_SESSION_KEY] = user.get_session_auth_hash()
        web.update({"signed_in_at": now, "seen_at": now})  # so that the first page needs no query for them
        web.create()
        client.cookies[django_settings.SESSION_COOKIE_NAME] = web.session_key
        return client

    return sign_in
