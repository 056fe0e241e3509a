import core.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('mentoring_sessions', '0001_initial'),
        ('mentoring_sessions', '0002_check_ins_and_replies'),
        ('mentoring_sessions', '0003_calendar'),
        ('mentoring_sessions', '0004_indicators_and_competencies'),
        ('mentoring_sessions', '0005_planned_question'),
        ('mentoring_sessions', '0006_calling_off_together'),
        ('mentoring_sessions', '0007_private_text_names_its_row'),
        ('mentoring_sessions', '0008_check_in_replies'),
        ('mentoring_sessions', '0009_canceled_with_the_pair'),
        ('mentoring_sessions', '0010_rewrite_labels'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('goals', '0003_progress'),
        ('mentoring', '0018_folded_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgendaItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('topic', 'topic'), ('question', 'question')], default='topic', max_length=8)),
                ('block_type', models.CharField(choices=[('open', 'open'), ('learn', 'learn'), ('reflect', 'reflect'), ('apply', 'apply'), ('close', 'close')], default='learn', max_length=7)),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('title', models.CharField(max_length=300, verbose_name='What is it about?')),
                ('state', models.CharField(choices=[('open', 'open'), ('parked', 'parked'), ('discussed', 'discussed'), ('dropped', 'dropped')], default='open', max_length=9)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('position', models.PositiveIntegerField(default=0)),
                ('obstacle', models.TextField(blank=True, max_length=20000, verbose_name='What is in the way?')),
                ('tried', models.TextField(blank=True, max_length=20000, verbose_name='What have you tried?')),
                ('options', models.TextField(blank=True, max_length=20000, verbose_name='What options do you see?')),
                ('ideas', models.TextField(blank=True, max_length=20000, verbose_name='Ideas, advice')),
                ('kept_at', models.DateTimeField(blank=True, null=True)),
                ('talked_through_at', models.DateTimeField(blank=True, null=True)),
                ('replied_at', models.DateTimeField(blank=True, null=True)),
                ('reply', models.CharField(blank=True, max_length=500, verbose_name='Answer in one line')),
                ('from_item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='became', to='mentoring_sessions.agendaitem')),
                ('indicator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='topics', to='goals.indicator')),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='mentoring.pair')),
                ('raised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replied_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('work_item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='topics', to='goals.workitem')),
            ],
            options={
                'indexes': [models.Index(fields=['pair', 'state'], name='mentoring_s_pair_id_a9c10e_idx')],
            },
        ),
        migrations.CreateModel(
            name='AgendaTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('standard', 'session'), ('first', 'first session'), ('checkin', 'check-in'), ('reset', 'reset session'), ('closing', 'closing session')], default='standard', max_length=8, verbose_name='kind')),
                ('minutes', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(15), django.core.validators.MaxValueValidator(240)], verbose_name='minutes')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agenda_templates', to='mentoring.program')),
            ],
            options={
                'ordering': ['kind', '-minutes'],
                'constraints': [models.UniqueConstraint(fields=('program', 'kind', 'minutes'), name='one_template_per_kind_and_length')],
            },
        ),
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
        migrations.CreateModel(
            name='CheckIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('on_track', 'On track'), ('stuck', 'Stuck'), ('help', 'I need help')], max_length=8)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='What is it about?')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('replied_at', models.DateTimeField(blank=True, null=True)),
                ('reply', models.CharField(blank=True, max_length=300, verbose_name='Your answer in one line')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='check_ins', to='mentoring.pair')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['pair', '-at'], name='mentoring_s_pair_id_57081f_idx')],
            },
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('weekly', 'every week'), ('2-weekly', 'every 2 weeks'), ('3-weekly', 'every 3 weeks'), ('monthly', 'every month')], max_length=10, verbose_name='how often')),
                ('first_on', models.DateField(verbose_name='first on')),
                ('local_time', models.TimeField(verbose_name='at')),
                ('zone', models.CharField(max_length=64)),
                ('minutes', models.PositiveSmallIntegerField(default=60)),
                ('place', models.CharField(blank=True, max_length=500, verbose_name='place: a link or a room')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='series', to='mentoring.pair')),
            ],
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('standard', 'session'), ('first', 'first session'), ('checkin', 'check-in'), ('reset', 'reset session'), ('closing', 'closing session')], default='standard', max_length=8)),
                ('uid', models.UUIDField(editable=False, unique=True)),
                ('local_start', models.DateTimeField()),
                ('zone', models.CharField(max_length=64)),
                ('starts_at', models.DateTimeField(db_index=True)),
                ('ends_at', models.DateTimeField()),
                ('minutes', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(15), django.core.validators.MaxValueValidator(240)])),
                ('place', models.CharField(blank=True, max_length=500, verbose_name='place: a link or a room')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('canceled_at', models.DateTimeField(blank=True, null=True)),
                ('skipped_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('held_at', models.DateTimeField(blank=True, null=True)),
                ('logged_at', models.DateTimeField(blank=True, null=True)),
                ('sequence', models.PositiveIntegerField(default=0)),
                ('block_now', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('block_started_at', models.DateTimeField(blank=True, null=True)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('still_right_at', models.DateTimeField(blank=True, null=True)),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('none_this_time_at', models.DateTimeField(blank=True, null=True)),
                ('next_left_open_at', models.DateTimeField(blank=True, null=True)),
                ('takeaway', models.CharField(blank=True, max_length=500, verbose_name='What I take with me')),
                ('changed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('series_on', models.DateField(blank=True, editable=False, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item_now', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mentoring_sessions.agendaitem')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='mentoring.pair')),
                ('series', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sessions', to='mentoring_sessions.series')),
                ('skipped_for', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='skipped_sessions', to='mentoring.pause')),
            ],
            options={
                'indexes': [models.Index(fields=['pair', 'starts_at'], name='mentoring_s_pair_id_e4dbed_idx'), models.Index(fields=['pair', 'held_at'], name='mentoring_s_pair_id_9943e7_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(('canceled_at__isnull', True), ('skipped_at__isnull', True)), _connector='OR'), name='a_closed_session_was_not_called_off')],
            },
        ),
        migrations.CreateModel(
            name='PrivateNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', core.fields.EncryptedTextField(blank=True, max_length=20000, verbose_name='Only you')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='private_notes', to='mentoring.pair')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='private_notes', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('session__isnull', True)), fields=('pair', 'author'), name='one_lasting_note'), models.UniqueConstraint(condition=models.Q(('session__isnull', False)), fields=('session', 'author'), name='one_note_per_session')],
            },
        ),
        migrations.CreateModel(
            name='ItemOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('discussed', 'discussed'), ('parked', 'parked'), ('dropped', 'dropped'), ('carried', 'carried over')], max_length=9)),
                ('title', models.CharField(max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='mentoring_sessions.agendaitem')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'item'), name='one_outcome_per_session_and_item')],
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('intended', models.TextField(blank=True, max_length=20000, verbose_name='What was intended?')),
                ('happened', models.TextField(blank=True, max_length=20000, verbose_name='What happened?')),
                ('differently', models.TextField(blank=True, max_length=20000, verbose_name='What will be done differently next time?')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('commitment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='from_feedback', to='goals.commitment')),
                ('competency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.competency')),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='mentoring.pair')),
                ('work_item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.workitem')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='feedback', to='mentoring_sessions.session')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('type', models.CharField(choices=[('open', 'open'), ('learn', 'learn'), ('reflect', 'reflect'), ('apply', 'apply'), ('close', 'close')], max_length=7, verbose_name='type')),
                ('role', models.CharField(choices=[('arrive', 'arrive'), ('status', 'status update'), ('commitments', 'commitments since last time'), ('topic', 'topic, obstacle first'), ('feedback', 'three-question feedback'), ('apply', 'apply to a work event'), ('questions', 'questions, parking lot'), ('close', 'commit and close'), ('hopes', 'hopes and challenges'), ('direction', 'competencies and milestones'), ('agreement', 'how we work together'), ('cadence', 'how often we meet'), ('goals', 'goals: keep, change, drop'), ('notes', 'notes')], default='notes', max_length=11, verbose_name='what happens')),
                ('title', models.CharField(max_length=100, verbose_name='title')),
                ('minutes', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(240)], verbose_name='minutes')),
                ('question', models.CharField(blank=True, max_length=300, verbose_name='question to ask')),
                ('extended_minutes', models.PositiveSmallIntegerField(default=0)),
                ('actual_seconds', models.PositiveIntegerField(default=0)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True, max_length=20000, verbose_name='Shared notes')),
                ('planned_question', models.CharField(blank=True, max_length=300)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='mentoring_sessions.session')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('session', 'position'), name='blocks_in_order')],
            },
        ),
        migrations.CreateModel(
            name='SessionAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('met', models.BooleanField()),
                ('remark', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='mentoring_sessions.session')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'user'), name='one_answer_per_person')],
            },
        ),
        migrations.CreateModel(
            name='SessionCommitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='made_in', to='goals.commitment')),
                ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='led_to', to='mentoring_sessions.agendaitem')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='made', to='mentoring_sessions.session')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'commitment'), name='commitment_once_per_session')],
            },
        ),
        migrations.CreateModel(
            name='SessionMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_at', models.DateTimeField()),
                ('to_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='mentoring_sessions.session')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='SessionRating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('heard', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'not really'), (2, 'partly'), (3, 'mostly'), (4, 'fully')], null=True, verbose_name='I felt heard')),
                ('useful', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'not really'), (2, 'partly'), (3, 'mostly'), (4, 'fully')], null=True, verbose_name='This was useful')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='rating', to='mentoring_sessions.session')),
            ],
        ),
        migrations.CreateModel(
            name='SessionVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('timer_hidden_at', models.DateTimeField(blank=True, null=True)),
                ('change_seen_at', models.DateTimeField(blank=True, null=True)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='mentoring_sessions.session')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'user'), name='one_visit_per_person')],
            },
        ),
        migrations.CreateModel(
            name='StatusUpdate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('wins', models.TextField(blank=True, max_length=20000, verbose_name='Recent wins')),
                ('blocks', models.TextField(blank=True, max_length=20000, verbose_name='Ongoing blocks')),
                ('deadlines', models.TextField(blank=True, max_length=20000, verbose_name='Upcoming deadlines')),
                ('shared_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='status_update', to='mentoring_sessions.session')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StillRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('challenges', models.TextField(blank=True, max_length=20000, verbose_name='Current challenges')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='still_right', to='mentoring.pair')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('pair', 'number'), name='still_right_versions')],
            },
        ),
        migrations.CreateModel(
            name='TemplateBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('type', models.CharField(choices=[('open', 'open'), ('learn', 'learn'), ('reflect', 'reflect'), ('apply', 'apply'), ('close', 'close')], max_length=7, verbose_name='type')),
                ('role', models.CharField(choices=[('arrive', 'arrive'), ('status', 'status update'), ('commitments', 'commitments since last time'), ('topic', 'topic, obstacle first'), ('feedback', 'three-question feedback'), ('apply', 'apply to a work event'), ('questions', 'questions, parking lot'), ('close', 'commit and close'), ('hopes', 'hopes and challenges'), ('direction', 'competencies and milestones'), ('agreement', 'how we work together'), ('cadence', 'how often we meet'), ('goals', 'goals: keep, change, drop'), ('notes', 'notes')], default='notes', max_length=11, verbose_name='what happens')),
                ('title', models.CharField(max_length=100, verbose_name='title')),
                ('minutes', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(240)], verbose_name='minutes')),
                ('question', models.CharField(blank=True, max_length=300, verbose_name='question to ask')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='mentoring_sessions.agendatemplate')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('template', 'position'), name='template_blocks_in_order'), models.CheckConstraint(condition=models.Q(('minutes__gte', 1)), name='template_block_takes_time')],
            },
        ),
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=60)),
                ('text', models.TextField(blank=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wordings', to='mentoring.pair')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['pair', 'what'], name='mentoring_s_pair_id_70cb95_idx')],
            },
        ),
    ]
