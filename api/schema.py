"""The OpenAPI document, and the reference that a page shows of it."""

from dataclasses import dataclass
from functools import cache
from itertools import groupby

from django.utils.translation import gettext, gettext_noop

from api.middleware import BASE
from api.problems import CONTENT_TYPE
from api.v1 import api

AREAS = [
    *(gettext_noop("Token"), gettext_noop("Programs"), gettext_noop("People"), gettext_noop("Pairs")),
    *(gettext_noop("Sessions"), gettext_noop("Commitments"), gettext_noop("Figures")),
]


@cache
def document() -> dict:
    """Return the OpenAPI document, with errors as problem details."""
    schema = dict(api.get_openapi_schema(path_prefix=BASE))
    for methods in schema["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {CONTENT_TYPE: answer["content"]["application/json"]}
    return schema


@dataclass(frozen=True)
class Operation:
    """One operation, for the page; `fields` are the names of its input, a required one with a star."""

    method: str
    path: str
    summary: str
    scope: str
    parameters: list[str]
    fields: list[str]


def reference() -> list[tuple[str, list[Operation]]]:
    """Return the operations by area, with the summaries in the current language."""
    schema = document()
    found = [
        (one["tags"][0], operation_of(schema, path, method, one))
        for path, methods in schema["paths"].items()
        for method, one in methods.items()
    ]
    found.sort(key=lambda entry: AREAS.index(entry[0]))
    return [(gettext(area), [one for _area, one in rows]) for area, rows in groupby(found, key=lambda entry: entry[0])]


def operation_of(schema: dict, path: str, method: str, one: dict) -> Operation:
    parameters = [starred(parameter["name"], parameter["required"]) for parameter in one["parameters"]]
    fields: list[str] = []
    if body := one.get("requestBody"):
        name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        model = schema["components"]["schemas"][name]
        fields = [starred(field, field in model.get("required", ())) for field in model["properties"]]
    return Operation(method.upper(), path, gettext(one["summary"]), one.get("x-scope", ""), parameters, fields)


def starred(name: str, required: bool) -> str:
    return f"{name}*" if required else name
