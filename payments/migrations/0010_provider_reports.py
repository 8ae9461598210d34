"""Providers' settlement reports, and Stars that were exchanged."""

import core.ids
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from core.append_only import append_only

STAYS = """
CREATE FUNCTION payments_providerreport_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a report stays as it came: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER payments_providerreport_as_it_came BEFORE UPDATE ON payments_providerreport
    FOR EACH ROW WHEN (NEW.body <> OLD.body OR NEW.sha256 <> OLD.sha256
        OR NEW.source <> OLD.source OR OLD.state = 'discarded'
        OR (OLD.state = 'posted' AND NEW.state <> 'posted'))
    EXECUTE FUNCTION payments_providerreport_stays();
CREATE TRIGGER payments_providerreport_row_stays BEFORE DELETE ON payments_providerreport
    FOR EACH ROW EXECUTE FUNCTION payments_providerreport_stays();
CREATE TRIGGER payments_providerreportline_as_it_came BEFORE UPDATE ON payments_providerreportline
    FOR EACH ROW WHEN (OLD.state = 'posted' OR NEW.gross <> OLD.gross OR NEW.fee <> OLD.fee
        OR NEW.key <> OLD.key OR NEW.asset <> OLD.asset OR NEW.day <> OLD.day)
    EXECUTE FUNCTION payments_providerreport_stays();
CREATE TRIGGER payments_providerreportline_row_stays BEFORE DELETE ON payments_providerreportline
    FOR EACH ROW EXECUTE FUNCTION payments_providerreport_stays();
"""
STAYS_BACK = """
DROP TRIGGER payments_providerreportline_row_stays ON payments_providerreportline;
DROP TRIGGER payments_providerreportline_as_it_came ON payments_providerreportline;
DROP TRIGGER payments_providerreport_row_stays ON payments_providerreport;
DROP TRIGGER payments_providerreport_as_it_came ON payments_providerreport;
DROP FUNCTION payments_providerreport_stays();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0009_receipts'),
        ('core', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='ledgeraccount',
            name='kind',
            field=models.CharField(choices=[('ton_hot', "The hub's coins"), ('artist_direct', 'Paid to the artist on chain'), ('artist_revenue', "Artist's revenue"), ('platform_revenue', "Platform's revenue"), ('referral_payable', 'Owed to a referrer'), ('hub_gas', 'Gas money that the hub did not need'), ('psp_clearing', 'At the provider, not paid out to us yet'), ('bank', 'At the bank'), ('order_liability', 'Paid for and not delivered'), ('refunds_due', 'On its way back to a buyer'), ('telegram_share', "Telegram's share of Stars"), ('psp_fees', "Providers' fees"), ('tax_vat', 'VAT owed'), ('artist_payable', 'Owed to artists and collaborators'), ('dispute_reserve', 'Withheld because of disputes'), ('payouts_in_flight', 'Approved and not confirmed'), ('fx', 'Exchanged between assets'), ('rounding', 'Rounding'), ('losses', 'Losses: disputes lost, goodwill'), ('rule_difference', 'Fees and shares that differ from our rules')], max_length=32),
        ),
        migrations.CreateModel(
            name='ProviderReport',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=16)),
                ('name', models.CharField(max_length=160)),
                ('sha256', models.CharField(max_length=64)),
                ('body', models.BinaryField()),
                ('state', models.CharField(choices=[('draft', 'To be looked at'), ('posted', 'Posted'), ('discarded', 'Thrown away')], default='draft', max_length=10)),
                ('uploaded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('posted_at', models.DateTimeField(blank=True, null=True)),
                ('posted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='ProviderReportLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
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
                ('dispute', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.dispute')),
                ('refund', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.refund')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payments.providerreport')),
            ],
            options={
                'ordering': ('report', 'number'),
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
                ('posted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('posted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [models.CheckConstraint(condition=models.Q(('face_micros__gt', 0), ('provisional__gte', 0), ('received__gt', 0), ('rule_bps__lte', 10000), ('share__lte', models.F('stars')), ('stars__gt', 0)), name='conversion_sane'), models.CheckConstraint(condition=models.Q(('reference', ''), _negated=True), name='conversion_reference_given')],
            },
        ),
        migrations.AddConstraint(
            model_name='providerreport',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'discarded'), _negated=True), fields=('sha256',), name='report_file_once'),
        ),
        migrations.AddConstraint(
            model_name='providerreport',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'posted', 'discarded'))), name='report_state_known'),
        ),
        migrations.AddConstraint(
            model_name='providerreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'posted'), _negated=True), models.Q(('posted_at__isnull', False), ('posted_by__isnull', False)), _connector='OR'), name='report_posted_whole'),
        ),
        migrations.AddIndex(
            model_name='providerreportline',
            index=models.Index(fields=['source', 'key'], name='report_line_key'),
        ),
        migrations.AddConstraint(
            model_name='providerreportline',
            constraint=models.UniqueConstraint(fields=('report', 'key'), name='report_line_once'),
        ),
        migrations.AddConstraint(
            model_name='providerreportline',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'posted')), fields=('source', 'key'), name='report_line_posted_once'),
        ),
        migrations.AddConstraint(
            model_name='providerreportline',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'refund'), ('state', 'posted')), fields=('refund',), name='report_refund_once'),
        ),
        migrations.AddConstraint(
            model_name='providerreportline',
            constraint=models.CheckConstraint(condition=models.Q(('net', django.db.models.expressions.CombinedExpression(models.F('gross'), '-', models.F('fee')))), name='report_line_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='providerreportline',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'posted', 'unplaced'))), name='report_line_state_known'),
        ),
        append_only("payments_starsconversion"),
        migrations.RunSQL(STAYS, STAYS_BACK),
    ]
