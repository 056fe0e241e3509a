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
TEXTS_KEPT = 30  # seconds: as long as an open page may take to ask for the texts that were saved
MOST_TEXTS = 20  # a page that missed more asks for everything


def cache_key(pair_pk: int) -> str:
    return f"revision:{pair_pk}"


def text_key(pair_pk: int, revision: int) -> str:
    return f"revision-text:{pair_pk}:{revision}"


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


def remember_text(pair_pk: int, revision: int, piece: str) -> None:
    """Note, once the save is committed, that this revision changed only the text with the key `piece`."""
    transaction.on_commit(lambda: cache.set(text_key(pair_pk, revision), piece, TEXTS_KEPT))


def texts_since(pair_pk: int, known: int, now: int) -> set[str] | None:
    """Return the keys of the texts saved after the revision `known`, or None if more changed or it is not known."""
    keys = [text_key(pair_pk, revision) for revision in range(known + 1, now + 1)[: MOST_TEXTS + 1]]
    found = cache.get_many(keys) if 0 < len(keys) <= MOST_TEXTS else {}
    return set(found.values()) if len(found) == len(keys) > 0 else None
