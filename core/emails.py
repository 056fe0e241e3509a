"""Styles of HTML emails, which templates have in a style block (templates/email/base.html)."""

from css_inline import CSSInliner

_inliner = CSSInliner(load_remote_stylesheets=False)


def inline_styles(html: str) -> str:
    """Return the HTML with its styles on each element, because some mail clients drop style blocks.

    Style blocks marked with data-css-inline="keep" stay: media queries cannot be inlined.
    """
    return _inliner.inline(html)
