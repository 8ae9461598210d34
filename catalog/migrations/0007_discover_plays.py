"""What is heard these days, and what somebody heard last: found without reading all plays."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('catalog', '0007_discover'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='play',
            index=models.Index(fields=['day', 'track'], name='play_of_day'),
        ),
        AddIndexConcurrently(
            model_name='play',
            index=models.Index(fields=['listener', '-id'], name='play_of_listener'),
        ),
    ]
