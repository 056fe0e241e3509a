from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('goals', '0004_kept_off_the_wall'),
    ]

    operations = [
        migrations.AddField(
            model_name='workitem',
            name='how_it_went',
            field=models.CharField(blank=True, max_length=500, verbose_name='How did it go?'),
        ),
        migrations.AddField(
            model_name='workitem',
            name='reviewed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
