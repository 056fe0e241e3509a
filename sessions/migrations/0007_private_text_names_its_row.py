import json

from cryptography.fernet import InvalidToken
from django.db import migrations

from core.fields import cipher

LABEL = "mentoring_sessions.privatenote"
READ = (
    "SELECT id, pair_id, session_id, author_id, text FROM mentoring_sessions_privatenote WHERE text <> '' ORDER BY id"
)
WRITE = "UPDATE mentoring_sessions_privatenote SET text = %s WHERE id = %s AND text = %s"


def name_rows(apps, schema_editor):
    """Encrypt each private note again together with whose it is. What no key opens stays as it is."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(READ)
        for pk, pair, session, author, stored in cursor.fetchall():
            if stored.startswith("2:"):
                continue
            try:
                text = cipher().decrypt(stored.encode()).decode()
            except InvalidToken:
                continue
            row = json.dumps([LABEL, "text", pair, session, author])
            sealed = "2:" + cipher().encrypt(json.dumps([row, text]).encode()).decode()
            cursor.execute(WRITE, [sealed, pk, stored])


class Migration(migrations.Migration):
    dependencies = [("mentoring_sessions", "0006_calling_off_together")]
    operations = [migrations.RunPython(name_rows, migrations.RunPython.noop)]
