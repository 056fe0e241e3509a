from django.db import migrations, models

from core.addresses import one_line


def names_on_one_line(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    for pk, name in User.objects.values_list("pk", "name").iterator(2000):
        if one_line(name) != name:
            User.objects.filter(pk=pk).update(name=one_line(name))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_single_keys_preference")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="short_name",
            field=models.CharField(blank=True, max_length=80, verbose_name="What should we call you?"),
        ),
        migrations.RunPython(names_on_one_line, migrations.RunPython.noop, elidable=True),
    ]
