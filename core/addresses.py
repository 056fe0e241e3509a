"""Normalize and validate email addresses and names as people type or paste them."""

import re
import unicodedata
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

MAX_CHARACTERS = 254
# Invisible characters outside the Unicode categories for control and format characters.
BLANK = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}
JOINERS = "\u200c\u200d"  # needed inside names in Persian and Indic scripts, and inside emoji
AROUND = " \t\r\n.,;:|\"'`()[]{}«»“”„‘’"
IN_ANGLES = re.compile(r"<([^<>]*@[^<>]*)>")


def without_invisible(text: str) -> str:
    """Return the text without zero-width characters; line breaks and other whitespace become spaces."""
    visible = (char for char in text if char.isspace() or not _is_invisible(char))
    return "".join(" " if char.isspace() else char for char in visible)


def _is_invisible(char: str) -> bool:
    return char in BLANK or unicodedata.category(char) in ("Cf", "Cc")


def one_line(text: str) -> str:
    """Return a name on one line, with single spaces and without control or bidirectional formatting characters."""
    kept = (char for char in text if char.isspace() or char in JOINERS or not _is_invisible(char))
    return " ".join("".join(kept).split())


def normalize_address(text: str) -> str:
    """Return the address in its stored form: "mailto:Ada@Example.org" becomes "ada@example.org".

    Accepts pasted links and "Name <address>"; removes invisible characters and surrounding punctuation.
    The result may still be invalid: see `parse_address`.
    """
    text = without_invisible(unicodedata.normalize("NFKC", text))
    if found := IN_ANGLES.search(text):
        text = found[1]
    text = text.strip(AROUND + "<>")
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    return re.sub(r"\s*@\s*", "@", text.strip(AROUND)).lower()


def validate_address(address: str) -> None:
    """Raise ValidationError unless this is a valid email address that fits the column."""
    validate_email(address)
    # Django's validator ignores case and therefore accepts lookalikes of a to z, such as the dotless i.
    if not address.partition("@")[0].isascii() or len(address) > MAX_CHARACTERS:
        raise ValidationError(_("Enter a valid email address."), code="invalid")


def parse_address(text: str) -> str:
    """Return the normalized address; raise ValidationError if it is not an email address."""
    address = normalize_address(text)
    validate_address(address)
    return address
