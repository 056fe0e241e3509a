from django.db import migrations

import core.fields
from core.folding import folded


def fold_stored_names(apps, schema_editor):
    Enrollment = apps.get_model("mentoring", "Enrollment")
    changed = []
    for row in Enrollment.objects.exclude(name="").only("pk", "name").iterator(chunk_size=2000):
        row.folded_name = folded(row.name)[:400]
        changed.append(row)
    Enrollment.objects.bulk_update(changed, ["folded_name"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_folded_name"),
        ("mentoring", "0017_acceptance"),
    ]

    operations = [
        migrations.AlterModelOptions(name="proposal", options={"ordering": ["mentee__folded_name", "pk"]}),
        migrations.AddField(
            model_name="enrollment",
            name="folded_name",
            field=core.fields.FoldedField(blank=True, default="", editable=False, max_length=400, source="name"),
        ),
        migrations.RunPython(fold_stored_names, migrations.RunPython.noop),
    ]
