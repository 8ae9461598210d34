"""What others told us, kept before it is understood.

The history before the first release, in one.
"""

import core.ids
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    # With 0001_initial, whose name it has: a database that has them all counts as migrated.
    replaces = [
        ('inbox', '0002_lanes'),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='InboxEvent',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=200)),
                ('headers', models.JSONField(default=dict)),
                ('body', models.BinaryField()),
                ('lane', models.CharField(blank=True, db_default='', default='', max_length=80)),
                ('number', models.BigIntegerField(blank=True, null=True)),
                ('state', models.CharField(choices=[('received', 'Received'), ('verified', 'Verified'), ('applied', 'Applied'), ('ignored', 'Ignored'), ('parked', 'Parked'), ('dead', 'Dead')], default='received', max_length=12)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('deliveries', models.PositiveIntegerField(default=1)),
                ('retry_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('handled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'parked')), fields=['retry_at'], name='inbox_due'),
                    models.Index(condition=models.Q(('state__in', ('received', 'verified'))), fields=['received_at'], name='inbox_open'),
                    models.Index(condition=models.Q(('number__isnull', False)), fields=['lane', 'number'], name='inbox_lane'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'key'), name='inbox_source_key'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('received', 'verified', 'applied', 'ignored', 'parked', 'dead'))), name='inbox_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'parked'), _negated=True), ('retry_at__isnull', False), _connector='OR'), name='inbox_parked_has_time'),
                ],
            },
        ),
    ]
