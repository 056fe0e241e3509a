"""Tests that no query built at import contains the current date, because a worker runs for weeks."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.expressions import BaseExpression

from tests.sources import APPS


def modules() -> Iterator:
    for app in APPS:
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in found.name:
                yield importlib.import_module(found.name)


def dates_in(value, depth: int = 0) -> Iterator:
    """Yield every date in a query, an expression, or a container of them."""
    if depth > 60:
        return
    if isinstance(value, date):
        yield value
    elif isinstance(value, QuerySet):
        yield from dates_in(value.query.where, depth + 1)
        yield from dates_in(list(value.query.annotations.values()), depth + 1)
    elif isinstance(value, Q) or hasattr(value, "children"):
        yield from dates_in(list(value.children), depth + 1)
    elif hasattr(value, "rhs"):
        yield from dates_in([value.lhs, value.rhs], depth + 1)
    elif hasattr(value, "where"):
        yield from dates_in([value.where, *value.annotations.values()], depth + 1)
    elif isinstance(value, BaseExpression):
        yield from dates_in(
            [vars(value).get("value"), vars(value).get("query"), *value.get_source_expressions()], depth + 1
        )
    elif isinstance(value, dict):
        yield from dates_in(list(value.values()), depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from dates_in(each, depth + 1)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from dates_in([getattr(value, each.name) for each in dataclasses.fields(value)], depth + 1)


def test_no_query_built_at_import_contains_a_date():
    found = []
    for module in modules():
        for name, value in vars(module).items():
            holders = [(name, value)]
            if isinstance(value, type) and value.__module__ == module.__name__:
                holders = [(f"{name}.{attribute}", each) for attribute, each in vars(value).items()]
            for where, each in holders:
                query = isinstance(
                    each, QuerySet | Q | BaseExpression | dict | list | tuple
                ) or dataclasses.is_dataclass(each)
                if query and any(True for _date in dates_in(each)):
                    found.append(f"{module.__name__}.{where}")
                for default in getattr(each, "__defaults__", None) or ():
                    if any(True for _date in dates_in(default)):
                        found.append(f"{module.__name__}.{where}: a default")
    assert not found, found
