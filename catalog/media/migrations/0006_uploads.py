"""What an upload is for, and what its sender said about it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0002_recordings'),
    ]

    operations = [
        migrations.AddField(
            model_name='upload',
            name='release',
            field=models.UUIDField(blank=True, db_index=True, null=True),
        ),
        migrations.AddField(
            model_name='upload',
            name='metadata',
            field=models.CharField(blank=True, max_length=2000, db_default=''),
        ),
    ]
