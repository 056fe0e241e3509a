from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_sign_ins")]

    operations = [
        migrations.AddField("signin", "new_device_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "user", "erase_waits_since", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddField("user", "kept_until", models.DateField(blank=True, editable=False, null=True)),
        migrations.AddIndex(
            "signin",
            models.Index(
                fields=["new_device_at"],
                condition=models.Q(new_device_at__isnull=False),
                name="sign_ins_on_new_devices",
            ),
        ),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["kept_until"], condition=models.Q(kept_until__isnull=False), name="people_to_warn"
            ),
        ),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["erase_waits_since"],
                condition=models.Q(erase_waits_since__isnull=False),
                name="people_not_erased",
            ),
        ),
    ]
