from django.db import migrations


class Migration(migrations.Migration):
    """records.HandedOver has the table now; its migration needs the earlier one of this app, so this waits for none."""

    dependencies = [("dashboard", "0006_flag_of_a_person")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="HandedOver")])]
