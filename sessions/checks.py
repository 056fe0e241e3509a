"""Whether the keys of this installation open what is stored with them."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError

from config import secret_key
from core.fields import UnreadableText
from sessions.models import PrivateNote


@register(Tags.database)
def check_private_keys(app_configs, databases=None, **kwargs) -> list[Error]:
    """Refuse to start with a key that does not open the private writing in the database: people would write over it."""
    if "default" not in (databases or []):
        return []
    try:
        if not nothing_opens():
            return []
    except DatabaseError:  # not there yet, or not usable: other checks say so
        return []
    path = settings.DATA_DIR / "private_key"
    if path in secret_key.MADE:  # made a moment ago in place of the one that is missing
        path.unlink(missing_ok=True)
        secret_key.MADE.discard(path)
    return [
        Error(
            "No key opens the private writing in the database: the key it was written with is missing.",
            hint=f"Put it back from your backup as {path}, or name it in PRIVATE_KEYS; no new one is made.",
            id="throughline.E010",
        )
    ]


def nothing_opens() -> bool:
    """Whether there is private writing and none of the newest can be read."""
    closed = False
    for pk in PrivateNote.objects.order_by("-pk").values_list("pk", flat=True)[:50]:
        try:
            if PrivateNote.objects.values_list("text", flat=True).get(pk=pk):
                return False
        except UnreadableText:
            closed = True
    return closed
