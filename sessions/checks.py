"""System check: the private keys of this installation can decrypt the private notes."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, models

from config import keys
from core.fields import EncryptedTextField, UnreadableText

NEWEST = 50  # rows that are tried


@register(Tags.database)
def check_private_keys(app_configs, databases=None, **kwargs) -> list[Error]:
    """Report an error if no key decrypts the private notes: people would overwrite them."""
    if "default" not in (databases or []):
        return []
    try:
        if not all_private_text_is_unreadable():
            return []
    except DatabaseError:  # no database yet, or not usable: other checks report that
        return []
    path = settings.DATA_DIR / "private_key"
    if path in keys.CREATED:  # created a moment ago because the right one is missing
        path.unlink(missing_ok=True)
        keys.CREATED.discard(path)
    return [
        Error(
            "No key decrypts the private notes in the database: the key they were written with is missing.",
            hint=f"Restore it from your backup as {path}, or set it in PRIVATE_KEYS. No new key is created.",
            id="throughline.E010",
        )
    ]


def all_private_text_is_unreadable() -> bool:
    """Return True if there is private text and none of the newest of any kind can be decrypted."""
    has_unreadable = False
    for model, field in encrypted_fields():
        for pk in model._base_manager.order_by("-pk").values_list("pk", flat=True)[:NEWEST]:
            try:
                if model._base_manager.values_list(field, flat=True).get(pk=pk):
                    return False
            except UnreadableText:
                has_unreadable = True
    return has_unreadable


def encrypted_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Yield each model with private text, and the name of the field."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field.name
