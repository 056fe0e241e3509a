from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mentoring", "0022_agreement_version")]

    operations = [
        migrations.AddField(
            model_name="program",
            name="rules_off",
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
    ]
