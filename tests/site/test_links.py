"""Tests that web addresses in texts are links on every page of a pair."""

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from goals.models import Outcome
from sessions.models import Block
from tests import everything
from tests.walks import rows_of

ADDRESS = "https://example.org/"
# Inside these, text is a control, its label, or invisible.
NO_LINKS = {"a", "button", "label", "legend", "option", "script", "style", "summary", "svg", "textarea", "title"}
VOID = {"br", "hr", "img", "input", "link", "meta", "path", "circle", "line", "rect", "polyline", "use", "wbr"}


class PlainAddresses(HTMLParser):
    """Collects web addresses that are on a page as plain text."""

    def __init__(self):
        super().__init__()
        self.open, self.found, self.linked = [], [], 0

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.linked += tag == "a" and (attributes.get("href") or "").startswith(ADDRESS)
        if tag not in VOID:
            unseen = "visually-hidden" in (attributes.get("class") or "") or "hidden" in attributes
            self.open.append((tag, tag in NO_LINKS or unseen))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if ADDRESS in data and "…" not in data and not any(unlinked for _tag, unlinked in self.open):
            self.found.append(" ".join(data.split())[:120])


def text_with_an_address(row, field) -> str:
    """Return a text with an address, except for titles and questions of agenda blocks, which come from templates."""
    if isinstance(row, Block) and field.name != "note":
        return "Topic"
    return f"Read {ADDRESS}{row.pk} first"[: field.max_length or 80]


@pytest.mark.walk
@pytest.mark.parametrize("who", ["mentee", "mentor"])
def test_an_address_in_any_text_is_a_link(db, who):
    """Shortened text (…) stays plain text, because a shortened address would not work."""
    world = everything.build()
    everything.fill_texts(text_with_an_address)
    Outcome.objects.update(evidence_url=f"{ADDRESS}evidence")
    client, plain, linked = Client(), {}, 0
    client.force_login(world.actors[who])
    for name, row in rows_of(who).items():
        answer = client.get(reverse(name, args=world.arguments(row)))
        if not answer.streaming and answer.headers["Content-Type"].startswith("text/html"):
            page = PlainAddresses()
            page.feed(answer.content.decode())
            linked += page.linked
            if page.found:
                plain[name] = page.found
    assert not plain, "\n".join(f"{name}: {found}" for name, found in plain.items())
    assert linked > (100 if who == "mentee" else 50), "or this walk would prove nothing"
