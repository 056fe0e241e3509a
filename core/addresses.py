"""Email addresses as people type and paste them, and the one form in which they are stored and compared."""

import re
import unicodedata
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

MOST_CHARACTERS = 254
# Characters that show nothing although Unicode does not count them as controls or formatting.
BLANK = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}
JOINERS = "\u200c\u200d"  # needed inside names in Persian and Indic scripts, and inside emoji
AROUND = " \t\r\n.,;:|\"'`()[]{}«»“”„‘’"
IN_ANGLES = re.compile(r"<([^<>]*@[^<>]*)>")


def without_invisible(text: str) -> str:
    """Return the text without characters that have no width; line breaks and other white space become spaces."""
    visible = (char for char in text if char.isspace() or not _is_invisible(char))
    return "".join(" " if char.isspace() else char for char in visible)


def _is_invisible(char: str) -> bool:
    return char in BLANK or unicodedata.category(char) in ("Cf", "Cc")


def one_line(text: str) -> str:
    """Return a name as one line: single spaces, no control characters, nothing that changes the writing direction."""
    kept = (char for char in text if char.isspace() or char in JOINERS or not _is_invisible(char))
    return " ".join("".join(kept).split())


def normalize_address(text: str) -> str:
    """Return the address that is meant, as it is stored: "mailto:Ada@Example.org" is "ada@example.org".

    Understands pasted links and "Name <address>"; removes what cannot be seen and punctuation around the address.
    The result may still not be an address: see `parse_address`.
    """
    text = without_invisible(unicodedata.normalize("NFKC", text))
    if found := IN_ANGLES.search(text):
        text = found[1]
    text = text.strip(AROUND + "<>")
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    return re.sub(r"\s*@\s*", "@", text.strip(AROUND)).lower()


def validate_address(address: str) -> None:
    """Raise ValidationError unless this is an email address that can be stored."""
    validate_email(address)
    # Django's validator ignores case and so accepts letters that only look like a to z, such as the dotless i.
    if not address.partition("@")[0].isascii() or len(address) > MOST_CHARACTERS:
        raise ValidationError(_("Enter a valid email address."), code="invalid")


def parse_address(text: str) -> str:
    """Return the normalized address; raise ValidationError if it is not an email address."""
    address = normalize_address(text)
    validate_address(address)
    return address
