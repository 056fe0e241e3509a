"""The shared cache, for presence and rate limits only: pages work without it."""

import logging
import time
from typing import ClassVar

from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
PATIENCE = 0.5  # seconds until a request gives up
RETRY_AFTER = 5  # seconds without requests after a failure


def _or_default(default):
    """Return a function that wraps a method of RedisCache so that it returns `default` while the server is away."""

    def wrap(name):
        method = getattr(RedisCache, name)

        def forgiving(self, *args, **kwargs):
            return self.call(default, method, *args, **kwargs)

        forgiving.__name__ = name
        return forgiving

    return wrap


class KeepingClient(RedisCacheClient):
    """Keeps its Redis client, which takes longer to make than a command."""

    @cached_property
    def kept(self):
        return super().get_client()

    def get_client(self, key=None, *, write=False):
        return self.kept


class ForgivingRedisCache(RedisCache):
    """Redis cache backend that acts like an empty cache while the server is unreachable or slow."""

    away_until: ClassVar[dict[str, float]] = {}  # time.monotonic() per server, shared by the process

    def __init__(self, server, params):
        patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
        super().__init__(server, params | {"OPTIONS": patience | params.get("OPTIONS", {})})
        self._class = KeepingClient
        self.server = str(server)

    def call(self, default, method, *args, **kwargs):
        if time.monotonic() < self.away_until.get(self.server, 0):
            return default
        try:
            return method(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            self.away_until[self.server] = time.monotonic() + RETRY_AFTER
            log.warning("cache away: %s", error.__class__.__name__)
            return default

    add = _or_default(True)("add")
    set = _or_default(None)("set")
    touch = _or_default(False)("touch")
    delete = _or_default(False)("delete")
    incr = _or_default(1)("incr")
    has_key = _or_default(False)("has_key")
    set_many = _or_default([])("set_many")
    delete_many = _or_default(None)("delete_many")
    clear = _or_default(None)("clear")

    def get(self, key, default=None, version=None):
        return self.call(default, RedisCache.get, key, default, version)

    def get_many(self, keys, version=None):
        return self.call({}, RedisCache.get_many, keys, version)


def count_up(key: str, timeout: int) -> int:
    """Count one more under this key and return the number so far; always 1 while the cache is away."""
    try:
        return cache.incr(key)
    except ValueError:  # the first one
        return 1 if cache.add(key, 1, timeout) else count_up(key, timeout)
