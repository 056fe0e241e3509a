"""The endpoint for directories, at /scim/v2: without cookies, with the bearer token of the settings."""

import json
import re

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from core.http import UNENCRYPTED, is_unencrypted
from operations.scim import groups, people
from operations.scim.schema import LISTS, MOST_RESULTS, SINGLE
from operations.scim.syntax import ScimError

TYPE = "application/scim+json"
ALWAYS_RETURNED = {"id", "schemas"}


@csrf_exempt  # no cookie is read; the token authenticates
@login_not_required
def scim(request, path: str):
    """Answer one request of a directory; 404 as long as no SCIM_TOKEN is set."""
    if not settings.SCIM_TOKEN:
        raise Http404
    try:
        authenticate(request)
        return answer(request, path.rstrip("/"))
    except ScimError as error:
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(error.status)}
        body |= {"detail": error.detail} | ({"scimType": error.scim_type} if error.scim_type else {})
        response = as_json(body, error.status)
        if error.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response


def authenticate(request) -> None:
    if is_unencrypted(request):
        raise ScimError(403, UNENCRYPTED)
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not constant_time_compare(token.strip(), settings.SCIM_TOKEN):
        raise ScimError(401, "The bearer token is missing or wrong.")


def answer(request, path: str) -> HttpResponse:
    resource, _slash, pk = path.partition("/")
    if path in SINGLE or path in LISTS:
        allow(request, "GET")
        return as_json(SINGLE[path]()) if path in SINGLE else as_json(as_list([each() for each in LISTS[path]]))
    if resource in ("Users", "Groups") and not pk:
        allow(request, "GET", "POST")
        return list_rows(request, resource) if request.method == "GET" else create(request, resource)
    if resource in ("Users", "Groups") and pk != ".search":
        allow(request, "GET", "PUT", "PATCH", "DELETE")
        return one_person(request, pk) if resource == "Users" else one_group(request, pk)
    if path in (".search", "Bulk", "Me") or pk == ".search":
        raise ScimError(501, "This is not supported.")
    raise ScimError(404, "There is no such resource.")


def allow(request, *methods: str) -> None:
    if request.method not in methods:
        raise ScimError(405, f"This address answers {', '.join(methods)} only.")


def list_rows(request, resource: str) -> HttpResponse:
    kind = people if resource == "Users" else groups
    found = kind.filtered(request.GET.get("filter", "")).order_by("pk")
    start = max(1, whole_number(request, "startIndex", 1))
    count = min(MOST_RESULTS, max(0, whole_number(request, "count", MOST_RESULTS)))
    page = found[start - 1 : start - 1 + count] if count else []
    resources = [chosen(request, kind.as_resource(row)) for row in page]
    return as_json(as_list(resources, total=found.count(), start=start))


def create(request, resource: str) -> HttpResponse:
    kind = people if resource == "Users" else groups
    row = kind.as_resource(kind.create(kind.changes_in(body_of(request))))
    response = as_json(chosen(request, row), 201)
    response.headers["Location"] = row["meta"]["location"]
    return response


def one_person(request, pk: str) -> HttpResponse:
    person = people.person_with_id(pk)
    if request.method == "DELETE":
        people.delete(person)
        return HttpResponse(status=204)
    if request.method == "PUT":
        wanted = people.changes_in(body_of(request))
        if not wanted.user_name:
            raise ScimError(400, "userName is required.", "invalidValue")
        person = people.change(person, wanted)
    elif request.method == "PATCH":
        person = people.change(person, people.patches_in(body_of(request)))
    return as_json(chosen(request, people.as_resource(person)))


def one_group(request, pk: str) -> HttpResponse:
    group = groups.group_with_id(pk)
    if request.method == "DELETE":
        groups.delete(group)
        return HttpResponse(status=204)
    if request.method == "PUT":
        group = groups.replace(group, groups.changes_in(body_of(request)))
    elif request.method == "PATCH":
        group = groups.patch(group, body_of(request))
    return as_json(chosen(request, groups.as_resource(group)))


def body_of(request) -> dict:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ScimError(400, "The body must be a JSON object.", "invalidSyntax")
    return body


def whole_number(request, name: str, default: int) -> int:
    text = request.GET.get(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise ScimError(400, f"{name} must be a whole number.", "invalidValue")
    return int(text)


def chosen(request, resource: dict) -> dict:
    """Return the resource with only the `attributes` that were asked for, or without the `excludedAttributes`."""
    only, without = names_in(request, "attributes"), names_in(request, "excludedAttributes")

    def is_returned(name: str) -> bool:
        asked_for = not only or name.lower() in only
        return name in ALWAYS_RETURNED or (asked_for and name.lower() not in without)

    return {name: value for name, value in resource.items() if is_returned(name)}


def names_in(request, parameter: str) -> set[str]:
    names = (name.strip().rpartition(":")[2] for name in request.GET.get(parameter, "").split(","))
    return {name.partition(".")[0].lower() for name in names if name}


def as_list(resources: list[dict], total: int | None = None, start: int = 1) -> dict:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(resources) if total is None else total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def as_json(body: dict, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(body), content_type=TYPE, status=status, headers={"Cache-Control": "no-store"})
