"""Model fields for encrypted private text, and for names folded for search and sorting."""

import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from core.folding import folded


@lru_cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    return _cipher(tuple(settings.PRIVATE_KEYS))


class UnreadableText(Exception):
    """Raised if no key in PRIVATE_KEYS decrypts a text, or if it was copied from another row."""


class Sealed(str):
    """Text with the identity of its row; `row` is empty for text stored before rows were identified."""

    row = ""

    def __new__(cls, text: str, row: str) -> "Sealed":
        sealed = super().__new__(cls, text)
        sealed.row = row
        return sealed


class Ciphertext(str):
    """Text that is encrypted already, and stored as it is (operations/private_key.py)."""


class EncryptedTextField(models.TextField):
    """Text field encrypted with PRIVATE_KEYS and readable only in the row it was written for.

    `bound_to` names the fields that identify the row. They are encrypted with the text and compared when the row is
    loaded (BoundText). Dumps and backups contain ciphertext.
    """

    MARK = "2:"  # prefix of ciphertext that includes its row

    def __init__(self, *args, bound_to: tuple[str, ...] = (), **kwargs):
        self.bound_to = bound_to
        super().__init__(*args, **kwargs)

    def name_of(self, row: models.Model) -> str:
        return json.dumps([row._meta.label_lower, self.name, *(getattr(row, name) for name in self.bound_to)])

    def seal(self, text: str, row: models.Model) -> Sealed:
        return Sealed(text, self.name_of(row))

    def pre_save(self, model_instance, add):
        text = super().pre_save(model_instance, add)
        return self.seal(text, model_instance) if text else text

    def get_prep_value(self, value):
        if isinstance(value, Ciphertext):
            return str(value)
        value = super().get_prep_value(value)
        if not value:
            return value
        if not isinstance(value, Sealed) or not value.row:  # queryset updates have no single row
            return cipher().encrypt(value.encode()).decode()
        return self.MARK + cipher().encrypt(json.dumps([value.row, value]).encode()).decode()

    def get_db_prep_save(self, value, connection):
        return self.get_prep_value(value)

    def from_db_value(self, value, expression, connection):
        if not value:
            return value
        names_row = value.startswith(self.MARK)
        try:
            text = cipher().decrypt(value.removeprefix(self.MARK).encode()).decode()
        except InvalidToken as error:
            raise UnreadableText("Private text was written with a key that is not in PRIVATE_KEYS.") from error
        row, text = json.loads(text) if names_row else ("", text)
        return Sealed(text, row)

    def get_lookup(self, lookup_name):
        if lookup_name not in ("isnull",):
            raise TypeError("Encrypted text cannot be searched in the database.")
        return super().get_lookup(lookup_name)


class BoundText(models.Model):
    """Abstract model that rejects encrypted text copied from another row."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        for field in cls._meta.concrete_fields:
            text = row.__dict__.get(field.attname)
            if not isinstance(field, EncryptedTextField) or not isinstance(text, Sealed):
                continue
            if text.row and text.row != field.name_of(row):
                raise UnreadableText(f"The private text of {row._meta.label} {row.pk} was written for another row.")
        return row

    def write(self, expected: int, **changes) -> None:
        for name, value in changes.items():
            field = self._meta.get_field(name)
            if isinstance(field, EncryptedTextField) and value:
                changes[name] = field.seal(value, self)
        super().write(expected, **changes)  # type: ignore[misc]  # of Versioned, which comes after this class


class FoldedField(models.CharField):
    """Folded copy of another field, for search and sorting; updated on every save.

    A save with `update_fields` must list it together with its source.
    """

    def __init__(self, source: str = "", **kwargs):
        self.source = source
        defaults: dict[str, Any] = {"max_length": 400, "blank": True, "editable": False, "default": ""}
        super().__init__(**(defaults | kwargs))

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"source": self.source}

    def pre_save(self, model_instance, add):
        value = folded(getattr(model_instance, self.source))[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value
