from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("goals", "0007_rename_models"),
        ("mentoring_sessions", "0010_rewrite_labels"),
    ]

    operations = [
        migrations.RenameField("agendaitem", "work_item", "work_event"),
        migrations.RenameField("feedback", "work_item", "work_event"),
    ]
