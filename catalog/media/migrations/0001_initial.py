"""Recordings with their uploads, keys and steps; pins and gateways.

The history before the first release, in one.
"""

import core.ids
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    # With 0001_initial, whose name it has: a database that has them all counts as migrated.
    replaces = [
        ('media', '0003_pin_busy'),
        ('media', '0004_gateway_release'),
        ('media', '0006_uploads'),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessKey',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('wrapped', models.BinaryField()),
                ('master', models.CharField(db_index=True, max_length=32)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('rewrapped_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Asset',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('master', 'Master'), ('stream', 'Stream'), ('preview', 'Preview'), ('clip', 'Clip'), ('cover', 'Cover'), ('picture', 'Sized cover'), ('metadata', 'Metadata')], max_length=16)),
                ('access', models.CharField(choices=[('open', 'Open'), ('holders', 'Holders only')], default='open', max_length=16)),
                ('cid', models.CharField(max_length=80, unique=True)),
                ('profile', models.CharField(default='unixfs-v1-262144-174', max_length=40)),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('size', models.BigIntegerField()),
                ('content_type', models.CharField(max_length=80)),
                ('storage_name', models.CharField(max_length=200)),
                ('leaves', models.BinaryField(default=bytes)),
                ('key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='media.accesskey')),
                ('nonce', models.BinaryField(blank=True, max_length=12, null=True)),
                ('width', models.PositiveIntegerField(blank=True, null=True)),
                ('height', models.PositiveIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['master', 'stream', 'preview', 'clip', 'cover', 'picture', 'metadata'])), name='asset_kind_known'),
                    models.CheckConstraint(condition=models.Q(('size__gte', 0)), name='asset_size_not_negative'),
                    models.CheckConstraint(condition=models.Q(models.Q(('access', 'open'), ('key__isnull', True), ('nonce__isnull', True)), models.Q(('access', 'holders'), ('key__isnull', False), ('nonce__isnull', False)), _connector='OR'), name='asset_holders_only_is_encrypted'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='media.asset')),
                ('width', models.PositiveIntegerField()),
                ('format', models.CharField(choices=[('avif', 'AVIF'), ('webp', 'WebP'), ('jpeg', 'JPEG')], max_length=8)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'width', 'format'), name='rendition_once_per_source'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pins', to='media.asset')),
                ('service', models.CharField(max_length=32)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('working', 'Being pinned'), ('pinned', 'Pinned'), ('lost', 'Lost'), ('failed', 'Failed'), ('leaving', 'To be unpinned'), ('gone', 'Unpinned')], default='waiting', max_length=12)),
                ('remote_id', models.CharField(blank=True, max_length=120)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                # Who sees to a pin says until when, so that nobody else does.
                ('busy_until', models.DateTimeField(blank=True, null=True)),
                ('pinned_at', models.DateTimeField(blank=True, null=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('leaving_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'gone'), _negated=True), fields=['due_at', 'id'], name='pin_due'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('asset', 'service'), name='pin_once_per_service'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'working', 'pinned', 'lost', 'failed', 'leaving', 'gone'])), name='pin_state_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Gateway',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=32, unique=True)),
                ('url', models.URLField()),
                ('tier', models.PositiveSmallIntegerField(default=0)),
                ('trustless', models.BooleanField(default=True)),
                ('enabled', models.BooleanField(default=True)),
                ('quarantined_at', models.DateTimeField(blank=True, null=True)),
                ('quarantine_reason', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ('tier', 'name'),
                # Who may let a gateway out of quarantine.
                'permissions': (('release_gateway', 'Can let a gateway out of quarantine'),),
            },
        ),
        migrations.CreateModel(
            name='GatewayMinute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gateway', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='minutes', to='media.gateway')),
                ('minute', models.DateTimeField()),
                ('requests', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('first_byte_ms', models.BigIntegerField(default=0)),
                ('bytes', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('gateway', 'minute'), name='gateway_minute_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='GatewayEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gateway', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='media.gateway')),
                ('kind', models.CharField(choices=[('opened', 'Circuit opened'), ('closed', 'Back in use'), ('quarantined', 'Quarantined'), ('released', 'Released')], max_length=12)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['gateway', '-id'], name='gateway_event_list'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['opened', 'closed', 'quarantined', 'released'])), name='gateway_event_kind_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to=settings.AUTH_USER_MODEL)),
                ('artist', models.UUIDField(db_index=True)),
                # What an upload is for; `metadata` is what its sender said about it.
                ('release', models.UUIDField(blank=True, db_index=True, null=True)),
                ('purpose', models.CharField(choices=[('audio', 'Audio'), ('cover', 'Cover')], max_length=8)),
                ('state', models.CharField(choices=[('receiving', 'Receiving'), ('received', 'Received'), ('taken', 'Taken in'), ('refused', 'Refused'), ('cancelled', 'Cancelled'), ('expired', 'Expired')], default='receiving', max_length=12)),
                ('filename', models.CharField(max_length=255)),
                ('length', models.BigIntegerField()),
                ('offset', models.BigIntegerField(default=0)),
                ('metadata', models.CharField(blank=True, db_default='', max_length=2000)),
                ('parts', models.JSONField(blank=True, default=list)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('touched_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'receiving')), fields=['expires_at'], name='upload_open'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['receiving', 'received', 'taken', 'refused', 'cancelled', 'expired'])), name='upload_state_known'),
                    models.CheckConstraint(condition=models.Q(('length__gt', 0), ('offset__gte', 0), ('offset__lte', models.F('length'))), name='upload_offset_in_range'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Recording',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('artist', models.UUIDField(db_index=True)),
                ('upload', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='recording', to='media.upload')),
                ('access', models.CharField(choices=[('open', 'Open'), ('holders', 'Holders only')], default='holders', max_length=16)),
                ('key', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='media.accesskey')),
                ('state', models.CharField(choices=[('waiting', 'Waiting for the file'), ('working', 'In the works'), ('ready', 'Ready'), ('refused', 'Refused'), ('failed', 'Failed')], default='waiting', max_length=12)),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('detail', models.CharField(blank=True, max_length=300)),
                ('duration_ms', models.PositiveIntegerField(default=0)),
                ('codec', models.CharField(blank=True, max_length=24)),
                ('sample_rate', models.PositiveIntegerField(blank=True, null=True)),
                ('channels', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('bit_depth', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('loudness', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('true_peak', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ('flags', models.JSONField(blank=True, default=list)),
                ('waveform', models.BinaryField(default=bytes)),
                ('preview_start_ms', models.PositiveIntegerField(default=0)),
                ('master', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('aac', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('opus', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('preview', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('ready_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'working', 'ready', 'refused', 'failed'])), name='recording_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('duration_ms__gt', 0), ('master__isnull', False), ('ready_at__isnull', False)), _connector='OR'), name='recording_ready_is_complete'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='media.recording')),
                ('name', models.CharField(choices=[('inspect', 'Checking the file'), ('master', 'Keeping the master'), ('streams', 'Making it playable'), ('preview', 'Cutting the preview'), ('publish', 'Publishing to IPFS')], max_length=16)),
                ('position', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=12)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ('position',),
                'constraints': [
                    models.UniqueConstraint(fields=('recording', 'name'), name='step_once_per_recording'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'failed'])), name='step_state_known'),
                ],
            },
        ),
    ]
