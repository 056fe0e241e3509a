"""A program's own inventories: a draft, and published versions, which never change (docs/rules.md, self-awareness)."""

import re
from collections.abc import Iterable

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.optimistic_locking import fingerprint
from mentoring.models import Program
from practice.inventory_files import Inventory, Statement, Theme, inventory

MOST = 20  # inventories of a program that are not retired
MOST_THEMES, MOST_STATEMENTS = 12, 60
LONGEST_TITLE, LONGEST_ABOUT, LONGEST_STATEMENT, LONGEST_WORD = 80, 300, 200, 40
OWN = re.compile(r"p([0-9]{1,15})-([0-9]{1,5})")  # the source of a version: "p12-3"


class ProgramInventoryQuerySet(models.QuerySet["ProgramInventory"]):
    def managed_by(self, user) -> "ProgramInventoryQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user))

    def current(self) -> "ProgramInventoryQuerySet":
        return self.filter(retired_at=None)

    def has_title(self, title: str) -> bool:
        """Return True if one that is not retired has this title, as a draft or in its newest version."""
        rows = self.current()
        versions = InventoryVersion.objects.filter(inventory__in=rows, number=F("inventory__number"))
        return rows.filter(title=title).exists() or title in {row.content["title"] for row in versions}


class ProgramInventory(models.Model):
    """What admins edit. People answer the newest published version, and no admin learns who did.

    In `statements`, a line that begins with "- " is a statement; any other line is the title of those below it.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="inventories")
    title = models.CharField(gettext_lazy("Title"), max_length=LONGEST_TITLE)
    about = models.CharField(gettext_lazy("What is it for?"), max_length=LONGEST_ABOUT, blank=True)
    statements = models.TextField(gettext_lazy("Statements"), blank=True)
    least = models.CharField(gettext_lazy("What 1 means"), max_length=LONGEST_WORD, blank=True)
    most = models.CharField(gettext_lazy("What 5 means"), max_length=LONGEST_WORD, blank=True)
    number = models.PositiveIntegerField(default=0)  # of the newest version; 0: only a draft
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ProgramInventoryQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title

    @property
    def content(self) -> dict:
        """The draft as a version stores it, and as it is in a program file."""
        found = {"title": self.title, "about": self.about, "least": self.least, "most": self.most}
        return {name: text for name, text in found.items() if text} | {"themes": themes_in(self.statements)}

    def publish(self, by) -> bool:
        """Make the draft the next version; return False if it is the same as the newest one."""
        with transaction.atomic():
            row = ProgramInventory.objects.select_for_update().get(pk=self.pk)
            newest = row.versions.filter(number=row.number).first()
            if newest and newest.content == row.content:
                return False
            number = row.number + 1
            InventoryVersion.objects.create(inventory=row, number=number, content=row.content, published_by=by)
            ProgramInventory.objects.filter(pk=row.pk).update(number=number)
        return True

    @classmethod
    def set_all(cls, program: Program, contents: Iterable[dict], by) -> None:
        """Offer the inventories that a program file lists, recognized by their titles, and retire the others."""
        kept = []
        rows = cls.objects.filter(program=program).order_by(F("retired_at").desc(nulls_last=True), "-pk")
        by_title = {row.title: row for row in rows}
        versions = InventoryVersion.objects.filter(inventory__in=by_title.values(), number=F("inventory__number"))
        for version in versions.exclude(inventory__retired_at__isnull=False).select_related("inventory"):
            by_title[version.content["title"]] = version.inventory  # also if its draft has another title
        for content in contents:
            row = by_title.get(content["title"]) or cls(program=program)
            row.retired_at = None
            for name in ("title", "about", "least", "most"):
                setattr(row, name, content.get(name, ""))
            row.statements = as_text(content["themes"])
            row.save()
            row.publish(by)
            kept.append(row.pk)
        others = cls.objects.filter(program=program, number__gt=0).current().exclude(pk__in=kept)
        others.update(retired_at=timezone.now())


class InventoryVersionQuerySet(models.QuerySet["InventoryVersion"]):
    def offered_in(self, programs: Iterable[int]) -> "InventoryVersionQuerySet":
        """Return the newest version of each inventory that these programs offer."""
        rows = self.filter(inventory__program__in=programs, number=F("inventory__number"))
        return rows.filter(inventory__retired_at=None)


class InventoryVersion(models.Model):
    """What people answer: the wording of one inventory when it was published."""

    inventory = models.ForeignKey(ProgramInventory, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)

    objects = InventoryVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inventory", "number"], name="one_version_of_each_number")]

    def __str__(self) -> str:
        return f"{self.inventory_id} {self.number}"

    @property
    def as_inventory(self) -> Inventory:
        themes = [
            Theme(fingerprint(theme["title"]), theme["title"], [Statement(fingerprint(one), one) for one in texts])
            for theme in self.content["themes"]
            for texts in [theme["statements"]]
        ]
        words = {name: self.content.get(name, "") for name in ("title", "about", "least", "most")}
        return Inventory(f"p{self.inventory_id}-{self.number}", themes=themes, **words)


def themes_in(text: str) -> list[dict]:
    """Return the themes of a text with their statements. A statement above the first title is left out."""
    found: list[dict] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line[0] not in "-–•*":
            found.append({"title": line, "statements": []})
        elif found:
            found[-1]["statements"].append(line[1:].strip())
    return found


def as_text(themes: list[dict]) -> str:
    """Return themes as the text that admins edit."""
    return "\n\n".join("\n".join([one["title"], *(f"- {text}" for text in one["statements"])]) for one in themes)


def offered_in(programs: Iterable[int]) -> list[Inventory]:
    """Return the newest version of each inventory that these programs offer, by title, in one query."""
    rows = InventoryVersion.objects.offered_in(programs)
    return sorted((row.as_inventory for row in rows), key=lambda one: one.title)


def inventories_of(sources: Iterable[str]) -> dict[str, Inventory]:
    """Return the inventories of these sources, built-in ones and those of programs; in one query if there are such."""
    sources = set(sources)
    own = {source: match for source in sources if (match := OWN.fullmatch(source))}
    found = {source: one for source in sources - own.keys() if (one := inventory(source))}
    rows = InventoryVersion.objects.filter(inventory__in={int(match[1]) for match in own.values()}) if own else ()
    versions = {one.source: one for one in (row.as_inventory for row in rows)}
    return found | {source: versions[source] for source in own if source in versions}


def problems_in(text: str) -> list[str]:
    """Return what is wrong with a text of statements, as sentences; an empty or unfinished one is not."""
    found, themes = [], themes_in(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[0][0] in "-–•*":
        found.append(_("Begin with the title of a theme, on a line without “-”."))
    statements = [statement for theme in themes for statement in theme["statements"]]
    if len(themes) > MOST_THEMES:
        found.append(_("Enter at most %(n)s themes.") % {"n": MOST_THEMES})
    if len(statements) > MOST_STATEMENTS:
        found.append(_("Enter at most %(n)s statements.") % {"n": MOST_STATEMENTS})
    titles = [theme["title"] for theme in themes]
    for texts, most in ((titles, LONGEST_TITLE), (statements, LONGEST_STATEMENT)):
        if long := next((one for one in texts if len(one) > most), ""):
            found.append(_("Shorten this line to %(n)s characters: %(line)s") % {"n": most, "line": long[:60]})
        if twice := next((one for n, one in enumerate(texts) if one in texts[:n]), ""):
            found.append(_("“%(line)s” appears twice.") % {"line": twice[:60]})
    if "" in statements:
        found.append(_("One line has “-” but no statement."))
    return found
