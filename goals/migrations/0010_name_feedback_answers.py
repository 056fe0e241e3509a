from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("goals", "0009_index_of_work_events")]

    operations = [
        migrations.RenameField(model_name="feedbackanswer", old_name="more", new_name="frequency"),
        migrations.RenameField(model_name="feedbackanswer", old_name="keep", new_name="keep_doing"),
    ]
