from django.db import migrations


class Migration(migrations.Migration):
    """records.HandedOver has the table now."""

    dependencies = [("dashboard", "0006_flag_of_a_person"), ("records", "0001_initial")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="HandedOver")])]
