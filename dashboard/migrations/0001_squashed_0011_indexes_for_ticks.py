import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('dashboard', '0001_flags'),
        ('dashboard', '0002_digests'),
        ('dashboard', '0003_published'),
        ('dashboard', '0004_handover'),
        ('dashboard', '0005_handed_over_copy'),
        ('dashboard', '0006_flag_of_a_person'),
        ('dashboard', '0007_handed_over_is_a_record'),
        ('dashboard', '0008_rename_fields'),
        ('dashboard', '0009_weeks'),
        ('dashboard', '0010_overview_emails'),
        ('dashboard', '0011_indexes_for_ticks'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('mentoring', '0023_rules_off'),
    ]

    operations = [
        # The table of records.HandoverCopy, which 'records' takes over from this app and renames.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.CreateModel(
                    name='HandedOver',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=12)),
                        ('source', models.PositiveBigIntegerField()),
                        ('copy', models.PositiveBigIntegerField(null=True)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='handed_over', to='mentoring.pair')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('pair', 'kind', 'source'), name='handed_over_once')],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='MentorContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mentor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentor_contacts', to='mentoring.program')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='PublishedFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=12)),
                ('value', models.FloatField()),
                ('basis', models.JSONField()),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='published_figures', to='mentoring.program')),
            ],
            options={
                'ordering': ['published_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField()),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='digests', to='mentoring.program')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('program', 'user', 'due_on'), name='one_digest_a_week')],
            },
        ),
        migrations.CreateModel(
            name='Flag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('A1', 'No first session'), ('A2', 'No recent session'), ('A3', 'Repeatedly canceled or moved'), ('A4', 'No-show'), ('A5', 'Few commitments kept'), ('A6', 'Sessions end without a commitment'), ('A7', 'It is not going well'), ('A8', 'Pulse not answered'), ('A9', 'No working agreement'), ('A10', 'No goal, or none reviewed recently'), ('A11', 'No activity on one side'), ('A12', 'No closing session planned')], max_length=3)),
                ('level', models.CharField(choices=[('amber', 'amber'), ('red', 'red')], max_length=5)),
                ('facts', models.JSONField(default=dict)),
                ('cleared_at', models.DateTimeField(blank=True, null=True)),
                ('snoozed_until', models.DateField(blank=True, null=True)),
                ('snooze_reason', models.CharField(blank=True, max_length=200)),
                ('level_changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flags', to='mentoring.pair')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('snoozed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['pair', 'cleared_at'], name='dashboard_f_pair_id_32c812_idx'), models.Index(condition=models.Q(('cleared_at__isnull', True)), fields=['level_changed_at'], name='flags_by_change')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at__isnull', True), ('person__isnull', True)), fields=('pair', 'rule'), name='one_flag_of_a_rule'), models.UniqueConstraint(condition=models.Q(('cleared_at__isnull', True)), fields=('pair', 'rule', 'person'), name='one_flag_of_a_rule_and_person')],
            },
        ),
        migrations.CreateModel(
            name='OverviewEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('every', models.CharField(choices=[('week', 'every Monday'), ('month', 'on the first Monday of each month')], max_length=5)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring.program')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('program', 'user'), name='one_overview_email')],
            },
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('figures', models.JSONField(default=list)),
                ('funnel', models.JSONField(default=list)),
                ('taken_on', models.DateField()),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('load', models.JSONField(default=list)),
                ('states', models.JSONField(default=dict)),
                ('weeks', models.JSONField(default=list)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='snapshots', to='mentoring.program')),
            ],
            options={
                'ordering': ['-taken_on'],
                'constraints': [models.UniqueConstraint(fields=('program', 'taken_on'), name='one_snapshot_a_day')],
            },
        ),
    ]
