import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def forget_whose_answers(apps, schema_editor):
    """Flags about answers no longer count people; the next nightly run raises the flags of single persons."""
    flags = apps.get_model("dashboard", "Flag").objects.filter(rule="A7")
    flags.filter(level="amber").delete()
    flags.update(facts={})


class Migration(migrations.Migration):

    dependencies = [
        ('dashboard', '0005_handed_over_copy'),
        ('mentoring', '0011_running_pairs_of_a_mentee'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='flag',
            name='one_flag_of_a_rule',
        ),
        migrations.AddField(
            model_name='flag',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(forget_whose_answers, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.UniqueConstraint(condition=models.Q(('cleared_at__isnull', True), ('person__isnull', True)), fields=('pair', 'rule'), name='one_flag_of_a_rule'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.UniqueConstraint(condition=models.Q(('cleared_at__isnull', True)), fields=('pair', 'rule', 'person'), name='one_flag_of_a_rule_and_person'),
        ),
    ]
