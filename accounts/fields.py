"""Private writing, encrypted in the database with keys kept outside it."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    return _cipher(tuple(settings.PRIVATE_KEYS))


class UnreadableText(Exception):
    """The key that wrote this text is not among PRIVATE_KEYS."""


class EncryptedTextField(models.TextField):
    """Text that only a process holding PRIVATE_KEYS can read; dumps and backups hold ciphertext."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value, expression, connection):
        if not value:
            return value
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise UnreadableText("Private text was written with a key that is not in PRIVATE_KEYS.") from error

    def get_lookup(self, lookup_name):
        if lookup_name not in ("isnull",):
            raise TypeError("Encrypted text cannot be searched in the database.")
        return super().get_lookup(lookup_name)
