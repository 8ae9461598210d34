"""People, their sessions and wallets, and what they chose.

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
        ('accounts', '0003_nonces_without_session'),
        ('accounts', '0004_bot_sign_in'),
        ('accounts', '0005_preferences'),
        ('accounts', '0006_bot_access'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('login', models.CharField(max_length=80, unique=True)),
                ('telegram_id', models.BigIntegerField(blank=True, null=True, unique=True)),
                ('first_name', models.CharField(blank=True, max_length=128)),
                ('last_name', models.CharField(blank=True, max_length=128)),
                ('username', models.CharField(blank=True, help_text="Telegram's @name; may change", max_length=64)),
                ('language', models.CharField(blank=True, max_length=16)),
                ('photo_url', models.CharField(blank=True, max_length=500)),
                ('bot_access', models.CharField(choices=[('unknown', 'Not asked'), ('allowed', 'Allowed'), ('refused', 'Asked, and said no'), ('blocked', 'Bot blocked')], db_default='unknown', default='unknown', max_length=8)),
                ('is_staff', models.BooleanField(default=False)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('telegram_id__isnull', True), ('telegram_id__gt', 0), _connector='OR'), name='user_telegram_id_positive'),
                    models.CheckConstraint(condition=models.Q(('bot_access__in', ('unknown', 'allowed', 'refused', 'blocked'))), name='user_bot_access_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Preferences',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='preferences', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('language', models.CharField(blank=True, help_text="Empty: Telegram's", max_length=2)),
                ('currency', models.CharField(default='USD', help_text='ISO 4217', max_length=3)),
                ('theme', models.CharField(choices=[('system', 'As the device'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=6)),
                ('shown', models.BooleanField(default=True, help_text='By name in leaderboards')),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name_plural': 'preferences',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('theme__in', ('system', 'light', 'dark'))), name='preferences_theme_known'),
                    models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='preferences_currency_iso'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('miniapp', 'Mini App'), ('web', 'Web'), ('staff', 'Staff')], max_length=8)),
                ('context', models.CharField(choices=[('telegram', 'Telegram'), ('web', 'Web')], max_length=8)),
                ('start_param', models.CharField(blank=True, max_length=512)),
                ('auth_date', models.DateTimeField(blank=True, null=True)),
                ('device', models.CharField(blank=True, db_default='', max_length=80)),
                ('refresh_hash', models.CharField(max_length=64)),
                ('generation', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('refreshed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_reason', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ('miniapp', 'web', 'staff'))), name='session_kind_known'),
                    models.CheckConstraint(condition=models.Q(('context__in', ('telegram', 'web'))), name='session_context_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Wallet',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wallets', to=settings.AUTH_USER_MODEL)),
                ('address', models.CharField(help_text='Raw: 0:<64 hex digits>', max_length=66)),
                ('public_key', models.CharField(help_text='Ed25519, hex', max_length=64)),
                ('proved_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_reason', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [
                    models.Index(fields=['address'], name='wallet_address'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('address',), name='wallet_address_active_once'),
                    models.CheckConstraint(condition=models.Q(('address__regex', '^(0|-1):[0-9a-f]{64}$')), name='wallet_address_raw'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WalletNonce',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='wallet_nonces', to='accounts.session')),
                ('payload', models.CharField(max_length=64, unique=True)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['expires_at'], name='wallet_nonce_age'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BotSignIn',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('browser_hash', models.CharField(max_length=64)),
                ('number', models.CharField(help_text='Shown by the page and by the bot', max_length=2)),
                ('browser', models.CharField(help_text='What it called itself, in words', max_length=80)),
                ('state', models.CharField(choices=[('waiting', 'Waiting for the bot to be opened'), ('asked', 'Asked in Telegram'), ('allowed', 'Allowed'), ('denied', 'Denied'), ('used', 'Signed in')], default='waiting', max_length=8)),
                ('telegram_id', models.BigIntegerField(blank=True, null=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='bot_sign_ins', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [
                    models.Index(fields=['expires_at'], name='bot_sign_in_age'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'asked', 'allowed', 'denied', 'used'))), name='bot_sign_in_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('allowed', 'used')), _negated=True), ('user__isnull', False), _connector='OR'), name='bot_sign_in_allowed_by_somebody'),
                ],
            },
        ),
    ]
