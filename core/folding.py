"""Fold text for comparison, independently of the collation of the database."""

import unicodedata

# Letters that Unicode does not decompose into a base letter and an accent.
BASE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


def folded(text: str) -> str:
    """Return the text in lower case, without accents and repeated spaces, for comparison, search and sorting."""
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(bare.casefold().translate(BASE_LETTERS).split())
