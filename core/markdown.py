"""Render Markdown as safe HTML: few tags, only http and mailto links, no scripts or htmx attributes."""

import re

import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

LONGEST = 20_000  # characters; longer text is shown unformatted
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "code", "pre", "blockquote", "hr"}
LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)


class OutwardMarkdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return bool(LINK.match(url))


# Headings become bold lines, because notes appear in pages with their own outline. Images are removed.
markdown = OutwardMarkdown("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
markdown.disable(["image", "html_inline"])
markdown.add_render_rule("heading_open", lambda *args: "<p><strong>")
markdown.add_render_rule("heading_close", lambda *args: "</strong></p>\n")


def _only_outward_links(tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "href" or LINK.match(value) else None


cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}, "*": set()},
    url_schemes={"http", "https", "mailto"},
    attribute_filter=_only_outward_links,
    link_rel="noopener noreferrer nofollow",
)


def render(text: str) -> SafeString:
    """Return safe HTML for Markdown text; hx-disable keeps htmx from processing anything in it."""
    html = markdown.render(text) if len(text) <= LONGEST else linebreaks(text, autoescape=True)
    return mark_safe(f'<div class="notes" hx-disable>{cleaner.clean(html)}</div>')  # nosec B308, B703
