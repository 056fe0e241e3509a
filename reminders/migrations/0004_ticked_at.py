from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("reminders", "0003_indexes_by_state"),
    ]

    operations = [
        migrations.RenameField("watermark", "read_all_at", "ticked_at"),
    ]
