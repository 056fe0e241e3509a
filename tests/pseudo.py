"""A made-up language in which every translated letter has an accent, and a reader of pages that finds all others.

Whatever is still written in plain letters was not translated, because what people write has Chinese characters here.
"""

import re
from html.parser import HTMLParser

from django.utils.translation import trans_real

CONTEXT = trans_real.CONTEXT_SEPARATOR
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = "áƀćďéƒǵĥíĵķĺḿńóṕʠŕśţúṽŵẋýźÁƁĆĎÉƑǴĤÍĴĶĹḾŃÓṔɊŔŚŢÚṼŴẊÝŹ"
TO_ACCENTED = str.maketrans(PLAIN, ACCENTED)
KEPT = re.compile(
    r"(<[^>]*>|%\(\w+\)[a-z]|%%|%[sd]|&#?\w+;|\{\w*\}|https?://\S+)"
)  # parts of a text that are not words
SPOKEN = {"title", "aria-label", "aria-description", "placeholder", "alt", "label", "content"}
SILENT = {"script", "style", "code", "template"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
WORD = re.compile(r"[A-Za-z]{2,}")


def accented(text: str) -> str:
    return "".join(part if n % 2 else part.translate(TO_ACCENTED) for n, part in enumerate(KEPT.split(text)))


class Pseudo:
    """Takes the place of a loaded catalog (trans_real.translation)."""

    def __init__(self, language: str):
        self._language = language

    def gettext(self, text: str) -> str:
        return accented(text.rpartition(CONTEXT)[2])

    def ngettext(self, one: str, many: str, n) -> str:
        return self.gettext(one if n == 1 else many)

    def language(self) -> str:
        return self._language

    to_language = language


def replace_catalog(monkeypatch, language: str = "de") -> None:
    """Make this language, with its formats of dates, the made-up one."""
    monkeypatch.setitem(trans_real._translations, language, Pseudo(language))


class PlainWords(HTMLParser):
    """Collects the texts of a page, and of its attributes that are read aloud or shown, that have plain words."""

    def __init__(self, allowed: re.Pattern, words: re.Pattern):
        super().__init__()
        self.allowed, self.words, self.open, self.found = allowed, words, [], []

    def check(self, text: str, where: str) -> None:
        if self.words.search(self.allowed.sub("", text)):
            self.found.append(f"{where}: {' '.join(text.split())[:160]}")

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        for name, value in attributes.items():
            said = name in SPOKEN and tag != "meta"
            said |= name.startswith("data-") and " " in (value or "") and attributes.get("translate") != "no"
            said |= name == "value" and tag == "input" and attributes.get("type") in ("submit", "button")
            if value and said:
                self.check(value, f"<{tag} {name}>")
        if tag not in VOID:
            self.open.append((tag, tag in SILENT or (tag == "button" and attributes.get("name") == "language")))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        is_zone = len(self.open) > 1 and self.open[-2][0] == "optgroup"
        if not is_zone and not any(unseen for _tag, unseen in self.open):
            self.check(data, f"<{self.open[-1][0] if self.open else 'text'}>")


def plain_words(html: str, allowed: str, words: re.Pattern = WORD) -> list[str]:
    """Return the texts of this HTML in which anything that matches `words`, but not `allowed`, is left."""
    page = PlainWords(re.compile(allowed), words)
    page.feed(html)
    return page.found
