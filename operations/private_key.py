"""Encrypt all private text with the newest private key, so that an older key can be removed.

Rows are read and written in batches. A text that has the newest key is skipped, so that an interrupted run continues
where it stopped. The older keys stay readable until they are removed from PRIVATE_KEYS.
"""

from collections import Counter
from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, TextField
from django.db.models.functions import Cast

from core.fields import Ciphertext, EncryptedTextField, cipher

AT_ONCE = 500  # rows read at a time
TOKEN = "gAAAA"  # the beginning of each encrypted text


class Rotation:
    """One run: what it found, as numbers of texts that are `done`, `new` already, and `unreadable`."""

    def __init__(self, *, dry_run: bool = False):
        self.dry_run, self.counts = dry_run, Counter()
        self.newest = Fernet(settings.PRIVATE_KEYS[0])

    def run(self) -> Counter:
        for model, field in encrypted_fields():
            self.rotate_field(model, field)
        self.rotate_second_factors()
        return self.counts

    def renewed(self, stored: str) -> str:
        """Return the text encrypted with the newest key, and count it; the same text if there is nothing to do."""
        mark = EncryptedTextField.MARK if stored.startswith(EncryptedTextField.MARK) else ""
        token = stored.removeprefix(mark).encode()
        try:
            self.newest.decrypt(token)
        except InvalidToken:
            pass
        else:
            self.counts["new"] += 1
            return stored
        try:
            renewed = mark + cipher().rotate(token).decode()
        except InvalidToken:
            self.counts["unreadable"] += 1
            return stored
        self.counts["done"] += 1
        return renewed

    def rotate_field(self, model: type[Model], field: EncryptedTextField) -> None:
        """Encrypt one field of all rows again; a text that somebody saves at that moment has the newest key anyway."""
        rows = model._base_manager.annotate(stored=Cast(F(field.name), TextField())).exclude(stored="")
        last = 0
        while batch := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "stored")[:AT_ONCE]):
            for pk, stored in batch:
                renewed = self.renewed(stored) if stored else stored
                if renewed != stored and not self.dry_run:
                    rows.filter(pk=pk, stored=stored).update(**{field.name: Ciphertext(renewed)})
            last = batch[-1][0]

    def rotate_second_factors(self) -> None:
        """Encrypt the secrets of authenticator apps and recovery codes again; a passkey has none.

        Each row is locked, so that a code that is used at this moment is not used again.
        """
        rows = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
        for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
            with transaction.atomic():
                for row in rows.select_for_update().filter(pk=pk):
                    data = self.rotate_values(row.data)
                    if data != row.data and not self.dry_run:
                        rows.filter(pk=pk).update(data=data)

    def rotate_values(self, value: object) -> object:
        if isinstance(value, dict):
            return {name: self.rotate_values(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.rotate_values(one) for one in value]
        return self.renewed(value) if isinstance(value, str) and value.startswith(TOKEN) else value


def encrypted_fields() -> Iterator[tuple[type[Model], EncryptedTextField]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field
