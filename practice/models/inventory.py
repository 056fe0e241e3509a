"""The answers of one person to an inventory on one day (docs/rules.md, self-awareness)."""

import json
from collections.abc import Iterable

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.fields import BoundText, EncryptedTextField
from core.optimistic_locking import Versioned
from goals.models import Competency
from practice.inventory_files import Inventory
from practice.models.entry import Entry
from practice.models.program_inventory import inventories_of

LEAST, MOST = 1, 5


def mark_choices(of: Inventory | None = None) -> list[tuple[str, str]]:
    """Return the answers that can be chosen, with the words of the inventory if it has its own."""
    words = {1: _("1 · almost never"), 3: _("3 · half of the time"), 5: _("5 · almost always")}
    if of and (of.least or of.most):
        words = {1: f"1 · {of.ends[0]}", 5: f"5 · {of.ends[1]}"}
    return [(str(n), words.get(n, str(n))) for n in range(LEAST, MOST + 1)]


class InventoryRun(BoundText, Versioned):
    """One answer from 1 to 5 for each statement, stored encrypted; its other texts are those of its entry."""

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="inventory_run")
    source = models.CharField(max_length=60)  # "strengths-1": the wording that was answered
    marks = EncryptedTextField(blank=True, bound_to=("entry_id",))

    def __str__(self) -> str:
        return f"{self.entry_id} {self.source}"

    @cached_property
    def inventory(self) -> Inventory | None:
        """The wording that was answered; None if it is gone. Use with_wording() for several runs."""
        return inventories_of([self.source]).get(self.source)

    @property
    def answers(self) -> dict[str, int]:
        """The answers by the keys of the statements; a statement may have none."""
        try:
            return dict(json.loads(self.marks)) if self.marks else {}
        except (ValueError, TypeError):
            return {}

    def mark(self, key: str, value: int | None) -> None:
        """Store the answer to one statement at once, or take it back with None. The other answers stay as they are."""
        with self.entry.locked():
            run = InventoryRun.objects.select_related("entry").get(pk=self.pk)
            answers = run.answers | {key: value}
            run.answer(run.version, {one: number for one, number in answers.items() if number})
            self.entry.touch_readers()
        self.refresh_from_db(fields=["marks", "version"])

    def answer(self, version: int, answers: dict[str, int]) -> None:
        """Store all answers; raise Conflict if they changed since `version`."""
        self.write(version, marks=json.dumps(answers))
        Entry.objects.filter(pk=self.entry_id, written_at=None).update(written_at=timezone.now())


def with_wording(runs: Iterable[InventoryRun]) -> list[InventoryRun]:
    """Read the wordings of these runs in one query."""
    runs = list(runs)
    found = inventories_of(run.source for run in runs)
    for run in runs:
        run.inventory = found.get(run.source)
    return runs


class InventoryPick(models.Model):
    """A statement that its author chose as evidence for a competency."""

    run = models.ForeignKey(InventoryRun, on_delete=models.CASCADE, related_name="picks")
    key = models.CharField(max_length=40)  # of the statement
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key", "competency"], name="picked_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.key}"

    @property
    def text(self) -> str:
        found = self.run.inventory
        return next((one.text for one in found.statements if one.key == self.key), "") if found else ""

    @property
    def mark(self) -> int | None:
        return self.run.answers.get(self.key)
