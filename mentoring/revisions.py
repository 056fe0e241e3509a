"""A pair's revision, kept in the cache so that an unchanged live page costs no query.

The database is authoritative. A change to a pair deletes the cached number and stores the new one after the commit.
"""

from collections.abc import Iterable

from django.core.cache import cache
from django.db import transaction

from core.hooks import Hook

# (pair): a pair changed, or something about it that only one person sees.
pair_changed = Hook()

KEPT = 10  # seconds: how long a number may stay in the cache


def cache_key(pair_pk: int) -> str:
    return f"revision:{pair_pk}"


def remember(pair_pk: int, revision: int) -> None:
    """Cache a revision that was read from the database; a writer that was faster wins."""
    cache.add(cache_key(pair_pk), revision, KEPT)


def forget(pairs, pks: Iterable[int]) -> None:
    """Replace the cached revisions after a change to these rows of the manager `pairs`."""
    pks = list(pks)
    cache.delete_many([cache_key(pk) for pk in pks])

    def store() -> None:
        stored = pairs.filter(pk__in=pks).values_list("pk", "revision")
        cache.set_many({cache_key(pk): revision for pk, revision in stored}, KEPT)

    transaction.on_commit(store)
