"""How the API knows who asks, limits requests and answers errors.

It imports a large library, so nothing imports it before the first request.
"""

import logging
import time

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from accounts.models import FormToken
from api.contract import PageQuery, Problem
from api.models import ApiToken
from api.problems import problem
from core.cache import count_up
from core.optimistic_locking import Conflict

logger = logging.getLogger(__name__)

A_MINUTE = 300  # requests of one token
WRITES_A_MINUTE = 60
UNKNOWN_A_MINUTE = 60  # requests of one IP address without a valid token

api = NinjaAPI(
    title="Throughline",
    version="1",
    description="Programs, people, pairs, sessions, commitments and figures of a Throughline installation.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="throughline-api",
)


# --- Who asks ---


class Token(HttpBearer):
    """Accepts a token that has the scope of the operation."""

    def __init__(self, scope: str):
        super().__init__()
        self.scope = scope

    def authenticate(self, request, token):
        found = ApiToken.for_secret(token)
        if found is None:
            limit("unknown", get_adapter().get_client_ip(request) or "", UNKNOWN_A_MINUTE)
            return None
        limit("all", found.pk, A_MINUTE)
        if request.method != "GET":
            limit("writes", found.pk, WRITES_A_MINUTE)
        request.user = found.user  # for the audit log of refusals
        if self.scope and self.scope not in found.scopes:
            raise HttpError(403, gettext("This token does not have the scope “%(scope)s”.") % {"scope": self.scope})
        found.note_use()
        return found


class TooMany(Exception):
    """Too many requests; `wait` is in seconds."""

    def __init__(self, wait: int):
        self.wait = wait


def limit(kind: str, who: object, most: int) -> None:
    now = int(time.time())
    if count_up(f"api:{kind}:{who}:{now // 60}", timeout=120) > most:
        raise TooMany(60 - now % 60)


# --- Errors ---


class Invalid(Exception):
    """A form with errors."""

    def __init__(self, form):
        self.errors = [
            {"field": "" if name == "__all__" else name, "message": message}
            for name, messages in form.errors.items()
            for message in messages
        ]


@api.exception_handler(AuthenticationError)
def unauthorized(request, error):
    detail = gettext("Send a valid token: “Authorization: Bearer …”.")
    return problem(401, detail, headers={"WWW-Authenticate": "Bearer"})


@api.exception_handler(TooMany)
def too_many(request, error):
    detail = gettext("Too many requests. Try again later.")
    return problem(429, detail, headers={"Retry-After": str(error.wait)})


@api.exception_handler(PermissionDenied)
def forbidden(request, error):
    return problem(403)


@api.exception_handler(HttpError)
def refused(request, error):
    return problem(error.status_code, str(error))


@api.exception_handler(Http404)
def not_found(request, error):
    return problem(404, gettext("Not found, or not yours."))


@api.exception_handler(ValidationError)
def malformed(request, error):
    errors = [
        {"field": ".".join(str(part) for part in one["loc"][1:] if part != "new"), "message": one["msg"]}
        for one in error.errors
    ]
    return problem(422, gettext("The input has errors."), errors)


@api.exception_handler(Invalid)
def invalid(request, error):
    return problem(422, gettext("The input has errors."), error.errors)


@api.exception_handler(Conflict)
def conflict(request, error):
    return problem(409, gettext("This has changed since you read it. Read it again first."))


@api.exception_handler(FormToken.UsedElsewhere)
def used_elsewhere(request, error):
    return problem(409, gettext("This Idempotency-Key was used for another request."))


@api.exception_handler(Exception)
def failed(request, error):
    got_request_exception.send(sender=api.__class__, request=request)
    logger.error("the API failed: %s", type(error).__name__, exc_info=error)
    return problem(500)


ERRORS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}


def operation(method: str, path: str, scope: str, area: str, summary: str, answer, status: int = 200):
    """Decorate a function as one operation of the API, answered in the language of the token's owner."""

    def decorator(view):
        errors = ERRORS if method == "get" else ERRORS | {409: Problem}
        more = {"x-scope": scope} if scope else {}
        return getattr(api, method)(
            path,
            auth=Token(scope),
            response={status: answer, **errors},
            summary=summary,
            tags=[area],
            operation_id=view.__name__,
            openapi_extra=more,
        )(view)

    return decorator


def page_of(rows, query: PageQuery, lines) -> dict:
    """Return a page of a query by key; `lines` turns the loaded rows into output."""
    found = list(rows.filter(pk__gt=query.after).order_by("pk")[: query.limit + 1])
    shown = found[: query.limit]
    return {"items": list(lines(shown)), "next": shown[-1].pk if len(found) > query.limit else None}
