import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0007_handed_over_is_a_record"),
        ("mentoring", "0020_rewrite_labels"),
    ]

    operations = [
        migrations.RenameModel(old_name="Published", new_name="PublishedFigure"),
        migrations.RenameField(model_name="publishedfigure", old_name="at", new_name="published_at"),
        migrations.AlterModelOptions(name="publishedfigure", options={"ordering": ["published_at", "pk"]}),
        migrations.AlterField(
            model_name="publishedfigure",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="published_figures", to="mentoring.program"
            ),
        ),
        migrations.AlterModelOptions(
            name="mentorcontact",
            options={"ordering": ["-created_at"]},
        ),
        migrations.AlterModelOptions(
            name="snapshot",
            options={"ordering": ["-taken_on"]},
        ),
        migrations.RemoveConstraint(
            model_name="digest",
            name="one_digest_a_week",
        ),
        migrations.RemoveConstraint(
            model_name="snapshot",
            name="one_snapshot_a_day",
        ),
        migrations.RenameField(
            model_name="digest",
            old_name="monday",
            new_name="due_on",
        ),
        migrations.RenameField(
            model_name="digest",
            old_name="at",
            new_name="updated_at",
        ),
        migrations.RenameField(
            model_name="flag",
            old_name="level_at",
            new_name="level_changed_at",
        ),
        migrations.RenameField(
            model_name="flag",
            old_name="since",
            new_name="raised_at",
        ),
        migrations.RenameField(
            model_name="flag",
            old_name="nudged_at",
            new_name="reminded_at",
        ),
        migrations.RenameField(
            model_name="mentorcontact",
            old_name="at",
            new_name="created_at",
        ),
        migrations.RenameField(
            model_name="mentorcontact",
            old_name="by",
            new_name="created_by",
        ),
        migrations.RenameField(
            model_name="snapshot",
            old_name="on",
            new_name="taken_on",
        ),
        migrations.RenameField(
            model_name="snapshot",
            old_name="at",
            new_name="updated_at",
        ),
        migrations.AlterField(
            model_name="flag",
            name="rule",
            field=models.CharField(
                choices=[
                    ("A1", "No first session"),
                    ("A2", "No recent session"),
                    ("A3", "Repeatedly canceled or moved"),
                    ("A4", "No-show"),
                    ("A5", "Few commitments kept"),
                    ("A6", "Sessions end without a commitment"),
                    ("A7", "It is not going well"),
                    ("A8", "Pulse not answered"),
                    ("A9", "No working agreement"),
                    ("A10", "No goal, or none reviewed recently"),
                    ("A11", "No activity on one side"),
                    ("A12", "No closing session planned"),
                ],
                max_length=3,
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.UniqueConstraint(fields=("program", "user", "due_on"), name="one_digest_a_week"),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(fields=("program", "taken_on"), name="one_snapshot_a_day"),
        ),
    ]
