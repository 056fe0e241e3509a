from django.db import migrations, models

import accounts.whats_new


def skip_for_newcomers(apps, schema_editor):
    """There is no news for people who have not signed in yet."""
    apps.get_model("accounts", "User").objects.filter(last_login=None).update(news_seen="0.2.0")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_twelve_hour_clock")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="single_keys",
            field=models.BooleanField(default=True, verbose_name="single-key shortcuts"),
        ),
        migrations.AddField(
            model_name="user",
            name="week_start",
            field=models.PositiveSmallIntegerField(
                choices=[(7, "Sunday"), (1, "Monday"), (6, "Saturday")], default=7, verbose_name="first day of the week"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="news_seen",
            field=models.CharField(blank=True, default="", editable=False, max_length=20),
        ),
        migrations.AlterField(
            model_name="user",
            name="news_seen",
            field=models.CharField(
                blank=True, default=accounts.whats_new.newest_release, editable=False, max_length=20
            ),
        ),
        migrations.RunPython(skip_for_newcomers, migrations.RunPython.noop),
    ]
