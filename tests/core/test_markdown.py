"""Typed Markdown is rendered as harmless HTML."""

import time

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markdown import LINK, LONGEST, TAGS, render

XHTML = "{http://www.w3.org/1999/xhtml}"
SCHEMES = ["javascript", "JaVaScRiPt", "vbscript", "data", "file", "blob", "ftp", "tel", "about", "view-source", "jar"]
TRICKS = ["alert(1)", "//x.example/%0aalert(1)", "text/html,<script>alert(1)</script>"]
HANDLERS = ["onclick", "onerror", "onload", "onmouseover", "onfocus", "ontoggle", "onpointerenter", "onanimationstart"]
ELEMENTS = [
    "script", "iframe", "object", "embed", "form", "input", "button", "svg", "math", "style", "link", "meta", "base",
    "img", "video", "audio", "details", "template", "textarea", "noscript", "title", "frameset", "marquee", "a", "p",
]  # fmt: skip
VECTORS = [
    *(f"[x]({scheme}:{trick})" for scheme in SCHEMES for trick in TRICKS),
    *(f"<{scheme}:{trick}>" for scheme in SCHEMES for trick in TRICKS),
    *(f"<{element} {handler}=alert(1) src=x>" for element in ELEMENTS for handler in HANDLERS[:3]),
    *(f'<{element} style="color:red" id=main class=btn>x</{element}>' for element in ELEMENTS),
    *(f'<a href="https://ok.example" {handler}="alert(1)">x</a>' for handler in HANDLERS),
    *(f"<p {name}=/accounts/logout/>x</p>" for name in ("hx-post", "data-hx-get", "hx-on:click", "hx-vals")),
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](//evil.example)",
    "[x](/accounts/logout/)",
    "[x](\\\\evil.example)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "[x][1]\n\n[1]: data:text/html;base64,PHNjcmlwdD4=",
    '[x](https://ok.example "t\\" onclick=alert(1)")',
    '[x](https://ok.example" onclick="alert(1))',
    "![x](javascript:alert(1))",
    "![x](https://tracker.example/pixel.gif)",
    '![x" onerror="alert(1)](x)',
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "<!-- --><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "</div></main><script>alert(1)</script>",
    "</div><div hx-get=/ hx-trigger=load>",
    "\u202ejavascript:alert(1)",
    "<scr\x00ipt>alert(1)</script>",
    "<a href=https://ok.example\x0conclick=alert(1)>x</a>",
]  # fmt: skip


def unsafe(html: str) -> list[str]:
    """Everything in `html` that is not allowed. The wrapping div is expected."""
    found = []
    wrapper, *rest = list(html5lib.parseFragment(html).iter())[1:]
    if wrapper.tag != f"{XHTML}div" or wrapper.attrib != {"class": "notes", "hx-disable": ""}:
        found.append(f"wrapper {wrapper.tag} {wrapper.attrib}")
    for element in rest:
        if not isinstance(element.tag, str) or element.tag.removeprefix(XHTML) not in TAGS:
            found.append(f"tag {element.tag}")
        found += [f"attribute {name}" for name in element.attrib if name not in ("href", "rel")]
        if not LINK.match(element.attrib.get("href", "https://none.example")):
            found.append(f"link {element.attrib['href']}")
    return found


def test_there_are_more_than_200_attacks():
    assert len(VECTORS) > 200


@pytest.mark.parametrize("text", VECTORS)
def test_attacks_are_rendered_inert(text):
    assert unsafe(render(text)) == []


PIECES = st.sampled_from(
    ["<", ">", '"', "'", "[", "](", ")", "javascript:", "&#x6A;", "`", "\n", "> ", "* ", "<script>", "hx-get=/", "\\"]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=30).map("".join))
def test_any_text_is_rendered_safely(text):
    assert unsafe(render(text)) == []


def test_ordinary_markdown_is_rendered():
    html = render("# Board\nFirst **point**\nnext line\n\n* one\n* two [there](https://example.org/a?b=1&c=2)")
    assert "<p><strong>Board</strong></p>" in html
    assert "First <strong>point</strong><br>" in html
    assert '<li>two <a href="https://example.org/a?b=1&amp;c=2"' in html


def test_unknown_tags_and_symbols_are_shown_as_text():
    assert "&lt;not a tag&gt;" in render("<not a tag>")
    assert "5 &lt; 6 &amp; 7 &gt; 2" in render("5 < 6 & 7 > 2")


@pytest.mark.parametrize("piece", ["> ", "* ", "[", "**a", "`", "<", "![", "]( ", "\n\n", "a_b*c "])
def test_long_and_nested_text_is_rendered_quickly(piece):
    text = (piece * LONGEST)[:LONGEST]
    started = time.process_time()
    render(text)
    assert time.process_time() - started < 2  # rendering takes far less, quadratic time would take far more


def test_overlong_text_is_shown_without_markup():
    assert "<strong>" not in render("**bold** " * LONGEST)
