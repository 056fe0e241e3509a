import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('reminders', '0001_initial'),
        ('reminders', '0002_windows_and_choices'),
        ('reminders', '0003_indexes_by_state'),
        ('reminders', '0004_ticked_at'),
        ('reminders', '0005_topic_of_indicators'),
        ('reminders', '0006_digests'),
        ('reminders', '0007_clock_set_back'),
        ('reminders', '0008_invitations_that_were_sent'),
        ('reminders', '0009_wording_of_choices'),
        ('reminders', '0010_standard_field_names'),
        ('reminders', '0011_restored'),
        ('reminders', '0012_indexes_for_ticks'),
        ('reminders', '0013_topic_of_practices'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('mentoring', '0024_indexes_for_ticks'),
    ]

    operations = [
        migrations.CreateModel(
            name='Watermark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock_set_back_at', models.DateTimeField(blank=True, null=True)),
                ('clock_set_back_by', models.DurationField(blank=True, null=True)),
                ('last_run_at', models.DateTimeField(blank=True, null=True)),
                ('planned_until', models.DateTimeField()),
                ('missed_state', models.CharField(choices=[('planned', 'Planned'), ('sent', 'Sent'), ('canceled', 'Canceled'), ('expired', 'Expired'), ('failed', 'Failed'), ('unknown', 'Unknown'), ('held', 'Held')], default='held', max_length=8)),
                ('restored_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(default='mail', max_length=10)),
                ('due_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('expired', 'Expired'), ('canceled', 'Canceled'), ('unknown', 'Unknown')], default='waiting', max_length=8)),
                ('next_try_at', models.DateTimeField()),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('message_id', models.CharField(max_length=200, unique=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('is_bundle', models.BooleanField(default=False)),
                ('copies_sent', models.PositiveSmallIntegerField(default=0)),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['recipient', 'state'], name='reminders_d_recipie_c46505_idx'), models.Index(condition=models.Q(('is_bundle', True)), fields=['recipient', 'due_at'], name='delivery_bundles'), models.Index(fields=['state', 'next_try_at'], name='delivery_to_claim')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, unique=True)),
                ('kind', models.CharField(max_length=20)),
                ('subject', models.CharField(max_length=60)),
                ('due_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('sent', 'Sent'), ('canceled', 'Canceled'), ('expired', 'Expired'), ('failed', 'Failed'), ('unknown', 'Unknown'), ('held', 'Held')], default='planned', max_length=8)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('was_ignored', models.BooleanField(null=True)),
                ('delivery', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reminders', to='reminders.delivery')),
                ('pair', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='mentoring.pair')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'planned')), fields=['kind', 'pair'], name='reminder_planned'), models.Index(fields=['recipient', 'state', 'due_at'], name='reminders_r_recipie_b582e1_idx'), models.Index(condition=models.Q(('read_at', None)), fields=['recipient', 'due_at'], name='reminder_unread'), models.Index(fields=['state', 'delivery', 'due_at'], name='reminder_to_pack'), models.Index(fields=['state', 'was_ignored', 'due_at'], name='reminder_to_judge')],
            },
        ),
        migrations.CreateModel(
            name='Snooze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('subject', models.CharField(max_length=60)),
                ('ends_at', models.DateTimeField()),
                ('remind_again', models.BooleanField(default=True)),
                ('snoozed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('pair', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mentoring.pair')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='snoozes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['snoozed_at'], name='reminders_s_snoozed_15d057_idx')],
                'constraints': [models.UniqueConstraint(fields=('user', 'subject'), name='one_snooze_per_subject')],
            },
        ),
        migrations.CreateModel(
            name='TopicChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(choices=[('sessions', 'Before and after sessions'), ('commitments', 'Commitments'), ('check-ins', 'Check-ins'), ('indicators', 'Indicators you track'), ('practice', 'Practices you planned'), ('planning', 'Scheduling and working agreement'), ('program', 'Programs you run')], max_length=12)),
                ('mode', models.CharField(choices=[('once', 'By email, when it is due'), ('weekly', 'By email, once a week'), ('here', 'In the inbox only')], default='once', max_length=6)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='topic_choices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['mode'], name='reminders_t_mode_8d111c_idx')],
                'constraints': [models.UniqueConstraint(fields=('user', 'topic'), name='one_choice_per_topic')],
            },
        ),
    ]
