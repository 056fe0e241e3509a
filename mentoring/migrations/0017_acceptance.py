from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q


def keep_names_and_open_pairs(apps, schema_editor):
    """Keep the names that programs entered, and open each pair to the people who accepted.

    For a person in several programs it is unknown which one entered the name, so their address is shown until they
    accept. Somebody who left and was invited again had accepted before, so their ended pairs stay open to them.
    """
    enrollments = apps.get_model("mentoring", "Enrollment").objects
    pairs = apps.get_model("mentoring", "Pair").objects
    elsewhere = enrollments.filter(user=OuterRef("user")).exclude(program=OuterRef("program"))
    unknown = enrollments.filter(~Exists(elsewhere), accepted_at=None, user__last_login=None).exclude(user__name="")
    for row in unknown.select_related("user").only("user__name").iterator():
        enrollments.filter(pk=row.pk).update(name=row.user.name)
    for role in ("mentor", "mentee"):
        theirs = enrollments.filter(program=OuterRef("program"), user=OuterRef(role), role=role)
        accepted = theirs.filter(Q(accepted_at__isnull=False) | Q(invited_at__gt=OuterRef("ended_at")))
        pairs.filter(Exists(accepted)).update(**{f"{role}_joined": True})


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring", "0016_invitation_sent_at"),
    ]

    operations = [
        migrations.AddField("enrollment", "name", models.CharField(blank=True, max_length=200)),
        migrations.AddField("pair", "mentor_joined", models.BooleanField(default=False, editable=False)),
        migrations.AddField("pair", "mentee_joined", models.BooleanField(default=False, editable=False)),
        migrations.RunPython(keep_names_and_open_pairs, migrations.RunPython.noop, elidable=True),
    ]
