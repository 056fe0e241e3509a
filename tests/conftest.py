"""What every test may ask for."""

import os
import shutil

import pytest
from django.test import Client

from tests import make

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps an event loop beside the live server


@pytest.fixture(autouse=True)
def _quick_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _local_cache(settings):
    """Unit tests need no broker; the tests of the broker ask for the real one."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    from django.core.cache import cache

    cache.clear()


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
    """as_(user) is a signed-in client."""

    def sign_in(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """Debian's Chromium: no browser is downloaded. Without one the browser tests are skipped, and say so."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    quiet = ("gpu", "dev-shm-usage", "quic", "background-networking", "component-update", "sync")
    return {"executable_path": found, "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{it}" for it in quiet)]}
