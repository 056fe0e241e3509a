"""Tests that invalid input never causes a server error or loses text.

The forms are collected from the pages, as both people of a pair and the admin see them, and each field of each form is
filled with invalid values in turn. URLs that no form posts to get all values at once.
"""

import re
from collections.abc import Iterator
from zlib import crc32

import html5lib
import pytest
from django.core.cache import cache
from django.db import transaction
from django.forms import BaseForm
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils.html import escape
from hypothesis import settings as hypothesis_settings

from tests import everything
from tests.access import MEMBERS, TABLE

NONSENSE = {
    "nothing": "",
    "only spaces": "   ",
    "a long line": "x" * 501,
    "more than a text may hold": "x" * 20_001,
    "emoji": "👩🏽‍🚀" * 30,
    "right to left override": "\u202egnirts\u202c",
    "a NUL byte": "a\x00b",
    "markup": "<script>alert(1)</script>{{ 7 }}{% now %}",
    "a huge number": "9" * 30,
    "below zero": "-1",
    "not a number": "NaN",
    "no such day": "0000-00-00",
    "a year far off": "99999-01-01",
    "the last year": "9999-12-31",
    "the first year": "0001-01-01",
    "no such hour": "25:61",
    "no such zone": "Mars/Olympus",
    "a zone of the file system": "../../etc/passwd",
}
ACTORS = ("mentee", "mentor", "admin", "anonymous")
# In every run a field by itself meets one of it, each field another; all fields at once meet the roughest. In a
# release all meet all. All fields filled to the brim are more than the server takes in one request, and it says so.
ROUGHEST = ("a NUL byte",)
TOO_MUCH = {"more than a text may hold"}
# What is ended there may have been ended before, which a second press is told like the first.
MAY_BE_GONE = ("sign_in_end", "api_token_revoke", "program_api_revoke", "program_webhook_remove")
IN_A_RELEASE = hypothesis_settings.get_current_profile_name() == "release"
AT_ONCE = NONSENSE.keys() - TOO_MUCH if IN_A_RELEASE else ROUGHEST


def for_field(action: str, field: str) -> list[tuple[str, str]]:
    """What this field meets in this run, the same every time."""
    every = 1 if IN_A_RELEASE else len(NONSENSE)
    return list(NONSENSE.items())[crc32(f"{action} {field}".encode()) % every :: every]


class Form:
    """A form on a page: its URL, and the data that a browser would send."""

    def __init__(self, action: str, element):
        self.action, self.data, self.typed = action, {}, set()
        for control in element.iter():
            name, kind = control.get("name"), control.get("type", "text")
            if not name or name == "csrfmiddlewaretoken":
                continue
            if control.tag == "textarea":
                self.data[name] = (control.text or "").removeprefix("\n")
            elif control.tag == "select":
                options = list(control.iter("option"))
                chosen = [option for option in options if option.get("selected") is not None] or options[:1]
                self.data[name] = chosen[0].get("value", "") if chosen else ""
            elif control.tag == "button" or (kind in ("radio", "checkbox") and control.get("checked") is None):
                self.data.setdefault(name, control.get("value", "on"))
            else:
                self.data[name] = control.get("value", "")
            if control.tag == "textarea" or (control.tag == "input" and kind in ("text", "search", "email", "url")):
                self.typed.add(name)

    @property
    def key(self) -> tuple:
        """Identify forms of one kind, with the same view and the same fields."""
        return resolve(self.action.partition("?")[0]).url_name, frozenset(
            re.sub(r"\d+", "", name) for name in self.data
        )


def client_of(world, actor: str) -> Client:
    client = Client()
    if world.actors[actor]:
        client.force_login(world.actors[actor])
    return client


# A form as it is written, with controls outside of it, and what is different in another row's.
FORMS = re.compile(r'<form\b.*?</form>|<(?:button|input|select|textarea)\b[^>]*\sform="[^>]*>', re.S)
VALUES = re.compile(r"\d+|\bvalue=\"[^\"]*\"|>[^<]*<")


def forms_on(world, client, rows=TABLE) -> Iterator[Form]:
    """Yield the forms of all pages; a page that has only forms of pages before it is not parsed."""
    known = set()
    for name, row in rows.items():
        if row.get is None:
            continue
        url = reverse(name, args=world.arguments(row))
        answer = client.get(url)
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        page = answer.content.decode()
        if not (new := {VALUES.sub("", form) for form in FORMS.findall(page)} - known):
            continue
        known |= new
        document = html5lib.parse(page, namespaceHTMLElements=False)
        outside = {}
        for control in document.iter():
            if control.get("form"):
                outside.setdefault(control.get("form"), []).append(control)
        for element in document.iter("form"):
            if element.get("method", "get").lower() == "post":
                element.extend(outside.get(element.get("id"), []))
                yield Form(element.get("action") or url, element)


