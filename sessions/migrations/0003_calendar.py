from zoneinfo import ZoneInfo

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def which_date_of_its_series(apps, schema_editor):
    """The date on which a session of a series was planned: where it was before its first move."""
    Session = apps.get_model('mentoring_sessions', 'Session')
    Move = apps.get_model('mentoring_sessions', 'SessionMove')
    first_moved_from = {}
    for session_id, at in Move.objects.order_by('-pk').values_list('session_id', 'from_at').iterator():
        first_moved_from[session_id] = at
    rows = Session.objects.exclude(series=None).select_related('series')
    for session in list(rows.only('local_start', 'series__zone', 'series__first_on')):
        at = first_moved_from.get(session.pk)
        on = at.astimezone(ZoneInfo(session.series.zone)).date() if at else session.local_start.date()
        if on.weekday() != session.series.first_on.weekday():
            on = session.local_start.date()
        Session.objects.filter(pk=session.pk).update(series_on=on)


class Migration(migrations.Migration):

    dependencies = [
        ('mentoring_sessions', '0002_check_ins_and_replies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='changed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='series_on',
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(which_date_of_its_series, migrations.RunPython.noop),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_read_on', models.DateField(blank=True, null=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feed', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
