"""The queue of tasks in the broker."""

from contextlib import closing

import redis
from django.conf import settings

TIMEOUT = 5  # seconds for each network request
QUEUE = "celery"


def client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)


def length() -> int:
    """Return how many tasks wait for a worker. Raises redis.RedisError or OSError if the broker does not answer."""
    with closing(client()) as broker:
        return broker.llen(QUEUE)
