"""A broker that hangs delays a page once, by half a second."""

import socket
import time

from django.core.cache import caches
from django.test import override_settings


def test_a_hanging_broker_delays_a_page_once(as_, ada):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        backend = "core.cache.ForgivingRedisCache"
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with override_settings(CACHES={"default": {"BACKEND": backend, "LOCATION": address}}):
            browser, started = as_(ada), time.monotonic()
            assert browser.post("/preferences/", {"name": ""}).status_code == 422
            assert browser.get("/preferences/").status_code == 200
            assert caches["default"].get("x", 3) == 3 and caches["default"].incr("x") == 1
            assert time.monotonic() - started < 3
