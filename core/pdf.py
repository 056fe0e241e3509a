"""PDFs of pages, with WeasyPrint."""

from django.utils.translation import gettext as _


class NoPdf(Exception):
    """This server cannot create a PDF; the message names what is missing."""


def as_pdf(html: str) -> bytes:
    """Return the page as a PDF, without fetching anything. Raise NoPdf if the server has no Pango."""
    return parse_html(html).write_pdf()


def parse_html(html: str):
    """Parse the page with WeasyPrint, imported here because it is slow to import and needs Pango."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise NoPdf(
            _("This server cannot create PDFs, because Pango is missing. Save or print the page instead.")
        ) from error
    return HTML(string=html, url_fetcher=refuse_url)


def refuse_url(url: str, *args, **kwargs):
    raise ValueError(f"A PDF must not load other files: {url}")
