from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('goals', '0003_progress'),
    ]

    operations = [
        migrations.AddField(
            model_name='celebration',
            name='kept_off_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
