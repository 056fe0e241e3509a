"""Inventories of a person: what was answered when, and two days side by side."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from practice.forms.entries import programs_of
from practice.inventory_files import Inventory, newest
from practice.kinds import EntryKind
from practice.models import Entry, EntryText, InventoryRun
from practice.models.inventory import with_wording
from practice.models.program_inventory import offered_in


@dataclass(frozen=True)
class Offered:
    """An inventory, and when the person answered it, newest first."""

    inventory: Inventory
    days: list[date]
    is_offered: bool = True  # False: only the answers are left, because it was retired or the person left the program


@dataclass(frozen=True)
class Line:
    """A statement or a theme with its answer (of a theme: the mean), and the answer of another day."""

    key: str
    text: str
    now: float | None
    before: float | None

    @property
    def width(self) -> str:
        return f"{(self.now or 0) / 5:.0%}"

    @property
    def width_before(self) -> str:
        return f"{(self.before or 0) / 5:.0%}"


@dataclass(frozen=True)
class ThemeLines:
    theme: Line
    statements: list[Line]


@dataclass(frozen=True)
class Result:
    """The answers of one day, with those of another day if there is one."""

    run: InventoryRun
    inventory: Inventory
    earlier: InventoryRun | None
    themes: list[ThemeLines]


def runs_of(user, name: str = "") -> list[InventoryRun]:
    """Return the runs that this person answered, newest first, of all inventories or of one."""
    rows = InventoryRun.objects.filter(entry__author=user, entry__written_at__isnull=False).select_related("entry")
    rows = rows.filter(source__startswith=f"{name}-") if name else rows
    found = [run for run in with_wording(rows.order_by("-entry__created_at", "-pk")) if run.inventory]
    return [run for run in found if not name or run.inventory.name == name]


def offered(user) -> list[Offered]:
    """Return the built-in inventories, those of the person's programs, and others that they answered."""
    days: dict[str, list[date]] = {}
    answered: dict[str, Inventory] = {}
    for run in runs_of(user):
        days.setdefault(run.inventory.name, []).append(user.local(run.entry.created_at).date())
        answered.setdefault(run.inventory.name, run.inventory)
    now = {one.name: one for one in (*newest(), *offered_in(programs_of(user)))}
    rows = [Offered(one, days.get(one.name, [])) for one in now.values()]
    return rows + [Offered(one, days[name], False) for name, one in answered.items() if name not in now]


def offered_now(user, name: str) -> Inventory | None:
    """Return the newest version of an inventory that this person can answer, or None."""
    return next((one for one in (*newest(), *offered_in(programs_of(user))) if one.name == name), None)


def start(user, inventory: Inventory) -> Entry:
    """Begin a run, or continue with one of the same wording that is still empty."""
    with transaction.atomic():
        runs = InventoryRun.objects.filter(entry__author=user, entry__written_at=None, source=inventory.source)
        run = runs.select_related("entry").first()
        if run:
            return run.entry
        entry = Entry.objects.create(kind=EntryKind.INVENTORY, author=user)
        EntryText.objects.bulk_create(
            EntryText(entry=entry, key=prompt.name, position=n, text=inventory.title if prompt.name == "name" else "")
            for n, prompt in enumerate(entry.about.prompts)
        )
        InventoryRun.objects.create(entry=entry, source=inventory.source)
    return entry


def result(run: InventoryRun, earlier: InventoryRun | None = None) -> Result | None:
    """Return the answers of a run by theme; a statement that the earlier wording lacks has no earlier answer."""
    inventory = run.inventory
    if inventory is None:
        return None
    now, before = run.answers, earlier.answers if earlier else {}
    themes = []
    for theme in inventory.themes:
        keys = [one.key for one in theme.statements]
        lines = [Line(one.key, one.text, now.get(one.key), before.get(one.key)) for one in theme.statements]
        themes.append(ThemeLines(Line(theme.key, theme.title, mean(now, keys), mean(before, keys)), lines))
    return Result(run, inventory, earlier, themes)


def result_of(entry: Entry) -> Result | None:
    """Return the answers that belong to an entry, if it is about an inventory."""
    run = InventoryRun.objects.filter(entry=entry).first() if entry.kind == EntryKind.INVENTORY else None
    if run is None:
        return None
    run.entry = entry
    return result(run)


def mean(answers: dict[str, int], keys: list[str]) -> float | None:
    given = [answers[key] for key in keys if key in answers]
    return round(sum(given) / len(given), 1) if given else None
