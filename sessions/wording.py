"""Words about traits in feedback, pointed out while it is written (docs/rules.md, feedback). They never block."""

import re
from functools import cache
from pathlib import Path

import yaml

WORDS = Path(__file__).parent / "trait_words.yaml"


@cache
def trait_words() -> tuple[str, ...]:
    """Return the words of all languages, longer ones first, so that the longest match wins."""
    lists = yaml.safe_load(WORDS.read_text(encoding="utf-8")).values()
    return tuple(sorted({word.lower() for words in lists for word in words}, key=lambda word: (-len(word), word)))


@cache
def trait_pattern() -> re.Pattern:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, trait_words()))})(?!\w)")


def traits_in(text: str) -> list[str]:
    """Return the words about traits in a text, in lower case, each once and in order."""
    found = trait_pattern().findall(text.lower().replace("’", "'"))
    return list(dict.fromkeys(found))
