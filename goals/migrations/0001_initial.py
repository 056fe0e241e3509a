import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('mentoring', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            name='WorkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=200, verbose_name='What is coming up?')),
                ('on', models.DateField(verbose_name='When?')),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
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
