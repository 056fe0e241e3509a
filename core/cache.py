"""The shared cache, for presence and rate limits only: pages work without it."""

import logging
import time
from typing import ClassVar

from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
PATIENCE = 0.5  # seconds until a request gives up
RETRY_AFTER = 5  # seconds without requests after a failure


def _or(default):
    def wrap(name):
        method = getattr(RedisCache, name)

        def forgiving(self, *args, **kwargs):
            return self.ask(default, method, *args, **kwargs)

        forgiving.__name__ = name
        return forgiving

    return wrap


class ForgivingRedisCache(RedisCache):
    """Redis cache backend that acts like an empty cache while the server is unreachable or slow."""

    away_until: ClassVar[dict[str, float]] = {}  # time.monotonic() per server, shared by the process

    def __init__(self, server, params):
        patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
        super().__init__(server, params | {"OPTIONS": patience | params.get("OPTIONS", {})})

    def ask(self, default, method, *args, **kwargs):
        server = str(self._servers)
        if time.monotonic() < self.away_until.get(server, 0):
            return default
        try:
            return method(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            self.away_until[server] = time.monotonic() + RETRY_AFTER
            log.warning("cache away: %s", error.__class__.__name__)
            return default

    add = _or(True)("add")
    set = _or(None)("set")
    touch = _or(False)("touch")
    delete = _or(False)("delete")
    incr = _or(1)("incr")
    has_key = _or(False)("has_key")
    set_many = _or([])("set_many")
    delete_many = _or(None)("delete_many")
    clear = _or(None)("clear")

    def get(self, key, default=None, version=None):
        return self.ask(default, RedisCache.get, key, default, version)

    def get_many(self, keys, version=None):
        return self.ask({}, RedisCache.get_many, keys, version)
