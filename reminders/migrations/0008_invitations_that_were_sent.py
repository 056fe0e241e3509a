from django.db import migrations


def note_sent(apps, schema_editor):
    """Note on each invitation nobody has accepted yet when its email left."""
    Reminder, Enrollment = apps.get_model("reminders", "Reminder"), apps.get_model("mentoring", "Enrollment")
    rows = Reminder.objects.filter(kind="invitation", state="sent", delivery__sent_at__isnull=False)
    sent = {}
    for subject, at in rows.order_by("delivery__sent_at").values_list("subject", "delivery__sent_at"):
        sent[int(subject.rpartition(":")[2])] = at
    waiting = [row for row in Enrollment.objects.filter(accepted_at=None) if row.pk in sent]
    for row in waiting:
        row.invitation_sent_at = sent[row.pk]
    Enrollment.objects.bulk_update(waiting, ["invitation_sent_at"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0007_clock_set_back"),
        ("mentoring", "0016_invitation_sent_at"),
    ]

    operations = [migrations.RunPython(note_sent, migrations.RunPython.noop)]
