"""Guess short names from full names."""

from functools import lru_cache

from core.addresses import one_line

# With or without a period, before the name or after a comma. None of them is a first name.
TITLES = {
    *("dr", "prof", "professor", "dipl-ing", "dipl", "rev", "md", "phd", "mba", "msc", "bsc", "jr", "ii", "iii", "iv"),
    *("mr", "mrs", "ms", "miss", "mx", "sir", "dame", "herr", "frau", "hr", "fr", "fru", "sr", "sra", "srta", "mme"),
}


def initials(name: str) -> str:
    """Return the first characters of the first and the last word, shown in place of a picture."""
    words = name.split() or ["?"]
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper()


@lru_cache(maxsize=2000)  # a page shows the same few names again and again
def guess_short_name(name: str) -> str:
    """Return the likely short name: "Dr. Lin Chen" gives Lin, "Lind, Ada" gives Ada; empty without a name."""
    before, _comma, after = one_line(name).partition(",")
    words = _without_titles(after) or _without_titles(before) or one_line(name).split()
    return words[0].strip(",;") if words else ""


def _without_titles(text: str) -> list[str]:
    words = (word for word in text.replace(",", " ").split() if any(map(str.isalpha, word)))
    return [word for word in words if not _is_title(word)]


def _is_title(word: str) -> bool:
    """Return True for titles such as "Dr." and "PhD", and for the second part of "Dr. med."."""
    return word.replace(".", "").lower() in TITLES or (word.endswith(".") and word[0].islower())
