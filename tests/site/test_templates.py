"""Tests the rules for templates: no inline code, complete forms, translated texts.

The templates are read as text, with their includes inserted.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.template.loader import get_template
from django.urls import reverse

from tests import make

ROOT = settings.BASE_DIR / "templates"
# Emails and saved files are read outside the app, where the policy does not apply; they include their styles.
SAVED = ("growth_record_file.html", "export_file.html", "one_pager_file.html", "your_data_file.html")
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in ROOT.rglob("*.html")
    if not {"mail", "email", "mails"} & set(path.parts) and path.name not in SAVED
)
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INPUTS = {"input", "textarea", "select"}
NAMES = {"Throughline"}
SPOKEN = ("aria-label", "placeholder", "title", "alt")

COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
CLASSES = re.compile(r"{% block page_class %}[\w -]*{% endblock %}")  # class names, not texts
TRANSLATED = re.compile(r"{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}", re.DOTALL)
INCLUDE = re.compile(r"""{% include ["']([^"']+)["'][^%]*%}""")
WRITES = re.compile(r"{% (?:url (?:(?! as ).)*?|static .*?|block .*?|translate .*?|trans .*?) %}")
TAG = re.compile(r"{%.*?%}", re.DOTALL)
VARIABLE = re.compile(r"{{.*?}}", re.DOTALL)


def source(name: str, inside: tuple = ()) -> str:
    """Return the template with its includes inserted and all Django tags removed or marked."""
    text = CLASSES.sub("", COMMENT.sub("", (ROOT / name).read_text()))
    text = TRANSLATED.sub("§", text)
    for included in set(INCLUDE.findall(text)) - {name, *inside}:
        if (ROOT / included).exists():
            text = re.sub(
                rf"""{{% include ["']{re.escape(included)}["'][^%]*%}}""",
                lambda match, included=included: source(included, (*inside, name)),
                text,
            )
    text = text.replace("{% csrf_token %}", '<input type="hidden" name="csrfmiddlewaretoken">')
    return VARIABLE.sub("§", TAG.sub("", WRITES.sub("§", text)))


class Reader(HTMLParser):
    """Collects violations while reading a template."""

    def __init__(self, name: str):
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.tokens: list[bool] = []  # one per open form: whether it has a token
        self.wrong: list[str] = []
        text = source(name)
        self.feed(text if "<" in text else f"<p {text}>")  # a file may contain only attributes

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        self.check_policy(tag, given)
        self.check_form(tag, given)
        self.check_words(given)
        if tag not in VOID:
            self.open.append((tag, given))

    def handle_endtag(self, tag):
        if tag == "form" and self.tokens and not self.tokens.pop():
            self.wrong.append("a form that posts has no csrf_token")
        while self.open and any(tag == name for name, _ in self.open):
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data):
        inside = {tag for tag, _ in self.open}
        if "script" in inside and data.strip():
            self.wrong.append("a script with a body")
        words = re.findall(r"[^\W\d_]{2,}", re.sub(r"&\w+;", "", data))
        if not inside & {"script", "kbd", "code"} and set(words) - NAMES:
            self.wrong.append(f"untranslated: {' '.join(words)}")

    def check_policy(self, tag, given):
        if tag == "style" or "style" in given:
            self.wrong.append(f"an inline style on <{tag}>")
        for name, value in given.items():
            if re.match(r"on\w+$", name) or name.startswith(("hx-on", "data-hx-on")):
                self.wrong.append(f"an inline handler: {name}")
            if value.strip().lower().startswith(("js:", "javascript:")):
                self.wrong.append(f"script in {name}")
        if "[" in given.get("hx-trigger", ""):
            self.wrong.append("a trigger filter needs eval")

    def check_form(self, tag, given):
        if tag == "form":
            if not given.get("action") or given.get("method", "").lower() not in ("get", "post"):
                self.wrong.append("a form without action and method")
            self.tokens.append(given.get("method", "").lower() == "get")
        if tag == "input" and given.get("name") == "csrfmiddlewaretoken" and self.tokens:
            self.tokens[-1] = True
        polled = any("every" in outer.get("hx-trigger", "") for _, outer in self.open)
        if polled and tag in INPUTS and given.get("type") != "hidden":
            self.wrong.append(f"<{tag}> inside a part that polls would be replaced under the writer's hands")

    def check_words(self, given):
        for name in SPOKEN:
            if re.search(r"[^\W\d_]{2,}", given.get(name, "")):
                self.wrong.append(f"untranslated {name}: {given[name]}")


@pytest.mark.parametrize("name", PAGES)
def test_templates_follow_the_rules(name):
    get_template(name)  # fails if it cannot be parsed
    assert Reader(name).wrong == []


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ('<p style="color: red">§</p>', "inline style"),
        ('<p onclick="x()">§</p>', "inline handler"),
        ('<p hx-on:click="x()">§</p>', "inline handler"),
        ("<p hx-vals=\"js:{a: 1}\">§</p>", "script in hx-vals"),
        ("<script>go()</script>", "script with a body"),
        ('<p hx-trigger="click[ctrlKey]">§</p>', "trigger filter"),
        ('<form method="post">{% csrf_token %}</form>', "without action and method"),
        ('<form action="/" method="post"></form>', "no csrf_token"),
        ('<div hx-trigger="every 2s"><p><textarea></textarea></p></div>', "inside a part that polls"),
        ("<p>Hello there</p>", "untranslated: Hello there"),
        ('<a aria-label="Close it">§</a>', "untranslated aria-label"),
    ],
)  # fmt: skip
def test_the_reader_finds_violations(html, complaint, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.site.test_templates.ROOT", tmp_path)
    Path(tmp_path / "page.html").write_text(html)
    assert any(complaint in wrong for wrong in Reader("page.html").wrong)


def test_no_template_turns_escaping_off_for_a_value():
    unescaped = re.compile(r"\|\s*safe(?:seq)?\b")
    assert not [str(path) for path in ROOT.rglob("*.*") if unescaped.search(path.read_text())]


def test_markup_in_a_name_or_a_unit_is_shown_as_text(as_, pair):
    markup = '<i hx-post="/">'  # as long as a unit may be
    type(pair.mentee).objects.filter(pk=pair.mentee_id).update(short_name=markup)
    session, indicator = make.session(pair), make.indicator(pair, unit=markup, kind="measure", entered_by="both")
    for url in ("session_cancel", session.pk), ("reading_create", indicator.pk):
        html = as_(pair.mentor).get(reverse(url[0], args=[url[1]])).content.decode()
        assert "&lt;i hx-post" in html
        assert "<i hx-post" not in html


def test_help_texts_of_passwords_stay_lists():
    html = SetPasswordForm(None).as_div()
    assert "<ul><li>" in html
