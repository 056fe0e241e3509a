"""System check: the private keys of this installation can decrypt the private notes."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError

from config import keys
from core.fields import UnreadableText
from sessions.models import PrivateNote


@register(Tags.database)
def check_private_keys(app_configs, databases=None, **kwargs) -> list[Error]:
    """Report an error if no key decrypts the private notes: people would overwrite them."""
    if "default" not in (databases or []):
        return []
    try:
        if not all_notes_are_unreadable():
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


def all_notes_are_unreadable() -> bool:
    """Return True if there are private notes and none of the newest can be decrypted."""
    has_unreadable = False
    for pk in PrivateNote.objects.order_by("-pk").values_list("pk", flat=True)[:50]:
        try:
            if PrivateNote.objects.values_list("text", flat=True).get(pk=pk):
                return False
        except UnreadableText:
            has_unreadable = True
    return has_unreadable
