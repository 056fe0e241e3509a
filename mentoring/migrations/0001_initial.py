import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Pair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_on', models.DateField(verbose_name='started on')),
                ('ends_on', models.DateField(verbose_name='ends on')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('cadence', models.CharField(choices=[('weekly', 'every week'), ('2-weekly', 'every 2 weeks'), ('3-weekly', 'every 3 weeks'), ('monthly', 'every month')], default='2-weekly', max_length=10)),
                ('minutes', models.PositiveSmallIntegerField(default=60)),
                ('touched_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('mentee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pairs_as_mentee', to=settings.AUTH_USER_MODEL)),
                ('mentor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pairs_as_mentor', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='version')),
                ('purpose', models.TextField(blank=True, max_length=2000, verbose_name='What is this for?')),
                ('cadence', models.CharField(choices=[('weekly', 'every week'), ('2-weekly', 'every 2 weeks'), ('3-weekly', 'every 3 weeks'), ('monthly', 'every month')], default='2-weekly', max_length=10, verbose_name='How often do we meet?')),
                ('minutes', models.PositiveSmallIntegerField(default=60, validators=[django.core.validators.MinValueValidator(15), django.core.validators.MaxValueValidator(240)], verbose_name='For how many minutes?')),
                ('channel', models.CharField(blank=True, max_length=300, verbose_name='Where do we meet and write?')),
                ('reply_days', models.PositiveSmallIntegerField(default=2, verbose_name='We answer within (working days)')),
                ('move_hours', models.PositiveSmallIntegerField(default=24, verbose_name='We move a session at least (hours) ahead')),
                ('norms', models.TextField(blank=True, max_length=4000, verbose_name='How do we treat each other?')),
                ('feedback_style', models.CharField(choices=[('direct', 'direct'), ('gentle', 'gentle')], default='direct', max_length=6, verbose_name='Feedback, please')),
                ('feedback_place', models.CharField(choices=[('session', 'in the session'), ('written', 'in writing')], default='session', max_length=7, verbose_name='and')),
                ('confidentiality', models.TextField(blank=True, max_length=4000, verbose_name='What stays between us, and where does that end?')),
                ('ending', models.TextField(blank=True, max_length=2000, verbose_name='How do we end?')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agreements', to='mentoring.pair')),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_on', models.DateField()),
                ('resume_on', models.DateField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pauses', to='mentoring.pair')),
            ],
        ),
        migrations.CreateModel(
            name='Program',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('starts_on', models.DateField(verbose_name='starts on')),
                ('ends_on', models.DateField(verbose_name='ends on')),
                ('cadence', models.CharField(choices=[('weekly', 'every week'), ('2-weekly', 'every 2 weeks'), ('3-weekly', 'every 3 weeks'), ('monthly', 'every month')], default='2-weekly', max_length=10, verbose_name='how often pairs meet')),
                ('minutes', models.PositiveSmallIntegerField(default=60, validators=[django.core.validators.MinValueValidator(15), django.core.validators.MaxValueValidator(240)], verbose_name='length of a session in minutes')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='program_ends_after_it_starts')],
            },
        ),
        migrations.AddField(
            model_name='pair',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pairs', to='mentoring.program'),
        ),
        migrations.CreateModel(
            name='Enrollment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('mentor', 'mentor'), ('mentee', 'mentee'), ('admin', 'program admin')], max_length=6, verbose_name='role')),
                ('capacity', models.PositiveSmallIntegerField(default=2, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3)], verbose_name='mentees at most')),
                ('invited_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('invited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrollments', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrollments', to='mentoring.program')),
            ],
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='mentoring.agreement')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(fields=('pair', 'number'), name='one_agreement_per_number'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(('resume_on__gt', models.F('from_on'))), name='pause_resumes_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='pair',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('program', 'mentor', 'mentee'), name='one_active_pair_of_two_people', violation_error_message='These two are already a pair in this program.'),
        ),
        migrations.AddConstraint(
            model_name='pair',
            constraint=models.CheckConstraint(condition=models.Q(('mentor', models.F('mentee')), _negated=True), name='a_pair_is_two_people', violation_error_message='Nobody is their own mentor.'),
        ),
        migrations.AddIndex(
            model_name='enrollment',
            index=models.Index(fields=['user', 'role'], name='mentoring_e_user_id_8eda5c_idx'),
        ),
        migrations.AddIndex(
            model_name='enrollment',
            index=models.Index(condition=models.Q(('accepted_at', None)), fields=['invited_at'], name='enrollment_invited'),
        ),
        migrations.AddConstraint(
            model_name='enrollment',
            constraint=models.UniqueConstraint(fields=('program', 'user', 'role'), name='one_enrollment_per_role'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(fields=('agreement', 'user'), name='signs_once'),
        ),
    ]
