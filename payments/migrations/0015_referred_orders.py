from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Orders that came by somebody's link, newest first: leaders, and what looks like fraud."""

    atomic = False
    dependencies = [
        ('payments', '0014_reconciliation_runs'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(
                condition=models.Q(('referrer__isnull', False)),
                fields=['created_at'],
                name='order_referred',
            ),
        ),
    ]
