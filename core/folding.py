"""Text as it is compared: the same on every database, whatever its collation knows of accents."""

import unicodedata

# Letters that Unicode does not take apart into a letter and an accent.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


def folded(text: str) -> str:
    """Return the text without accents, case and doubled blanks, for comparing, searching and sorting."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(bare.casefold().translate(LETTERS).split())
