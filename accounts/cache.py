"""The shared cache. It is a convenience (presence, rate limits): while it is away, pages go on without it."""

import logging

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def _or(default):
    def wrap(name):
        method = getattr(RedisCache, name)

        def forgiving(self, *args, **kwargs):
            try:
                return method(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                log.warning("cache away: %s", error.__class__.__name__)
                return default

        forgiving.__name__ = name
        return forgiving

    return wrap


class ForgivingRedisCache(RedisCache):
    """Redis, where an unreachable server reads as an empty cache."""

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
        try:
            return super().get(key, default, version)
        except (RedisError, OSError):
            return default

    def get_many(self, keys, version=None):
        try:
            return super().get_many(keys, version)
        except (RedisError, OSError):
            return {}
