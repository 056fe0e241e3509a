"""Fold text for comparison, independently of the collation of the database."""

import unicodedata

# Letters that Unicode does not decompose into a base letter and an accent.
BASE_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}


def folded(text: str) -> str:
    """Return the text in lower case, without accents and repeated spaces, for comparison, search and sorting.

    It replaces one letter of the text after the other, which is much quicker than one character after the other.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKD", text)
    for accent in filter(unicodedata.combining, set(text)):
        text = text.replace(accent, "")
    text = text.casefold()
    for letter in BASE_LETTERS.keys() & set(text):
        text = text.replace(letter, BASE_LETTERS[letter])
    return " ".join(text.split())
