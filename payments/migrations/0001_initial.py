"""Orders, attempts and what was promised for them; the ledger and all that is counted from it.

The history before the first release, in one.
"""

import core.database
import core.ids
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    # With 0001_initial, whose name it has: a database that has them all counts as migrated.
    replaces = [
        ('payments', '0003_off_chain_money'),
        ('payments', '0005_cases'),
        ('payments', '0006_payouts'),
        ('payments', '0007_provider_health'),
        ('payments', '0012_payout_lines'),
        ('payments', '0014_reconciliation_runs'),
        ('payments', '0015_referred_orders'),
    ]

    dependencies = [
        ('nft', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('query_id', models.BigIntegerField(default=core.ids.random_u63, editable=False, unique=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to=settings.AUTH_USER_MODEL)),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='nft.collection')),
                ('quantity', models.PositiveSmallIntegerField()),
                ('recipient', models.CharField(blank=True, max_length=66, null=True)),
                ('buyer', models.CharField(blank=True, max_length=66, null=True)),
                ('context', models.CharField(blank=True, max_length=8)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('gift', models.BooleanField(default=False)),
                ('asset', models.CharField(default='TON', max_length=8)),
                ('unit_price', models.BigIntegerField()),
                ('total', models.BigIntegerField()),
                ('platform_bps', models.PositiveIntegerField()),
                ('referrer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='referred_orders', to=settings.AUTH_USER_MODEL)),
                ('referral_bps', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('awaiting_payment', 'Awaiting payment'), ('paid', 'Paid'), ('fulfilling', 'Fulfilling'), ('fulfilled', 'Fulfilled'), ('expired', 'Expired'), ('cancelled', 'Cancelled'), ('needs_attention', 'Needs attention')], default='awaiting_payment', max_length=16)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('origin', models.CharField(choices=[('shop', 'Shop'), ('chain', 'Directly on chain')], default='shop', max_length=8)),
                ('first_index', models.BigIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField()),
                ('fulfilled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [
                    models.Index(fields=['user', '-id'], name='order_of_user'),
                    models.Index(condition=models.Q(('state', 'awaiting_payment')), fields=['expires_at'], name='order_due'),
                    models.Index(condition=models.Q(('state', 'needs_attention')), fields=['-id'], name='order_attention'),
                    models.Index(fields=['collection', 'first_index'], name='order_items'),
                    # Orders that came by somebody's link, newest first: leaders, and what looks like fraud.
                    models.Index(condition=models.Q(('referrer__isnull', False)), fields=['created_at'], name='order_referred'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ('awaiting_payment', 'paid', 'fulfilling', 'fulfilled', 'expired', 'cancelled', 'needs_attention'))), name='order_state_known'),
                    models.CheckConstraint(condition=models.Q(('origin__in', ('shop', 'chain'))), name='order_origin_known'),
                    models.CheckConstraint(condition=models.Q(('origin', 'chain'), ('user__isnull', False), _connector='OR'), name='order_shop_has_user'),
                    models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('total', django.db.models.expressions.CombinedExpression(models.F('unit_price'), '*', models.F('quantity'))), ('unit_price__gte', 0)), name='order_total_adds_up'),
                    models.CheckConstraint(condition=models.Q(('platform_bps__lte', 10000), ('referral_bps__lte', 10000)), name='order_shares_in_range'),
                    models.CheckConstraint(condition=models.Q(('referrer__isnull', False), ('referral_bps', 0), _connector='OR'), name='order_referral_whole'),
                    models.CheckConstraint(condition=models.Q(('origin', 'shop'), ('referrer__isnull', True), _connector='OR'), name='order_chain_earns_none'),
                    models.CheckConstraint(condition=models.Q(('referrer__isnull', True), models.Q(('user', models.F('referrer')), _negated=True), _connector='OR'), name='order_not_own_referrer'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'fulfilled'), _negated=True), models.Q(('buyer__isnull', False), ('first_index__isnull', False), ('fulfilled_at__isnull', False), ('recipient__isnull', False)), _connector='OR'), name='order_fulfilled_whole'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('cancelled', 'needs_attention')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='order_reason_given'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Rate',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asset', models.CharField(max_length=8)),
                ('micros', models.BigIntegerField()),
                ('source', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-at', '-id'),
                'indexes': [
                    models.Index(fields=['asset', '-at'], name='rate_latest'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('micros__gt', 0)), name='rate_positive'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('asset', models.CharField(max_length=8)),
                ('unit_price', models.BigIntegerField()),
                ('base_price', models.BigIntegerField()),
                ('rate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='payments.rate')),
                ('spread_bps', models.PositiveIntegerField(default=0)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('base_price__gte', 0), ('unit_price__gte', 0)), name='quote_prices_sane'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ListPrice',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='list_prices', to='nft.collection')),
                ('asset', models.CharField(max_length=8)),
                ('unit_price', models.BigIntegerField()),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('collection', 'asset'), name='list_price_once'),
                    models.CheckConstraint(condition=models.Q(('unit_price__gt', 0)), name='list_price_positive'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PaymentAttempt',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='payments.order')),
                ('provider', models.CharField(max_length=16)),
                ('acquirer', models.CharField(blank=True, max_length=16)),
                ('state', models.CharField(choices=[('created', 'Created'), ('submitting', 'Submitting'), ('open', 'Open'), ('unknown', 'Unknown'), ('processing', 'Processing'), ('confirmed', 'Confirmed'), ('failed', 'Failed'), ('expired', 'Expired'), ('cancelled', 'Cancelled')], default='created', max_length=12)),
                ('asset', models.CharField(max_length=8)),
                ('amount', models.BigIntegerField()),
                ('paid', models.BigIntegerField(blank=True, null=True)),
                ('fee', models.BigIntegerField(blank=True, null=True)),
                ('quote', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='payments.quote')),
                ('key', models.CharField(blank=True, max_length=64)),
                ('reference', models.CharField(blank=True, max_length=128, null=True)),
                ('wallet', models.CharField(blank=True, max_length=66)),
                ('valid_until', models.DateTimeField()),
                ('handoff', models.JSONField(default=dict)),
                ('external_id', models.CharField(blank=True, max_length=128, null=True)),
                ('chain_lt', models.BigIntegerField(blank=True, null=True)),
                ('flags', models.JSONField(blank=True, default=list)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('poll_at', models.DateTimeField(blank=True, null=True)),
                ('polls', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('receipted_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [
                    models.Index(condition=models.Q(('receipted_at__isnull', True), ('state', 'confirmed')), fields=['confirmed_at'], name='attempt_receipt_due'),
                    models.Index(condition=models.Q(('state__in', ('created', 'submitting', 'open', 'unknown', 'processing'))), fields=['valid_until'], name='attempt_due'),
                    models.Index(condition=models.Q(('poll_at__isnull', False)), fields=['poll_at'], name='attempt_poll'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ('created', 'submitting', 'open', 'unknown', 'processing', 'confirmed', 'failed', 'expired', 'cancelled'))), name='attempt_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('confirmed_at__isnull', False), ('external_id__isnull', False), ('paid__isnull', False)), _connector='OR'), name='attempt_confirmed_whole'),
                    models.CheckConstraint(condition=models.Q(('amount__gte', 0), models.Q(('paid__isnull', True), ('paid__gte', 0), _connector='OR')), name='attempt_amounts_sane'),
                    models.UniqueConstraint(fields=('provider', 'external_id'), name='attempt_external_once'),
                    models.UniqueConstraint(fields=('acquirer', 'reference'), name='attempt_known_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PaymentEvent',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='payments.order')),
                ('attempt', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='payments.paymentattempt')),
                ('from_state', models.CharField(blank=True, max_length=16)),
                ('to_state', models.CharField(max_length=16)),
                ('cause', models.CharField(max_length=160)),
                ('details', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('missed', 'A payment that nobody told us of'), ('unknown_payment', "A provider's payment that we do not know"), ('balance', 'A balance that differs from the ledger'), ('chain_totals', 'The hub counts other settlements than we'), ('payout', 'The hub paid out what nobody approved'), ('supply', 'A drop has minted more or less than we know of'), ('snapshot', 'A stored balance that differs from its entries'), ('report', "A line of a provider's report that we cannot place")], max_length=16)),
                ('source', models.CharField(max_length=16)),
                ('key', models.CharField(max_length=160)),
                ('ours', models.CharField(blank=True, max_length=80)),
                ('theirs', models.CharField(blank=True, max_length=80)),
                ('details', models.JSONField(default=dict)),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('seen_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('note', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('kind', 'source', 'key'), name='case_open_once'),
                ],
            },
        ),
        # Runs of reconciliation, so that the desk can show how far one is and what it found.
        migrations.CreateModel(
            name='ReconciliationRun',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('waiting', 'Waits for the worker'), ('running', 'Running'), ('done', 'Done'), ('given_up', 'Given up')], default='waiting', max_length=8)),
                ('sides', models.JSONField(default=list)),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('began_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'running', 'done', 'given_up'))), name='reconciliation_state_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('hub', models.CharField(max_length=66)),
                ('number', models.BigIntegerField()),
                ('provider', models.CharField(max_length=16)),
                ('method', models.PositiveSmallIntegerField()),
                ('asset', models.CharField(max_length=8)),
                ('orders_sha256', models.CharField(max_length=64)),
                ('body', models.BinaryField()),
                ('value', models.BigIntegerField()),
                ('state', models.CharField(choices=[('built', 'Built'), ('signing', 'With the signer'), ('sent', 'Sent'), ('accepted', 'On chain'), ('done', 'Done')], default='built', max_length=8)),
                ('signer', models.CharField(blank=True, max_length=16)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('valid_until', models.DateTimeField(blank=True, null=True)),
                ('message_hash', models.CharField(blank=True, max_length=64)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('hub_hash', models.CharField(blank=True, max_length=64)),
                ('hub_lt', models.BigIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-number',),
                'constraints': [
                    models.UniqueConstraint(fields=('hub', 'number'), name='settlement_number_once'),
                    models.UniqueConstraint(condition=models.Q(('state__in', ('built', 'signing', 'sent', 'accepted'))), fields=('hub',), name='settlement_one_under_way'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('built', 'signing', 'sent', 'accepted', 'done'))), name='settlement_state_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SettlementPart',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='payments.settlement')),
                ('number', models.PositiveSmallIntegerField()),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='nft.collection')),
                ('count', models.PositiveSmallIntegerField()),
                ('gross', models.BigIntegerField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('minted', 'Minted'), ('returned', 'Returned')], default='open', max_length=8)),
                ('first_index', models.BigIntegerField(blank=True, null=True)),
                ('hash', models.CharField(blank=True, max_length=64)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('settlement', 'number'),
                'constraints': [
                    models.UniqueConstraint(fields=('settlement', 'number'), name='settlement_part_once'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('open', 'minted', 'returned'))), name='settlement_part_state_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ClaimRight',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='claim', to='payments.order')),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='nft.collection')),
                ('holder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to=settings.AUTH_USER_MODEL)),
                ('quantity', models.PositiveSmallIntegerField()),
                ('provider', models.CharField(max_length=16)),
                ('asset', models.CharField(max_length=8)),
                ('gross', models.BigIntegerField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('settling', 'In a settlement'), ('settled', 'Settled'), ('revoked', 'Revoked')], default='open', max_length=8)),
                ('hold_until', models.DateTimeField()),
                ('frozen', models.BooleanField(default=False)),
                ('recipient', models.CharField(blank=True, max_length=66)),
                ('part', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='payments.settlementpart')),
                ('first_index', models.BigIntegerField(blank=True, null=True)),
                ('gift_hash', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('gift_expires_at', models.DateTimeField(blank=True, null=True)),
                ('gift_note', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('id',),
                'indexes': [
                    models.Index(condition=models.Q(('state', 'open')), fields=['hold_until'], name='claim_due'),
                    models.Index(fields=['holder', '-id'], name='claim_of_holder'),
                    models.Index(condition=models.Q(('holder__isnull', True), ('state', 'open')), fields=['gift_expires_at'], name='claim_gift_due'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ('open', 'settling', 'settled', 'revoked'))), name='claim_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('settling', 'settled')), _negated=True), models.Q(('holder__isnull', False), ('part__isnull', False), models.Q(('recipient', ''), _negated=True)), _connector='OR'), name='claim_settling_whole'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'settled'), _negated=True), models.Q(('first_index__isnull', False), ('settled_at__isnull', False)), _connector='OR'), name='claim_settled_whole'),
                    models.CheckConstraint(condition=models.Q(('holder__isnull', False), models.Q(('gift_expires_at__isnull', False), ('gift_hash__isnull', False)), _connector='OR'), name='claim_unheld_is_gift'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SettlementLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payments.settlementpart')),
                ('position', models.PositiveSmallIntegerField()),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payments.claimright')),
                ('recipient', models.CharField(max_length=66)),
                ('quantity', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ('part', 'position'),
                'constraints': [
                    models.UniqueConstraint(fields=('part', 'position'), name='settlement_line_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ProviderHealth',
            fields=[
                ('acquirer', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('closed', 'Answers'), ('open', 'Does not answer'), ('trying', 'Being asked again')], default='closed', max_length=8)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('probes', models.PositiveIntegerField(default=0)),
                ('probe_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=80)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'db_table': 'provider_health',
                'ordering': ('acquirer',),
                'verbose_name_plural': 'provider health',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state', 'closed'), models.Q(('opened_at__isnull', False), ('probe_at__isnull', False)), _connector='OR'), name='health_open_is_asked_again'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LedgerAccount',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('asset', models.CharField(max_length=8)),
                ('kind', models.CharField(choices=[('ton_hot', "The hub's coins"), ('artist_direct', 'Paid to the artist on chain'), ('artist_revenue', "Artist's revenue"), ('platform_revenue', "Platform's revenue"), ('referral_payable', 'Owed to a referrer'), ('hub_gas', 'Gas money that the hub did not need'), ('psp_clearing', 'At the provider, not paid out to us yet'), ('bank', 'At the bank'), ('order_liability', 'Paid for and not delivered'), ('refunds_due', 'On its way back to a buyer'), ('telegram_share', "Telegram's share of Stars"), ('psp_fees', "Providers' fees"), ('tax_vat', 'VAT owed'), ('artist_payable', 'Owed to artists and collaborators'), ('dispute_reserve', 'Withheld because of disputes'), ('payouts_in_flight', 'Approved and not confirmed'), ('fx', 'Exchanged between assets'), ('rounding', 'Rounding'), ('losses', 'Losses: disputes lost, goodwill'), ('rule_difference', 'Fees and shares that differ from our rules')], max_length=32)),
                ('owner', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('asset', 'kind', 'owner'), name='account_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('kind', models.CharField(choices=[('sale', 'Sale'), ('reversal', 'Reversal'), ('payment', 'Payment'), ('refund', 'Refund'), ('dispute', 'Dispute'), ('fee', 'Fee'), ('clearing', 'Paid out by a provider'), ('payout', 'Payout'), ('exchange', 'Exchange'), ('correction', 'Correction'), ('gas', 'Gas')], max_length=24)),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.order')),
                ('attempt', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='payments.paymentattempt')),
                ('memo', models.CharField(blank=True, max_length=200)),
                ('posted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                # Entries carry the day they count for: a closed month takes none.
                ('accounting_on', models.DateField(db_default=core.database.TodayUTC(), editable=False)),
            ],
            options={
                'ordering': ('-id',),
                'verbose_name_plural': 'ledger entries',
                'indexes': [
                    models.Index(fields=['accounting_on', 'id'], name='entry_accounting_on'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Leg',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='payments.ledgerentry')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='payments.ledgeraccount')),
                ('asset', models.CharField(max_length=8)),
                ('amount', models.BigIntegerField()),
                ('xact', models.BigIntegerField(db_default=core.database.CurrentTransaction(), editable=False)),
            ],
            options={
                'indexes': [
                    # Balances read in constant time: legs know their transaction, sums up to one are kept.
                    models.Index(fields=['account', 'xact'], include=('amount',), name='leg_of_account'),
                    models.Index(fields=['xact'], name='leg_by_transaction'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='leg_moves_something'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LedgerSnapshot',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('cluster', models.BigIntegerField()),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='payments.ledgeraccount')),
                ('asset', models.CharField(max_length=8)),
                ('up_to', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('legs', models.BigIntegerField()),
                ('taken_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('account__isnull', False)), fields=('account', 'cluster', 'up_to'), name='snapshot_once'),
                    models.UniqueConstraint(condition=models.Q(('account__isnull', True)), fields=('asset', 'cluster', 'up_to'), name='snapshot_of_asset_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PayoutChoice',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='payout_choice', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('in_coins', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='PayoutBatch',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('ton', 'The hub, on chain'), ('export', 'A file')], max_length=8)),
                ('asset', models.CharField(max_length=8)),
                ('state', models.CharField(choices=[('draft', 'Waits for a second person'), ('approved', 'Approved'), ('confirmed', 'Paid'), ('cancelled', 'Cancelled'), ('failed', 'Its number went to another message')], default='draft', max_length=10)),
                ('hub', models.CharField(blank=True, max_length=66)),
                ('number', models.BigIntegerField(blank=True, null=True)),
                ('body', models.BinaryField(default=bytes)),
                ('value', models.BigIntegerField(default=0)),
                ('handed_until', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reference', models.CharField(blank=True, max_length=128)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'verbose_name_plural': 'payout batches',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state__in', ('approved', 'confirmed')), models.Q(('hub', ''), _negated=True)), fields=('hub', 'number'), name='payout_number_once'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'approved', 'confirmed', 'cancelled', 'failed'))), name='payout_batch_state_known'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'cancelled')), models.Q(('approved_by__isnull', False), models.Q(('approved_by', models.F('created_by')), _negated=True)), _connector='OR'), name='payout_four_eyes'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='payments.payoutbatch')),
                ('chain_id', models.BigIntegerField(default=core.ids.random_u63, editable=False, unique=True)),
                ('kind', models.CharField(max_length=32)),
                ('owner', models.CharField(max_length=64)),
                ('payee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asset', models.CharField(max_length=8)),
                ('amount', models.BigIntegerField()),
                ('address', models.CharField(blank=True, max_length=66)),
                ('coins', models.BigIntegerField(blank=True, null=True)),
                ('rate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='payments.rate')),
                ('spread_bps', models.PositiveIntegerField(default=0)),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='goodwill', to='payments.order')),
                ('note', models.CharField(blank=True, max_length=300)),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('returned_reason', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ('batch', 'id'),
                'constraints': [
                    models.UniqueConstraint(fields=('batch', 'kind', 'owner', 'asset'), name='payout_once'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payout_positive'),
                    models.CheckConstraint(condition=models.Q(models.Q(('coins__isnull', True), ('rate__isnull', True)), models.Q(('coins__gt', 0), ('rate__isnull', False)), _connector='OR'), name='payout_exchange_whole'),
                    models.CheckConstraint(condition=models.Q(('payee__isnull', False), models.Q(('kind', 'losses'), ('order__isnull', False)), _connector='OR'), name='payout_has_payee'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AccountingPeriod',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('state', models.CharField(choices=[('requested', 'Waits for a second person'), ('closed', 'Closed'), ('withdrawn', 'Withdrawn')], default='requested', max_length=10)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('entries', models.BigIntegerField(default=0)),
                ('legs', models.BigIntegerField(default=0)),
                ('digest', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'ordering': ('-month', '-id'),
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('month',), name='period_once'),
                    models.CheckConstraint(condition=models.Q(('month__day', 1)), name='period_is_a_month'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('requested', 'closed', 'withdrawn'))), name='period_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('closed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('requested_by')), _negated=True), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='period_four_eyes'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PeriodBalance',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='payments.accountingperiod')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.ledgeraccount')),
                ('opening', models.BigIntegerField()),
                ('debits', models.BigIntegerField()),
                ('credits', models.BigIntegerField()),
                ('closing', models.BigIntegerField()),
            ],
            options={
                'ordering': ('account__asset', 'account__kind', 'account__owner'),
                'constraints': [
                    models.UniqueConstraint(fields=('period', 'account'), name='period_balance_once'),
                    models.CheckConstraint(condition=models.Q(('closing', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('opening'), '+', models.F('debits')), '+', models.F('credits')))), name='period_balance_adds_up'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PaymentMethodPolicy',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('context', models.CharField(choices=[('telegram', 'Inside Telegram'), ('web', 'Web')], max_length=8)),
                ('goods', models.CharField(choices=[('nft', 'Editions'), ('access', 'Digital access'), ('physical', 'Physical goods')], default='nft', max_length=8)),
                ('method', models.CharField(max_length=16)),
                ('country', models.CharField(default='*', help_text='ISO 3166, or * for all', max_length=2)),
                ('asset', models.CharField(default='*', help_text='or * for all', max_length=8)),
                ('smallest', models.BigIntegerField(blank=True, null=True)),
                ('largest', models.BigIntegerField(blank=True, null=True)),
                ('allowed', models.BooleanField()),
                ('reason', models.CharField(max_length=300)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'ordering': ('context', 'goods', 'method', 'country', 'asset'),
                'verbose_name': 'payment method policy',
                'verbose_name_plural': 'payment method policy',
                'constraints': [
                    models.UniqueConstraint(fields=('context', 'goods', 'method', 'country', 'asset'), name='policy_cell_once'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='policy_reason_given'),
                    models.CheckConstraint(condition=models.Q(('allowed', True), ('context', 'telegram'), ('method', 'binance'), _negated=True), name='policy_no_binance_in_telegram'),
                    models.CheckConstraint(condition=models.Q(models.Q(('largest__isnull', True), ('smallest__isnull', True)), models.Q(('asset', '*'), _negated=True), _connector='OR'), name='policy_amounts_have_asset'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MethodSwitch',
            fields=[
                ('method', models.CharField(max_length=16, primary_key=True, serialize=False)),
                ('on', models.BooleanField(default=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name_plural': 'method switches',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('on', True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='switch_off_has_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.paymentattempt')),
                ('asset', models.CharField(max_length=8)),
                ('amount', models.BigIntegerField()),
                ('state', models.CharField(choices=[('requested', 'Waiting for approval'), ('approved', 'Approved'), ('submitting', 'Submitting'), ('unknown', 'Unknown'), ('pending', 'Pending at the provider'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='requested', max_length=10)),
                ('origin', models.CharField(choices=[('staff', 'Staff'), ('shop', 'The shop itself'), ('external', 'Outside')], max_length=8)),
                ('reason', models.CharField(max_length=40)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('after_mint', models.BooleanField(default=False)),
                ('acquirer', models.CharField(max_length=16)),
                ('external_id', models.CharField(blank=True, max_length=128, null=True)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('needs_second', models.BooleanField(default=False)),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('poll_at', models.DateTimeField(blank=True, null=True)),
                ('polls', models.PositiveIntegerField(default=0)),
                ('noted', models.BooleanField(db_default=False, default=False, editable=False)),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [
                    models.Index(condition=models.Q(models.Q(('noted', False), ('state', 'done')), models.Q(('noted', True), ('state', 'failed')), _connector='OR'), fields=['done_at'], name='refund_note_due'),
                    models.Index(condition=models.Q(('state__in', ('approved', 'submitting', 'unknown', 'pending'))), fields=['poll_at'], name='refund_due'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('acquirer', 'external_id'), name='refund_once'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_positive'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('requested', 'approved', 'submitting', 'unknown', 'pending', 'done', 'failed', 'cancelled'))), name='refund_state_known'),
                    models.CheckConstraint(condition=models.Q(('needs_second', False), ('state__in', ('requested', 'cancelled')), models.Q(('approved_by__isnull', False), models.Q(('approved_by', models.F('requested_by')), _negated=True)), _connector='OR'), name='refund_four_eyes'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.paymentattempt')),
                ('acquirer', models.CharField(max_length=16)),
                ('external_id', models.CharField(max_length=128)),
                ('asset', models.CharField(max_length=8)),
                ('amount', models.BigIntegerField()),
                ('state', models.CharField(choices=[('opened', 'Opened'), ('withdrawn', 'Funds withdrawn'), ('answered', 'Answered'), ('won', 'Won'), ('lost', 'Lost'), ('prevented', 'Prevented'), ('closed', 'Warning closed')], default='opened', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=80)),
                ('answer_by', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.UniqueConstraint(fields=('acquirer', 'external_id'), name='dispute_once'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='dispute_positive'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('opened', 'withdrawn', 'answered', 'won', 'lost', 'prevented', 'closed'))), name='dispute_state_known'),
                ],
            },
        ),
        # Providers' settlement reports, and Stars that were exchanged.
        migrations.CreateModel(
            name='ProviderReport',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=16)),
                ('name', models.CharField(max_length=160)),
                ('sha256', models.CharField(max_length=64)),
                ('body', models.BinaryField()),
                ('state', models.CharField(choices=[('draft', 'To be looked at'), ('posted', 'Posted'), ('discarded', 'Thrown away')], default='draft', max_length=10)),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('posted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('posted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'discarded'), _negated=True), fields=('sha256',), name='report_file_once'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'posted', 'discarded'))), name='report_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'posted'), _negated=True), models.Q(('posted_at__isnull', False), ('posted_by__isnull', False)), _connector='OR'), name='report_posted_whole'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ProviderReportLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payments.providerreport')),
                ('source', models.CharField(max_length=16)),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('key', models.CharField(max_length=160)),
                ('reference', models.CharField(blank=True, max_length=128)),
                ('other', models.CharField(blank=True, max_length=128)),
                ('asset', models.CharField(max_length=8)),
                ('gross', models.BigIntegerField()),
                ('fee', models.BigIntegerField()),
                ('net', models.BigIntegerField()),
                ('day', models.DateField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('posted', 'Posted'), ('unplaced', 'Cannot be placed')], default='waiting', max_length=8)),
                ('why', models.CharField(blank=True, max_length=160)),
                ('attempt', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.paymentattempt')),
                ('refund', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.refund')),
                ('dispute', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.dispute')),
            ],
            options={
                'ordering': ('report', 'number'),
                'indexes': [
                    models.Index(fields=['source', 'key'], name='report_line_key'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('report', 'key'), name='report_line_once'),
                    models.UniqueConstraint(condition=models.Q(('state', 'posted')), fields=('source', 'key'), name='report_line_posted_once'),
                    models.UniqueConstraint(condition=models.Q(('kind', 'refund'), ('state', 'posted')), fields=('refund',), name='report_refund_once'),
                    models.CheckConstraint(condition=models.Q(('net', django.db.models.expressions.CombinedExpression(models.F('gross'), '-', models.F('fee')))), name='report_line_adds_up'),
                    models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'posted', 'unplaced'))), name='report_line_state_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StarsConversion',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('stars', models.BigIntegerField()),
                ('asset', models.CharField(max_length=8)),
                ('received', models.BigIntegerField()),
                ('face_micros', models.BigIntegerField()),
                ('rule_bps', models.PositiveIntegerField()),
                ('provisional', models.BigIntegerField()),
                ('share', models.BigIntegerField()),
                ('happened_on', models.DateField()),
                ('reference', models.CharField(max_length=128, unique=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('posted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('posted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('face_micros__gt', 0), ('provisional__gte', 0), ('received__gt', 0), ('rule_bps__lte', 10000), ('share__lte', models.F('stars')), ('stars__gt', 0)), name='conversion_sane'),
                    models.CheckConstraint(condition=models.Q(('reference', ''), _negated=True), name='conversion_reference_given'),
                ],
            },
        ),
        # Numbered receipts for every buyer; the database refuses a gap.
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('receipt', 'Receipt'), ('credit_note', 'Credit note'), ('withdrawn', 'Credit note withdrawn')], max_length=12)),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.order')),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.paymentattempt')),
                ('refund', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.refund')),
                ('asset', models.CharField(max_length=8)),
                ('amount', models.BigIntegerField()),
                ('vat', models.BigIntegerField()),
                ('content', models.JSONField()),
                ('issued_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.UniqueConstraint(fields=('kind', 'year', 'number'), name='receipt_number_once'),
                    models.UniqueConstraint(condition=models.Q(('kind', 'receipt')), fields=('attempt',), name='receipt_once'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ('receipt', 'credit_note', 'withdrawn'))), name='receipt_kind_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'receipt'), ('refund__isnull', True)), models.Q(models.Q(('kind', 'receipt'), _negated=True), ('refund__isnull', False)), _connector='OR'), name='receipt_refund_named'),
                    models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('vat__gte', 0)), name='receipt_amounts_sane'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DropQuota',
            fields=[
                ('collection', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='quota', serialize=False, to='nft.collection')),
                ('quota', models.BigIntegerField()),
                ('taken', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('taken__gte', 0), ('taken__lte', models.F('quota'))), name='quota_never_oversold'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reservation', to='payments.order')),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='nft.collection')),
                ('quantity', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('held', 'Held'), ('used', 'Used'), ('released', 'Released')], default='held', max_length=8)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('state', 'held')), fields=['expires_at'], name='reservation_due'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ('held', 'used', 'released'))), name='reservation_state_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ShareRule',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('method', models.CharField(max_length=16)),
                ('asset', models.CharField(max_length=8)),
                ('kind', models.CharField(choices=[('vat', 'VAT (within the price)'), ('provider_fee', "Provider's fee"), ('telegram_share', "Telegram's share")], max_length=16)),
                ('bps', models.PositiveIntegerField(default=0)),
                ('fixed', models.BigIntegerField(default=0)),
                ('starts_on', models.DateField()),
                ('reason', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ('method', 'asset', 'kind', '-starts_on'),
                'constraints': [
                    models.UniqueConstraint(fields=('method', 'asset', 'kind', 'starts_on'), name='share_rule_once'),
                    models.CheckConstraint(condition=models.Q(('bps__lte', 10000), ('fixed__gte', 0)), name='share_rule_in_range'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ('vat', 'provider_fee', 'telegram_share'))), name='share_rule_kind_known'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='share_rule_reason_given'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to=settings.AUTH_USER_MODEL)),
                ('month', models.DateField()),
                ('content', models.JSONField()),
                ('issued_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [
                    models.UniqueConstraint(fields=('year', 'number'), name='statement_number_once'),
                    models.UniqueConstraint(fields=('payee', 'month'), name='statement_month_once'),
                ],
            },
        ),
    ]
