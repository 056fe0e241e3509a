import django.db.models.deletion
from django.db import migrations, models

NEW_KEYS = {"work_item_id": "work_event_id"}


def rename_stored_keys(apps, keys: dict[str, str]) -> None:
    """Rename the fields that the undo of a commitment's event writes back."""
    events = apps.get_model("goals", "CommitmentEvent").objects.exclude(before={})
    for event in events.iterator():
        if keys.keys() & event.before.keys():
            event.before = {keys.get(name, name): value for name, value in event.before.items()}
            event.save(update_fields=["before"])


class Migration(migrations.Migration):

    dependencies = [
        ("goals", "0006_plain_labels"),
        ("mentoring_sessions", "0010_rewrite_labels"),  # earlier ones name goals.WorkItem
    ]

    operations = [
        migrations.RenameModel("WorkItem", "WorkEvent"),
        migrations.AlterField(
            model_name="workevent",
            name="pair",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="work_events", to="mentoring.pair"),
        ),
        migrations.RenameField("commitment", "work_item", "work_event"),
        migrations.RenameModel("Pulse", "FeedbackRound"),
        migrations.RenameModel("PulseInvite", "FeedbackInvite"),
        migrations.RenameModel("PulseAnswer", "FeedbackAnswer"),
        migrations.AlterField(
            model_name="feedbackround",
            name="pair",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="feedback_rounds", to="mentoring.pair"),
        ),
        migrations.RenameField("feedbackinvite", "pulse", "feedback_round"),
        migrations.RenameField("feedbackanswer", "pulse", "feedback_round"),
        migrations.RunPython(
            lambda apps, editor: rename_stored_keys(apps, NEW_KEYS),
            lambda apps, editor: rename_stored_keys(apps, {new: old for old, new in NEW_KEYS.items()}),
        ),
    ]
