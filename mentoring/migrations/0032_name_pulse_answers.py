from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mentoring", "0031_opportunities")]

    operations = [
        migrations.RemoveConstraint(model_name="pulseanswer", name="pulse_from_one_to_five"),
        migrations.RenameField(model_name="pulseanswer", old_name="worth", new_name="worthwhile"),
        migrations.RenameField(model_name="pulseanswer", old_name="open", new_name="openness"),
        migrations.AddConstraint(
            model_name="pulseanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(worthwhile__range=(1, 5), openness__range=(1, 5)), name="pulse_from_one_to_five"
            ),
        ),
    ]