def send(client, url: str, data: dict):
    """Post the data and roll back its changes."""
    cache.clear()  # so that no rate limit applies
    with transaction.atomic():
        answer = client.post(url, data)
        client.cookies.pop("language", None)  # a form on each page of a visitor sets it
        transaction.set_rollback(True)
    return answer


def title(page: str) -> str:
    return re.search(r"<title>(.*?)</title>", page, re.S)[1].strip()


def complaints(client, form: Form) -> Iterator[str]:
    for field in {re.sub(r"\d+", "", name): name for name in form.data}.values():  # one row of several
        for what, nonsense in for_field(form.key[0], field):
            try:
                answer = send(client, form.action, form.data | {field: nonsense})
            except Exception as broken:
                yield f"{form.action} {field} = {what}: {broken!r:.200}"
                continue
            if answer.status_code >= 500:
                yield f"{form.action} {field} = {what}: {answer.status_code}"
            if answer.status_code != 422:
                continue
            page = answer.content.decode()
            if not title(page).startswith("Error:"):
                yield f"{form.action} {field} = {what}: 422 with the title {title(page)}"
            kept = escape(nonsense).lower() in page.lower()  # the first letter of a commitment becomes a capital
            if field in form.typed and nonsense.strip() and "\x00" not in nonsense and not kept:
                yield f"{form.action} {field} = {what}: what was typed is gone"


@pytest.mark.walk
@pytest.mark.parametrize("actor", ACTORS if IN_A_RELEASE else [actor for actor in ACTORS if actor != "mentor"])
def test_invalid_input_in_any_field_is_answered_with_a_page(db, actor):
    world = everything.build()
    client = client_of(world, actor)
    forms = {form.key: form for form in forms_on(world, client)}
    assert forms
    found = [complaint for form in forms.values() for complaint in complaints(client, form)]
    assert not found, "\n".join(found)


def names_of_fields(kind=BaseForm) -> set[str]:
    """Return the fields of all form classes."""
    own = set(getattr(kind, "base_fields", ()))
    return own.union(*(names_of_fields(sub) for sub in kind.__subclasses__()))


@pytest.mark.walk
@pytest.mark.parametrize("what", sorted(AT_ONCE))
def test_invalid_input_in_all_fields_causes_no_server_error(db, what):
    world = everything.build()
    clients = {actor: client_of(world, actor) for actor in ACTORS}
    more = {
        "version",
        "expected",
        "as",
        "question",
        "value",
        "met",
        "form_token",
        "next",
        "item",
        "to",
        "text",
        "sharing",
    }
    nonsense = dict.fromkeys(names_of_fields() | more, NONSENSE[what])
    found = []
    for name, row in TABLE.items():
        for actor in ACTORS:
            if row.post is None or (row.post != MEMBERS and actor not in row.post and "anyone" not in row.post):
                continue
            url = reverse(name, args=world.arguments(row))
            for data in (nonsense, nonsense | row.data) if IN_A_RELEASE else (nonsense | row.data,):
                try:
                    status = send(clients[actor], url, data).status_code
                except Exception as broken:
                    status = repr(broken)[:200]
                if status not in (200, 204, 302, 303, 403, 404, 409, 422):
                    found.append(f"{url} by {actor}: {status}")
    assert not found, "\n".join(found)


@pytest.mark.walk
@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30] if IN_A_RELEASE else [2**63])
def test_no_number_in_a_url_causes_a_server_error(db, number):
    world = everything.build()
    for actor in ("mentee", "admin"):
        client = client_of(world, actor)
        for name, url, allowed in addresses_with(world, number):
            row = TABLE[name]
            cache.clear()  # so that no rate limit applies
            for method, who in ((client.get, row.get), (client.post, row.post)):
                if not IN_A_RELEASE and not (who or set()) & {actor, "anyone"}:
                    continue
                assert method(url).status_code in allowed, url


def addresses_with(world, number: int) -> Iterator[tuple[str, str, set[int]]]:
    """Yield the name of every URL with numbers, the URL with all or one of them replaced, and the allowed codes."""
    for name, row in TABLE.items():
        arguments = world.arguments(row)
        places = [place for place, value in enumerate(arguments) if isinstance(value, int)]
        for chosen in [places, *([place] for place in places if len(places) > 1)]:
            if not chosen:
                continue
            url = reverse(name, args=[number if place in chosen else value for place, value in enumerate(arguments)])
            try:
                resolve(url)
            except Resolver404:
                continue
            # A number that is not a key, such as that of a block, can be any number: the request then does nothing.
            # Nor does ending a sign-in that has ended.
            none = chosen == places and name not in MAY_BE_GONE
            yield name, url, {404, 405} if none else {204, 302, 404, 405, 409, 422}
