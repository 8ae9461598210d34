"""Who sees to a pin says until when, so that nobody else does."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0006_uploads'),
    ]

    operations = [
        migrations.AddField(
            model_name='pin',
            name='busy_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
