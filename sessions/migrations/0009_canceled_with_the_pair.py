from django.db import migrations
from django.db.models import F, Min, OuterRef, Subquery


def cancel_what_ended_pairs_had_planned(apps, schema_editor):
    """Store what calendars were told so far by rule: ending a pair cancels what is planned, as one more change.

    One more change of every single session and of every series, so that no calendar gets the same news twice.
    """
    Session, Pair = apps.get_model("mentoring_sessions", "Session"), apps.get_model("mentoring", "Pair")
    ended = Session.objects.filter(pair__ended_at__isnull=False)
    ended_at = Pair.objects.filter(pk=OuterRef("pair")).values("ended_at")[:1]
    planned = ended.filter(closed_at=None, canceled_at=None, skipped_at=None, started_at=None)
    planned.filter(starts_at__gt=F("pair__ended_at")).update(canceled_at=Subquery(ended_at))
    ended.filter(series=None).update(sequence=F("sequence") + 1)
    series = ended.exclude(series=None).order_by().values("series").annotate(first=Min("pk"))
    Session.objects.filter(pk__in=list(series.values_list("first", flat=True))).update(sequence=F("sequence") + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("mentoring", "0018_folded_names"),
        ("mentoring_sessions", "0008_check_in_replies"),
    ]

    operations = [
        migrations.RunPython(cancel_what_ended_pairs_had_planned, migrations.RunPython.noop, elidable=True),
    ]
