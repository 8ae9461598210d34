"""Codes, who came by them, campaigns, and what looks like fraud.

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
        ('referrals', '0002_campaigns_and_flags'),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Code',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='referral_code', to=settings.AUTH_USER_MODEL)),
                ('code', models.CharField(max_length=16, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Attribution',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='attribution', to=settings.AUTH_USER_MODEL)),
                ('referrer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='referred', to=settings.AUTH_USER_MODEL)),
                ('start_param', models.CharField(max_length=512)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('user', models.F('referrer')), _negated=True), name='attribution_not_self'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('rate_bps', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ('-starts_at', '-id'),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('starts_at__lte', models.F('ends_at'))), name='campaign_ends_after_start'),
                    models.CheckConstraint(condition=models.Q(('rate_bps__lte', 10000)), name='campaign_rate_a_share'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FraudFlag',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('attribution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='flags', to='referrals.attribution')),
                ('kind', models.CharField(choices=[('self_wallet', 'Referrer and buyer share a wallet'), ('ring', 'A ring of referrals'), ('same_payer', 'One wallet pays for several people'), ('velocity', 'Too many people in an hour'), ('fresh', 'Accounts made only to buy')], max_length=12)),
                ('state', models.CharField(choices=[('open', 'Waits for a decision'), ('cleared', 'Honest'), ('confirmed', 'Fraud')], default='open', max_length=10)),
                ('evidence', models.JSONField(default=dict)),
                ('found_at', models.DateTimeField(auto_now_add=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reason', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [
                    models.Index(condition=models.Q(('state', 'open')), fields=['-id'], name='flag_queue'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('attribution', 'kind'), name='flag_once'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('open', 'cleared', 'confirmed'))), name='flag_state_known'),
                    models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='flag_decided_whole'),
                ],
            },
        ),
    ]
