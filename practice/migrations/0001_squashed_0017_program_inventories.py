import core.fields
import datetime
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import practice.kinds
import practice.models.plan
import practice.models.rehearsal
import practice.models.stakeholder
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('practice', '0001_initial'),
        ('practice', '0002_plans'),
        ('practice', '0003_conversations'),
        ('practice', '0004_buddies'),
        ('practice', '0005_index_of_requests'),
        ('practice', '0006_experiments'),
        ('practice', '0007_mentoring_feedback'),
        ('practice', '0008_lessons_of_a_debrief'),
        ('practice', '0009_stakeholders'),
        ('practice', '0010_introductions'),
        ('practice', '0011_inventories'),
        ('practice', '0012_resources'),
        ('practice', '0013_index_of_shares'),
        ('practice', '0014_note_questions'),
        ('practice', '0015_self_reviews'),
        ('practice', '0016_opportunities'),
        ('practice', '0017_program_inventories'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('goals', '0009_index_of_work_events'),
        ('mentoring', '0031_opportunities'),
        ('mentoring_sessions', '0016_energy_check'),
    ]

    operations = [
        migrations.CreateModel(
            name='Buddies',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='buddies', to='mentoring.program')),
            ],
            options={
                'indexes': [models.Index(fields=['asked_at'], name='practice_bu_asked_a_2a6ff1_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('program', 'asked_by', 'other'), name='asked_once'), models.CheckConstraint(condition=models.Q(('asked_by', models.F('other')), _negated=True), name='buddies_are_two_people')],
            },
        ),
        migrations.CreateModel(
            name='BuddyUpdate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', core.fields.EncryptedTextField(max_length=280, verbose_name='A line or two')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reply', core.fields.EncryptedTextField(blank=True, max_length=280, verbose_name='Answer in one line')),
                ('replied_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('buddies', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='updates', to='practice.buddies')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=practice.kinds.kind_choices, max_length=20)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('written_at', models.DateTimeField(blank=True, null=True)),
                ('happens_on', models.DateField(blank=True, null=True, verbose_name='When is it?')),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='practice_entries', to=settings.AUTH_USER_MODEL)),
                ('commitment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='from_practice', to='goals.commitment')),
                ('competency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.competency', verbose_name='Competency')),
                ('goal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.goal', verbose_name='Goal')),
                ('learned_in', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='lessons', to='practice.entry')),
                ('pair', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='practice_entries', to='mentoring.pair', verbose_name='With')),
                ('part_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='practice.entry')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mentoring_sessions.session', verbose_name='Session')),
                ('topic', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='from_practice', to='mentoring_sessions.agendaitem')),
                ('work_event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.workevent', verbose_name='Work event')),
            ],
            options={
                'indexes': [models.Index(fields=['author', 'kind', 'created_at'], name='practice_en_author__88f856_idx')],
            },
        ),
        migrations.CreateModel(
            name='EntryText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('key', models.CharField(max_length=20)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('text', core.fields.EncryptedTextField(blank=True, max_length=20000, verbose_name='Text')),
                ('question', core.fields.EncryptedTextField(blank=True, default='', max_length=200)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='practice.entry')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('entry', 'key'), name='one_text_per_prompt')],
            },
        ),
        migrations.CreateModel(
            name='Experiment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.CharField(blank=True, choices=[('worked', 'it worked'), ('failed', 'failed, useful'), ('stopped', 'stopped at its limit')], max_length=7, verbose_name='How did it end?')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='experiment', to='practice.entry')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('result', '')), models.Q(models.Q(('result', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='ended_experiments_have_a_result')],
            },
        ),
        migrations.CreateModel(
            name='Introduction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('whom', core.fields.EncryptedTextField(max_length=200, verbose_name='Whom would you like to meet?')),
                ('why', core.fields.EncryptedTextField(blank=True, max_length=300, verbose_name='What would you like to learn from them?')),
                ('learned', core.fields.EncryptedTextField(blank=True, max_length=1000, verbose_name='What did you learn?')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_at', models.DateTimeField(blank=True, null=True)),
                ('talked_at', models.DateTimeField(blank=True, null=True)),
                ('learned_at', models.DateTimeField(blank=True, null=True)),
                ('moved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('commitment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='from_introduction', to='goals.commitment')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='introductions', to='mentoring.pair')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('dropped_at', None), ('learned_at', None)), fields=['moved_at'], name='introductions_waiting')],
            },
        ),
        migrations.CreateModel(
            name='InventoryRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('source', models.CharField(max_length=60)),
                ('marks', core.fields.EncryptedTextField(blank=True)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='inventory_run', to='practice.entry')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='InventoryPick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('competency', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='goals.competency')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='picks', to='practice.inventoryrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'key', 'competency'), name='picked_once')],
            },
        ),
        migrations.CreateModel(
            name='MentoringFeedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('after_sessions', models.PositiveSmallIntegerField()),
                ('skipped_at', models.DateTimeField(blank=True, null=True)),
                ('entry', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mentoring_feedback', to='practice.entry')),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentoring_feedback', to='mentoring.pair')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('pair', 'after_sessions'), name='mentoring_feedback_once')],
            },
        ),
        migrations.CreateModel(
            name='Opportunity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=200, verbose_name='What is it?')),
                ('text', models.TextField(max_length=1500, verbose_name='What will the mentee do?')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='Where?')),
                ('effort', models.CharField(blank=True, max_length=120, verbose_name='How much time does it take?')),
                ('apply_by', models.DateField(db_index=True, verbose_name='Last day to apply')),
                ('places', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='Number of places')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('orphaned_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('competency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.competency', verbose_name='Competency')),
                ('poster', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opportunities', to='mentoring.program')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OpportunityApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', core.fields.EncryptedTextField(blank=True, max_length=500, verbose_name='Why is this right for you?')),
                ('state', models.CharField(choices=[('waiting', 'waiting for an answer'), ('accepted', 'accepted'), ('declined', 'not this time'), ('withdrawn', 'withdrawn')], default='waiting', max_length=9)),
                ('answer', core.fields.EncryptedTextField(blank=True, max_length=300, verbose_name='Your answer, in one line')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('moved_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('applicant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opportunity_applications', to=settings.AUTH_USER_MODEL)),
                ('commitment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='from_opportunity', to='goals.commitment')),
                ('experiment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='from_opportunity', to='practice.entry')),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='applications', to='practice.opportunity')),
                ('pair', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='opportunities', to='mentoring.pair')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mentoring_sessions.agendaitem')),
            ],
            options={
                'ordering': ['created_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('opportunity', 'applicant'), name='one_application_each')],
            },
        ),
        migrations.CreateModel(
            name='PracticePlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(blank=True, choices=practice.models.plan.practice_choices, max_length=20, verbose_name='What')),
                ('title', core.fields.EncryptedTextField(blank=True, max_length=200, verbose_name='In one line')),
                ('per_week', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(7)], verbose_name='Times a week')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday'), (7, 'Sunday')], default=5, verbose_name='Day')),
                ('at', models.TimeField(default=datetime.time(16, 0), verbose_name='Time')),
                ('reminds', models.BooleanField(default=True, verbose_name='Remind me at that time, while the week’s target is open')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('skipped_week', models.DateField(blank=True, null=True)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='practice_plans', to='mentoring.pair')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='practice_plans', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('per_week__range', (1, 7))), name='practiced_one_to_seven_times'), models.CheckConstraint(condition=models.Q(('weekday__range', (1, 7))), name='practiced_on_a_weekday')],
            },
        ),
        migrations.CreateModel(
            name='PracticeTick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_on', models.DateField()),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ticks', to='practice.practiceplan')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'done_on'), name='one_tick_a_day')],
            },
        ),
        migrations.CreateModel(
            name='ProgramInventory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80, verbose_name='Title')),
                ('about', models.CharField(blank=True, max_length=300, verbose_name='What is it for?')),
                ('statements', models.TextField(blank=True, verbose_name='Statements')),
                ('least', models.CharField(blank=True, max_length=40, verbose_name='What 1 means')),
                ('most', models.CharField(blank=True, max_length=40, verbose_name='What 5 means')),
                ('number', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inventories', to='mentoring.program')),
            ],
        ),
        migrations.CreateModel(
            name='InventoryVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('inventory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='practice.programinventory')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('inventory', 'number'), name='one_version_of_each_number')],
            },
        ),
        migrations.CreateModel(
            name='Rehearsal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seat', models.CharField(choices=[('own', 'I play myself'), ('other', 'I play the other side')], default='own', max_length=5, verbose_name='Seat')),
                ('before', models.PositiveSmallIntegerField(choices=practice.models.rehearsal.confidence_choices, verbose_name='How confident are you now?')),
                ('after', models.PositiveSmallIntegerField(blank=True, choices=practice.models.rehearsal.confidence_choices, null=True, verbose_name='How confident are you after it?')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='rehearsal', to='practice.entry')),
            ],
        ),
        migrations.CreateModel(
            name='Resource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200, verbose_name='Title')),
                ('url', models.URLField(blank=True, max_length=500, verbose_name='Link')),
                ('kind', models.CharField(choices=[('course', 'course'), ('reading', 'reading'), ('community', 'community'), ('assignment', 'assignment')], default='reading', max_length=10, verbose_name='What is it?')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='In one line')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('competency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.competency', verbose_name='Competency')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resources', to='mentoring.program')),
            ],
        ),
        migrations.CreateModel(
            name='PairResource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', core.fields.EncryptedTextField(blank=True, max_length=200, verbose_name='Title')),
                ('url', core.fields.EncryptedTextField(blank=True, max_length=500, verbose_name='Link')),
                ('kind', models.CharField(choices=[('course', 'course'), ('reading', 'reading'), ('community', 'community'), ('assignment', 'assignment')], default='reading', max_length=10, verbose_name='What is it?')),
                ('why', core.fields.EncryptedTextField(blank=True, max_length=300, verbose_name='Why this one?')),
                ('status', models.CharField(blank=True, choices=[('', 'not decided yet'), ('planned', 'planned'), ('started', 'started'), ('finished', 'finished'), ('not', 'not for me')], max_length=8, verbose_name='How is it going?')),
                ('usefulness', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='How useful was it?')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('competency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.competency', verbose_name='Competency')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resources', to='mentoring.pair')),
                ('resource', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='practice.resource')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('dropped_at__isnull', True)), fields=('pair', 'resource'), name='resource_once_in_a_pair')],
            },
        ),
        migrations.CreateModel(
            name='SelfReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter_on', models.DateField()),
                ('skipped_at', models.DateTimeField(blank=True, null=True)),
                ('entry', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='self_review', to='practice.entry')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'quarter_on'), name='one_review_a_quarter')],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shared_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='practice.entry')),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='practice_shares', to='mentoring.pair')),
            ],
            options={
                'indexes': [models.Index(fields=['shared_at'], name='practice_sh_shared__1cea49_idx')],
                'constraints': [models.UniqueConstraint(fields=('entry', 'pair'), name='shared_once_per_pair')],
            },
        ),
        migrations.CreateModel(
            name='Stakeholder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', core.fields.EncryptedTextField(max_length=120, verbose_name='Person or group')),
                ('influence', models.PositiveSmallIntegerField(choices=practice.models.stakeholder.influence_choices, default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='How much influence do they have?')),
                ('support', models.PositiveSmallIntegerField(choices=practice.models.stakeholder.support_choices, default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='How much do they support it?')),
                ('matters', core.fields.EncryptedTextField(blank=True, max_length=2000, verbose_name='What matters to them?')),
                ('approach', core.fields.EncryptedTextField(blank=True, max_length=2000, verbose_name='How will I approach them?')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('commitment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='goals.commitment')),
                ('topic', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mentoring_sessions.agendaitem')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('influence__range', (1, 5)), ('support__range', (1, 5))), name='stakeholders_on_the_scales')],
            },
        ),
    ]
