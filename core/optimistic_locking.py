"""Two people, one record: a save says what it started from, and a lost race is told, never overwritten."""

import hashlib

from django.db import models


def fingerprint(text: str) -> str:
    """A short mark of the wording a person started from; line ends count once, however the browser sent them."""
    return hashlib.blake2s(text.replace("\r\n", "\n").encode(), digest_size=8).hexdigest()


class Conflict(Exception):
    """Somebody else changed the row first. `current` is the row as it is now."""

    def __init__(self, current: models.Model):
        super().__init__(f"{current._meta.label} {current.pk} changed meanwhile")
        self.current = current


class Versioned(models.Model):
    """A row that two people edit. Every change goes through `write` or `write_text`."""

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
        """Store one text field and return the wording it replaced.

        `started_from` is the fingerprint of the wording the writer saw. Changes to *other* fields of the row
        do not matter: the save moves on to the newer version. If this field has another wording by now, Conflict.
        """
        text = text.replace("\r\n", "\n")
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
