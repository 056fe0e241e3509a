"""Optimistic locking: a save names the version it is based on, and a conflict raises instead of overwriting."""

import hashlib

from django.db import models
from django.utils.text import normalize_newlines


def fingerprint(text: str) -> str:
    """Return a short hash of a text; line endings are normalized first."""
    return hashlib.blake2s(normalize_newlines(text).encode(), digest_size=8).hexdigest()


class Conflict(Exception):
    """Raised if the row changed meanwhile; `current` is the stored row."""

    def __init__(self, current: models.Model):
        super().__init__(f"{current._meta.label} {current.pk} changed meanwhile")
        self.current = current


class ConditionalUpdate(models.Model):
    """Abstract model for rows that change state at most once, however many requests try it at the same time."""

    class Meta:
        abstract = True

    def update_if(self, condition: dict | models.Q, **changes) -> bool:
        """Store `changes` if the stored row meets `condition`, and return whether it did.

        One UPDATE checks and writes, so of two requests at the same time only one gets True.
        """
        condition = condition if isinstance(condition, models.Q) else models.Q(**condition)
        if not type(self)._base_manager.filter(condition, pk=self.pk).update(**changes):
            return False
        for name, value in changes.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)
        return True


class Versioned(models.Model):
    """Abstract model for rows edited by two people; every change goes through `write` or `write_text`."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def write(self, expected: int, **changes) -> None:
        """Store `changes` if the row is still at version `expected`; otherwise raise Conflict and store nothing."""
        updated = type(self)._base_manager.filter(pk=self.pk, version=expected).update(version=expected + 1, **changes)
        if not updated:
            raise Conflict(type(self)._base_manager.get(pk=self.pk))
        for name, value in (changes | {"version": expected + 1}).items():
            setattr(self, name, value)

    def write_text(self, field: str, text: str, started_from: str, **also) -> str:
        """Store one text field and return the text it replaced; raise Conflict if that text changed meanwhile.

        `started_from` is the fingerprint of the text that the writer saw. Changes to *other* fields of the row do not
        conflict: the save is based on the newer version.
        """
        text = normalize_newlines(text)
        while True:
            row = type(self)._base_manager.get(pk=self.pk)
            before = getattr(row, field)
            if before == text:
                self.refresh_from_db(fields=[field, "version"])
                return before
            if fingerprint(before) != started_from:
                raise Conflict(row)
            try:
                row.write(row.version, **{field: text}, **also)
            except Conflict:
                continue
            for name in (field, "version", *also):
                setattr(self, name, getattr(row, name))
            return before
