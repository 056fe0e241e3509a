"""The differences between two versions of a plan, word by word."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from core.formatting import full_date
from goals.models import PlanVersion


@dataclass(frozen=True)
class Difference:
    """A changed field: its label, and pieces of text marked "same", "gone" or "new"."""

    label: str
    pieces: list[tuple[str, str]]


def differences(old: PlanVersion, new: PlanVersion) -> list[Difference]:
    """Return the fields that differ, in the order of the form."""
    changed = [name for name in PlanVersion.CONTENT if getattr(old, name) != getattr(new, name)]
    label = {name: PlanVersion._meta.get_field(name).verbose_name for name in changed}
    return [Difference(label[name], pieces(display_text(old, name), display_text(new, name))) for name in changed]


def display_text(version: PlanVersion, name: str) -> str:
    """Return the value of a field as the page shows it."""
    if name == "due_on":
        return full_date(version.due_on)
    if version._meta.get_field(name).choices:
        return str(getattr(version, f"get_{name}_display")())
    return str(getattr(version, name))


def pieces(old: str, new: str) -> list[tuple[str, str]]:
    """Compare two texts word by word and return marked pieces."""
    before, after = old.split(), new.split()
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", " ".join(before[a:b])))
            continue
        found += [("gone", " ".join(before[a:b]))] * (b > a) + [("new", " ".join(after[c:d]))] * (d > c)
    return found
