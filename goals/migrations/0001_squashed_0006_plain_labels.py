import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('goals', '0001_initial'),
        ('goals', '0002_milestones'),
        ('goals', '0003_progress'),
        ('goals', '0004_kept_off_the_wall'),
        ('goals', '0005_how_a_work_event_went'),
        ('goals', '0006_plain_labels'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('mentoring', '0019_pair_ended_by'),
    ]

    operations = [
        migrations.CreateModel(
            name='AdvocacyNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', models.TextField(max_length=4000, verbose_name='What have you seen them do?')),
                ('shown_at', models.DateTimeField(blank=True, null=True)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('pair', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='advocacy_note', to='mentoring.pair')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('text', models.CharField(max_length=500, verbose_name='What')),
                ('due_on', models.DateField(verbose_name='By when')),
                ('done_when', models.CharField(blank=True, max_length=300, verbose_name='Done when')),
                ('if_then', models.CharField(blank=True, max_length=300, verbose_name='If something gets in the way')),
                ('size', models.CharField(blank=True, choices=[('15m', '15 minutes or less'), ('1h', 'up to an hour'), ('half', 'up to half a day'), ('bigger', 'bigger')], max_length=6, verbose_name='Size')),
                ('state', models.CharField(choices=[('open', 'open'), ('done', 'done'), ('dropped', 'dropped'), ('split', 'split into parts')], default='open', max_length=7)),
                ('left_to_do', models.CharField(blank=True, max_length=300, verbose_name='What is left?')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='commitments', to='mentoring.pair')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='parts', to='goals.commitment')),
            ],
        ),
        migrations.CreateModel(
            name='CommitmentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('made', 'made'), ('partly', 'partly done'), ('moved', 'moved'), ('done', 'done'), ('dropped', 'dropped'), ('reworded', 'reworded'), ('split', 'split into parts')], max_length=8)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('on', models.DateField(null=True)),
                ('late', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('old_due_on', models.DateField(null=True)),
                ('new_due_on', models.DateField(null=True)),
                ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('version_after', models.PositiveIntegerField(default=1)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='goals.commitment')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Competency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='Name')),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='mentoring.program')),
            ],
            options={
                'verbose_name_plural': 'competencies',
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('dropped_at__isnull', True)), fields=('program', 'title'), name='competency_once_in_a_program', violation_error_message='This is already on the list.')],
            },
        ),
        migrations.AddField(
            model_name='commitment',
            name='competency',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='commitments', to='goals.competency'),
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=300, verbose_name='Goal')),
                ('why', models.CharField(blank=True, max_length=300, verbose_name='Why does it matter?')),
                ('measure', models.CharField(blank=True, max_length=300, verbose_name='How will we know?')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reached_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('competencies', models.ManyToManyField(blank=True, related_name='goals', to='goals.competency')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='goals', to='mentoring.pair')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='commitment',
            name='goal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='commitments', to='goals.goal'),
        ),
        migrations.CreateModel(
            name='Indicator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=200, verbose_name='Indicator')),
                ('kind', models.CharField(choices=[('rating', 'a rating from 1 to 5'), ('measure', 'a measurement'), ('sum', 'a count that adds up'), ('yes/no', 'yes or no')], default='rating', max_length=7, verbose_name='What kind of value?')),
                ('preset', models.CharField(blank=True, choices=[('quality', 'Task completion quality'), ('pulse', 'Stakeholder feedback'), ('speed', 'Speed of implementing changes')], max_length=7)),
                ('unit', models.CharField(blank=True, max_length=20, verbose_name='Unit')),
                ('who', models.CharField(choices=[('mentee', 'the mentee'), ('mentor', 'the mentor'), ('both', 'both of us')], default='mentee', max_length=6, verbose_name='Who enters the values?')),
                ('every_days', models.PositiveSmallIntegerField(blank=True, choices=[(7, 'every week'), (14, 'every two weeks'), (30, 'every month'), (56, 'every eight weeks')], default=14, null=True, verbose_name='How often?')),
                ('target', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='Target')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('touched_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='indicators', to='mentoring.pair')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(models.Q(('preset', ''), _negated=True), ('dropped_at__isnull', True)), fields=('pair', 'preset'), name='one_of_each_preset', violation_error_message='You already track this indicator.')],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('reached_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('title', models.CharField(max_length=200, verbose_name='Milestone')),
                ('by_on', models.DateField(blank=True, null=True, verbose_name='By when?')),
                ('goal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='goals.goal')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': [models.OrderBy(models.F('by_on'), nulls_last=True), 'pk'],
            },
        ),
        migrations.AddField(
            model_name='commitment',
            name='milestone',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='commitments', to='goals.milestone'),
        ),
        migrations.CreateModel(
            name='Celebration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('text', models.CharField(max_length=500, verbose_name='Kudos')),
                ('on_the_wall_at', models.DateTimeField(blank=True, null=True)),
                ('kept_off_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='celebrations', to='mentoring.pair')),
                ('goal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='celebrations', to='goals.goal')),
                ('milestone', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='celebrations', to='goals.milestone')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=300, verbose_name='What is different now?')),
                ('kind', models.CharField(choices=[('process', 'a way of working that changed'), ('skill', 'a skill that was shown'), ('work', 'a piece of work'), ('role', 'a step in the role')], default='skill', max_length=7, verbose_name='What is it?')),
                ('on', models.DateField(verbose_name='Since when?')),
                ('evidence_url', models.URLField(blank=True, max_length=500, verbose_name='Where can it be seen?')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('shared_with_program_at', models.DateTimeField(blank=True, null=True)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('commitment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='outcomes', to='goals.commitment')),
                ('competency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='outcomes', to='goals.competency')),
                ('goal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='outcomes', to='goals.goal')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='mentoring.pair')),
            ],
            options={
                'ordering': ['-on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plans', to='mentoring.pair')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Pivot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('kept', 'kept'), ('changed', 'changed'), ('dropped', 'dropped'), ('taken up', 'reopened')], max_length=8)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('was', models.TextField(blank=True)),
                ('now', models.TextField(blank=True)),
                ('why', models.CharField(blank=True, max_length=300, verbose_name='Why?')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('goal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='pivots', to='goals.goal')),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pivots', to='mentoring.pair')),
                ('plan', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='pivots', to='goals.plan')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('goal__isnull', False), ('plan__isnull', True)), models.Q(('goal__isnull', True), ('plan__isnull', False)), _connector='OR'), name='a_pivot_of_a_goal_or_a_plan')],
            },
        ),
        migrations.CreateModel(
            name='PlanVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('skill', models.CharField(max_length=200, verbose_name='Which skill?')),
                ('gap', models.TextField(blank=True, max_length=2000, verbose_name='What is missing today?')),
                ('level_now', models.PositiveSmallIntegerField(choices=[(1, '1 · new to me'), (2, '2 · with help'), (3, '3 · alone, on a good day'), (4, '4 · alone, reliably'), (5, '5 · others learn it from me')], verbose_name='Where are you now?')),
                ('level_target', models.PositiveSmallIntegerField(choices=[(1, '1 · new to me'), (2, '2 · with help'), (3, '3 · alone, on a good day'), (4, '4 · alone, reliably'), (5, '5 · others learn it from me')], verbose_name='Where do you want to be?')),
                ('resources', models.TextField(blank=True, max_length=2000, verbose_name='What helps?')),
                ('by_on', models.DateField(verbose_name='By when, realistically?')),
                ('review_weeks', models.PositiveSmallIntegerField(default=4, verbose_name='Review every … weeks')),
                ('why', models.CharField(blank=True, max_length=300, verbose_name='Why did it change?')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='goals.plan')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='plan_versions'), models.CheckConstraint(condition=models.Q(('level_now__range', (1, 5)), ('level_target__range', (1, 5))), name='plan_levels')],
            },
        ),
        migrations.CreateModel(
            name='Priority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='Name')),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='mentoring.program')),
            ],
            options={
                'verbose_name_plural': 'priorities',
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('dropped_at__isnull', True)), fields=('program', 'title'), name='priority_once_in_a_program', violation_error_message='This is already on the list.')],
            },
        ),
        migrations.AddField(
            model_name='goal',
            name='priorities',
            field=models.ManyToManyField(blank=True, related_name='goals', to='goals.priority'),
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(max_length=200, verbose_name='What should they look at?')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closes_on', models.DateField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pulses', to='mentoring.pair')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PulseAnswer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('more', models.PositiveSmallIntegerField(choices=[(1, 'much less'), (2, 'less'), (3, 'the same'), (4, 'more'), (5, 'much more')])),
                ('keep', models.TextField(blank=True, max_length=1000, verbose_name='One thing to keep doing')),
                ('change', models.TextField(blank=True, max_length=1000, verbose_name='One thing to change')),
                ('pulse', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='goals.pulse')),
            ],
        ),
        migrations.CreateModel(
            name='PulseInvite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('used', models.BooleanField(default=False)),
                ('pulse', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invites', to='goals.pulse')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='For which day?')),
                ('value', models.DecimalField(decimal_places=2, max_digits=12)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='Comment')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='goals.indicator')),
            ],
            options={
                'ordering': ['on', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('indicator', 'by', 'on'), name='one_reading_a_day')],
            },
        ),
        migrations.CreateModel(
            name='WorkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=200, verbose_name='What is coming up?')),
                ('on', models.DateField(verbose_name='When?')),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('needs', models.CharField(blank=True, max_length=300, verbose_name='What do you need for it?')),
                ('stakeholders', models.CharField(blank=True, max_length=300, verbose_name='Who has a stake in it?')),
                ('how_it_went', models.CharField(blank=True, max_length=500, verbose_name='How did it go?')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='work_items', to='mentoring.pair')),
            ],
            options={
                'ordering': ['on', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='commitment',
            name='work_item',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='commitments', to='goals.workitem'),
        ),
        migrations.AddIndex(
            model_name='commitment',
            index=models.Index(fields=['pair', 'state', 'due_on'], name='goals_commi_pair_id_200aff_idx'),
        ),
        migrations.AddIndex(
            model_name='commitment',
            index=models.Index(fields=['owner', 'state', 'due_on'], name='goals_commi_owner_i_dade3a_idx'),
        ),
        migrations.AddConstraint(
            model_name='commitment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='settled_commitments_say_when'),
        ),
    ]
