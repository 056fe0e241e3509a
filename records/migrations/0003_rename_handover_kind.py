from django.db import migrations
from django.db.models import Exists, OuterRef


def rename_kind(apps, before: str, after: str) -> None:
    copies = apps.get_model("records", "HandoverCopy").objects
    again = copies.filter(kind=after, pair=OuterRef("pair"), source_id=OuterRef("source_id"))
    copies.filter(~Exists(again), kind=before).update(kind=after)


def to_work_event(apps, editor) -> None:
    rename_kind(apps, "work_item", "work_event")


def to_work_item(apps, editor) -> None:
    rename_kind(apps, "work_event", "work_item")


class Migration(migrations.Migration):
    dependencies = [("records", "0002_rename_handed_over")]

    operations = [migrations.RunPython(to_work_event, to_work_item)]
