from django.db import migrations, models

import accounts.models.user


def take_the_zone_of_its_first_admin(apps, schema_editor):
    """Dates of a program were read in each reader's zone; from now on in that of the person who began it."""
    Enrollment = apps.get_model("mentoring", "Enrollment")
    Program = apps.get_model("mentoring", "Program")
    zones = Enrollment.objects.filter(role="admin").order_by("-pk").values_list("program", "user__zone")
    for program, zone in dict(zones).items():
        Program.objects.filter(pk=program).update(zone=zone)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_calendar_by_mail"),
        ("mentoring", "0011_running_pairs_of_a_mentee"),
    ]

    operations = [
        migrations.AddField(
            model_name="program",
            name="zone",
            field=models.CharField(
                default="UTC",
                max_length=64,
                validators=[accounts.models.user.validate_zone],
                verbose_name="time zone of its dates",
            ),
        ),
        migrations.AlterField(
            model_name="program",
            name="open_until",
            field=models.DateField(
                blank=True,
                help_text=(
                    "The last day, in the time zone of the program, on which people can apply through a link. "
                    "Leave it empty to admit only people you invite."
                ),
                null=True,
                verbose_name="open for applications until",
            ),
        ),
        migrations.RunPython(take_the_zone_of_its_first_admin, migrations.RunPython.noop),
    ]
