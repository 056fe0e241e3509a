from django.db import migrations

import core.fields
from core.folding import folded


def fold_stored_names(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    changed = []
    for user in User.objects.exclude(name="").only("pk", "name").iterator(chunk_size=2000):
        user.folded_name = folded(user.name)[:400]
        changed.append(user)
    User.objects.bulk_update(changed, ["folded_name"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_short_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="folded_name",
            field=core.fields.FoldedField(
                blank=True, db_index=True, default="", editable=False, max_length=400, source="name"
            ),
        ),
        migrations.RunPython(fold_stored_names, migrations.RunPython.noop),
    ]
