"""Drops, their editions and transfers; splits of what a drop earns.

The history before the first release, in one.
"""

import core.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    # With 0001_initial, whose name it has: a database that has them all counts as migrated.
    replaces = [
        ('nft', '0004_transfers'),
    ]

    dependencies = [
        ('catalog', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Split',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='splits', to='catalog.release')),
                ('version', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Waits for confirmations'), ('confirmed', 'Confirmed by everybody'), ('frozen', 'Fixed in a drop'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10)),
                ('threshold', models.BigIntegerField(default=1000000000)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('changed_at', models.DateTimeField()),
                ('frozen_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.UniqueConstraint(fields=('release', 'version'), name='split_version_once'),
                    models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'confirmed'))), fields=('release',), name='split_one_open_per_release'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'confirmed', 'frozen', 'withdrawn'))), name='split_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'frozen'), _negated=True), ('frozen_at__isnull', False), _connector='OR'), name='split_frozen_since'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SplitShare',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('split', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='nft.split')),
                ('position', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=80)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='split_shares', to=settings.AUTH_USER_MODEL)),
                ('bps', models.PositiveIntegerField()),
                ('wallet', models.CharField(blank=True, max_length=66)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('split', 'position'),
                'constraints': [
                    models.UniqueConstraint(fields=('split', 'position'), name='split_share_place'),
                    models.UniqueConstraint(fields=('split', 'user'), name='split_share_once'),
                    models.CheckConstraint(condition=models.Q(('bps__gte', 1), ('bps__lte', 10000)), name='split_share_in_range'),
                    models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', True), models.Q(('user__isnull', False), models.Q(('wallet', ''), _negated=True)), _connector='OR'), name='split_share_confirmed_whole'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collections', to='catalog.release')),
                ('chain_id', models.BigIntegerField(default=core.ids.random_u63, unique=True)),
                ('address', models.CharField(max_length=66, unique=True)),
                ('owner', models.CharField(max_length=66)),
                ('payout', models.CharField(max_length=66)),
                ('hub', models.CharField(max_length=66)),
                ('split', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='collections', to='nft.split')),
                ('code_hash', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
                ('state_init', models.BinaryField()),
                ('deploy_body', models.BinaryField(default=bytes)),
                ('platform_bps', models.PositiveIntegerField()),
                ('royalty_bps', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('prepared', 'Prepared'), ('live', 'Live'), ('rejected', 'Rejected'), ('abandoned', 'Abandoned')], default='prepared', max_length=16)),
                ('limited', models.BooleanField(default=True)),
                ('payout_fixed', models.BooleanField(default=False)),
                ('rejected_reason', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('live_at', models.DateTimeField(blank=True, null=True)),
                ('price', models.BigIntegerField()),
                ('max_supply', models.BigIntegerField()),
                ('max_per_buy', models.PositiveIntegerField()),
                ('hub_quota', models.BigIntegerField(default=0)),
                ('hub_minted', models.BigIntegerField(default=0)),
                ('minted', models.BigIntegerField(default=0)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('paused', models.BooleanField(default=False)),
                ('terms_read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['state', '-starts_at', '-id'], name='collection_list'),
                    models.Index(fields=['state', 'terms_read_at'], name='collection_terms_age'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['prepared', 'live', 'rejected', 'abandoned'])), name='collection_state_known'),
                    models.CheckConstraint(condition=models.Q(('platform_bps__lte', 10000), ('royalty_bps__lt', 10000)), name='collection_shares_in_range'),
                    models.CheckConstraint(condition=models.Q(('max_supply', 0), ('minted__lte', models.F('max_supply')), _connector='OR'), name='collection_not_oversold'),
                    models.CheckConstraint(condition=models.Q(('hub_minted__gte', 0), ('hub_quota__gte', models.F('hub_minted')), ('price__gte', 0)), name='collection_counts_in_range'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'live'), _negated=True), ('live_at__isnull', False), _connector='OR'), name='collection_live_since'),
                    models.UniqueConstraint(condition=models.Q(('state__in', ['prepared', 'live'])), fields=('release',), name='collection_one_open_per_release'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='nft.collection')),
                ('index', models.BigIntegerField()),
                ('address', models.CharField(max_length=66, unique=True)),
                ('owner', models.CharField(max_length=66)),
                ('owner_read_at', models.DateTimeField()),
                ('acquired_at', models.DateTimeField()),
                ('minted_at', models.DateTimeField()),
            ],
            options={
                'indexes': [
                    models.Index(fields=['owner', '-acquired_at', '-id'], name='item_owner_list'),
                    models.Index(fields=['owner_read_at'], name='item_owner_age'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('collection', 'index'), name='item_index_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='nft.item')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='edition_transfers', to=settings.AUTH_USER_MODEL)),
                ('query_id', models.BigIntegerField(default=core.ids.random_u63, unique=True)),
                ('sender', models.CharField(max_length=66)),
                ('recipient', models.CharField(max_length=66)),
                ('amount', models.BigIntegerField()),
                ('state', models.CharField(choices=[('open', 'Waits for the wallet'), ('done', 'In the other wallet'), ('elsewhere', 'Went to another wallet'), ('expired', 'Not signed in time')], default='open', max_length=10)),
                ('created_at', models.DateTimeField()),
                ('valid_until', models.DateTimeField()),
                ('looked_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [
                    models.Index(fields=['user', '-id'], name='transfer_of_user'),
                    models.Index(fields=['recipient', '-id'], name='transfer_to_wallet'),
                    models.Index(condition=models.Q(('state', 'open')), fields=['looked_at'], name='transfer_open_age'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ('open', 'done', 'elsewhere', 'expired'))), name='transfer_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='transfer_finished_since'),
                    models.CheckConstraint(condition=models.Q(('sender', models.F('recipient')), _negated=True), name='transfer_to_somebody_else'),
                    models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('item', 'sender', 'recipient'), name='transfer_open_once'),
                ],
            },
        ),
    ]
