import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring", "0019_pair_ended_by"),
        ("records", "0001_initial"),
    ]

    operations = [
        migrations.RenameModel("HandedOver", "HandoverCopy"),
        migrations.RemoveConstraint("HandoverCopy", "handed_over_once"),
        migrations.RenameField("HandoverCopy", "source", "source_id"),
        migrations.RenameField("HandoverCopy", "copy", "copy_id"),
        migrations.RenameField("HandoverCopy", "at", "created_at"),
        migrations.AlterField(
            "HandoverCopy",
            "pair",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="handover_copies", to="mentoring.pair"
            ),
        ),
        migrations.AddConstraint(
            "HandoverCopy",
            models.UniqueConstraint(fields=("pair", "kind", "source_id"), name="handed_over_once"),
        ),
    ]
