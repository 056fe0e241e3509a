import django.db.models.deletion
from django.db import migrations, models

AUTHORS_AND_MOMENTS = {
    "agendaitem": {"raised_by": "created_by", "raised_at": "created_at"},
    "calendarfeed": {"made_at": "created_at"},
    "checkin": {"by": "created_by", "at": "created_at"},
    "feedback": {"by": "created_by", "at": "created_at"},
    "itemoutcome": {"at": "created_at"},
    "series": {"made_by": "created_by"},
    "session": {
        "made_by": "created_by",
        "made_at": "created_at",
        "ended_by": "called_off_by",
        "block_now": "current_block",
        "item_now": "current_item",
        "still_right_at": "still_right_confirmed_at",
        "none_this_time_at": "no_commitments_at",
    },
    "sessionanswer": {"at": "answered_at", "remark": "note"},
    "sessionmove": {"by": "created_by", "at": "created_at"},
    "sessionrating": {"at": "created_at"},
    "stillright": {"by": "created_by", "at": "created_at"},
    "textversion": {"what": "key", "by": "created_by", "at": "created_at"},
}


class Migration(migrations.Migration):
    dependencies = [("mentoring_sessions", "0011_rename_work_events")]

    operations = [
        migrations.RemoveIndex("checkin", "mentoring_s_pair_id_57081f_idx"),
        migrations.RemoveIndex("wording", "mentoring_s_pair_id_70cb95_idx"),
        migrations.RenameModel("Wording", "TextVersion"),
        *(
            migrations.RenameField(model, old, new)
            for model, names in AUTHORS_AND_MOMENTS.items()
            for old, new in names.items()
        ),
        migrations.AlterModelOptions("checkin", {"ordering": ["-created_at", "-pk"]}),
        migrations.AlterField(
            "textversion",
            "pair",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="text_versions", to="mentoring.pair"
            ),
        ),
        migrations.AddIndex(
            "checkin", models.Index(fields=["pair", "-created_at"], name="mentoring_s_pair_id_0da7c6_idx")
        ),
        migrations.AddIndex(
            "textversion", models.Index(fields=["pair", "key"], name="mentoring_s_pair_id_096eae_idx")
        ),
    ]
