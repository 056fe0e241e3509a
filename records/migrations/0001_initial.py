import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table stays where it is: it was the dashboard's before."""

    initial = True

    dependencies = [
        ("dashboard", "0006_flag_of_a_person"),
        ("mentoring", "0019_pair_ended_by"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="HandedOver",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                        ),
                        ("kind", models.CharField(max_length=12)),
                        ("source", models.PositiveBigIntegerField()),
                        ("copy", models.PositiveBigIntegerField(null=True)),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "pair",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="handed_over",
                                to="mentoring.pair",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "dashboard_handedover",
                        "constraints": [
                            models.UniqueConstraint(fields=("pair", "kind", "source"), name="handed_over_once")
                        ],
                    },
                ),
            ],
        ),
    ]
