"""Answer the polls of the session room and of the wrap-up from the cache alone while nothing is new.

An open page asks every two seconds. The view checks the access rule and then grants the web session a short
permission, stored in the cache: until it ends, "nothing new" is answered before the session and the user are loaded.
Such an answer has no content. Everything else goes to the view, and so does every poll while the cache is away.

A permission holds the person's mark. When the person signs out or the account changes, the mark is deleted, and all
permissions with it; a later permission has a new mark.
"""

import hashlib
import re
import secrets

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse

from accounts.middleware import Middleware
from mentoring import revisions
from sessions.session_room import presence

GRANTED = 30  # seconds: then the view checks again who asks
MARK_KEPT = 3600  # seconds: a new mark only makes the view check again
ETAG = re.compile(r'"([0-9]{1,9})-[01]"$')
POLL = re.compile(r"^/sessions/([0-9]{1,18})/(?:wrap-up/)?live/$")


def permission_key(request) -> str:
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return f"poll:{request.path_info}:{hashlib.blake2s(cookie.encode(), digest_size=16).hexdigest()}"


def mark_key(user_pk: int) -> str:
    return f"poll-mark:{user_pk}"


def grant(request, pair_pk: int, partner_pk: int | None = None) -> None:
    """Let this web session ask for news at this address without the database for a while.

    `partner_pk`: the page shows who is here. A permission that this request found valid is not renewed.
    """
    if getattr(request, "may_poll", False):
        return
    user_pk = request.user.pk
    mark = cache.get_or_set(mark_key(user_pk), secrets.token_hex, MARK_KEPT)
    cache.set(permission_key(request), (pair_pk, user_pk, partner_pk, mark), GRANTED)


def withdraw(user_pk: int) -> None:
    """Let the view check each web session of this person again, now and after the current transaction."""
    cache.delete(mark_key(user_pk))
    transaction.on_commit(lambda: cache.delete(mark_key(user_pk)))


def signed_out(sender, user, **kwargs) -> None:
    if user:
        withdraw(user.pk)


def account_changed(sender, instance, **kwargs) -> None:
    """Handle a saved user: the account may be closed now, or have another password."""
    withdraw(instance.pk)


def etag(revision: int, flag: bool = False) -> str:
    """Return the mark of what a page shows: the pair's content, and one fact that is not part of it."""
    return f'"{revision}-{flag:d}"'


def revision_of(etag: str) -> int | None:
    """Return the revision in a mark, or None if it is none of ours."""
    match = ETAG.match(etag)
    return int(match[1]) if match else None


class LivePollMiddleware(Middleware):
    """Answer 304 to a permitted poll if the pair's revision and the partner's presence are unchanged."""

    def __call__(self, request):
        return self.nothing_new(request) or self.get_response(request)

    def nothing_new(self, request) -> HttpResponse | None:
        match = POLL.match(request.path_info)
        known = request.headers.get("If-None-Match")
        if not match or not known or request.method != "GET":
            return None
        session_pk = int(match[1])
        permission = cache.get(permission_key(request))
        if permission is None:
            return None
        pair_pk, user_pk, partner_pk, mark = permission
        revision_key, partner_key = revisions.cache_key(pair_pk), presence.cache_key(session_pk, partner_pk)
        stored = cache.get_many([revision_key, partner_key, mark_key(user_pk)])
        if stored.get(mark_key(user_pk)) != mark:
            return None
        request.may_poll = True
        if revision_key not in stored or known != etag(stored[revision_key], partner_key in stored):
            return None
        if partner_pk is not None:
            presence.arrive(session_pk, user_pk, in_background="background" in request.GET)
        return HttpResponse(
            status=304, headers={"ETag": known, "Cache-Control": "private, no-store", "Vary": "Cookie, HX-Request"}
        )
