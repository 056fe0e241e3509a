import accounts.models.user
import accounts.whats_new
import core.fields
import core.languages
import datetime
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_week_and_last_seen'),
        ('accounts', '0003_links_version'),
        ('accounts', '0004_mail_that_comes_back'),
        ('accounts', '0005_calendar_by_mail'),
        ('accounts', '0006_form_token_names_its_form'),
        ('accounts', '0007_audit_is_append_only'),
        ('accounts', '0008_addresses'),
        ('accounts', '0009_single_keys_preference'),
        ('accounts', '0010_short_name'),
        ('accounts', '0011_folded_name'),
        ('accounts', '0012_rename_fields'),
        ('accounts', '0013_twelve_hour_clock'),
        ('accounts', '0014_week_start_and_news'),
        ('accounts', '0015_language_of_the_installation'),
        ('accounts', '0016_practice_since'),
        ('accounts', '0017_second_factor'),
        ('accounts', '0018_close_and_erase'),
        ('accounts', '0019_sign_ins'),
        ('accounts', '0020_erasure_notices'),
        ('accounts', '0021_provisioned_people'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutboxMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sent_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('subject', models.CharField(max_length=500)),
                ('text', models.TextField()),
                ('html', models.TextField(blank=True)),
                ('headers', models.JSONField(default=dict)),
                ('recipients', models.CharField(max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='email')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('zone', models.CharField(default='UTC', max_length=64, validators=[accounts.models.user.validate_zone], verbose_name='time zone')),
                ('zone_confirmed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('works_from', models.TimeField(default=datetime.time(9, 0), verbose_name='working hours from')),
                ('works_until', models.TimeField(default=datetime.time(17, 0), verbose_name='until')),
                ('workdays', models.JSONField(default=accounts.models.user.monday_to_friday, verbose_name='working days')),
                ('language', models.CharField(default=core.languages.default_language, max_length=16, verbose_name='language')),
                ('clock', models.CharField(choices=[('24', '24 hours (16:00)'), ('12', '12 hours (4:00 PM)')], default='12', max_length=2, verbose_name='clock')),
                ('theme', models.CharField(choices=[('system', 'As the device'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=6, verbose_name='colors')),
                ('own_device', models.BooleanField(default=False, editable=False)),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('days_off', models.JSONField(blank=True, default=list, verbose_name='days off')),
                ('seen_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('touched_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False)),
                ('links_version', models.PositiveIntegerField(default=1, editable=False)),
                ('mail_suspended_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('calendar_mails', models.BooleanField(default=True, editable=False)),
                ('single_keys', models.BooleanField(default=True, verbose_name='single-key shortcuts')),
                ('short_name', models.CharField(blank=True, max_length=80, verbose_name='What should we call you?')),
                ('folded_name', core.fields.FoldedField(blank=True, db_index=True, default='', editable=False, max_length=400, source='name')),
                ('week_start', models.PositiveSmallIntegerField(choices=[(7, 'Sunday'), (1, 'Monday'), (6, 'Saturday')], default=7, verbose_name='first day of the week')),
                ('news_seen', models.CharField(blank=True, default=accounts.whats_new.newest_release, editable=False, max_length=20)),
                ('practice_since', models.DateTimeField(blank=True, editable=False, null=True)),
                ('has_second_factor', models.BooleanField(default=False, editable=False)),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('erase_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('erased_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('sessions_version', models.PositiveIntegerField(default=1, editable=False)),
                ('erase_waits_since', models.DateTimeField(blank=True, editable=False, null=True)),
                ('kept_until', models.DateField(blank=True, editable=False, null=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('erase_at__isnull', False)), fields=['erase_at'], name='people_to_erase'), models.Index(condition=models.Q(('kept_until__isnull', False)), fields=['kept_until'], name='people_to_warn'), models.Index(condition=models.Q(('erase_waits_since__isnull', False)), fields=['erase_waits_since'], name='people_not_erased')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_person_per_email')],
            },
            managers=[
                ('objects', accounts.models.user.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(default='ok', max_length=40)),
                ('action', models.CharField(max_length=60)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('subject', models.CharField(blank=True, max_length=100)),
                ('user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Bounce',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('is_permanent', models.BooleanField()),
                ('status', models.CharField(blank=True, max_length=40)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bounces', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='FormToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.UUIDField()),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('form', models.CharField(blank=True, max_length=200)),
                ('response', models.CharField(blank=True, max_length=500)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'token'), name='form_submitted_once')],
            },
        ),
        migrations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('demo', models.BooleanField(default=False)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('operator_name', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_installation')],
            },
        ),
        migrations.CreateModel(
            name='ProvisionedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_name', models.CharField(max_length=254)),
                ('external_id', models.CharField(blank=True, db_index=True, max_length=254)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='provisioned', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('user_name'), name='one_person_per_user_name')],
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_key', models.CharField(blank=True, max_length=40)),
                ('device_digest', models.CharField(blank=True, max_length=64)),
                ('browser', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('seen_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('new_device_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'seen_at'], name='accounts_si_user_id_b31583_idx'), models.Index(condition=models.Q(('new_device_at__isnull', False)), fields=['new_device_at'], name='sign_ins_on_new_devices')],
            },
        ),
        migrations.CreateModel(
            name='SignInFailure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('ip_digest', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['account_digest', 'created_at'], name='accounts_si_account_664b35_idx'), models.Index(fields=['ip_digest', 'created_at'], name='accounts_si_ip_dige_564dbd_idx')],
            },
        ),
    ]
