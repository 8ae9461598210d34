"""Numbered receipts for every buyer; the database refuses a gap."""

import core.ids
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from core.append_only import append_only

GAPLESS = """
CREATE FUNCTION payments_receipt_follows() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    the_last integer;
BEGIN
    SELECT coalesce(max(number), 0) INTO the_last FROM payments_receipt
    WHERE kind = NEW.kind AND year = NEW.year;
    IF NEW.number <> the_last + 1 THEN
        RAISE EXCEPTION 'receipt number % does not follow %', NEW.number, the_last
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_receipt_no_gap BEFORE INSERT ON payments_receipt
    FOR EACH ROW EXECUTE FUNCTION payments_receipt_follows();
"""
GAPLESS_BACK = """
DROP TRIGGER payments_receipt_no_gap ON payments_receipt;
DROP FUNCTION payments_receipt_follows();
"""


class Migration(migrations.Migration):
    atomic = False  # indexes are made beside running sales

    dependencies = [
        ('payments', '0008_snapshots'),
        ("core", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('receipt', 'Receipt'), ('credit_note', 'Credit note'), ('withdrawn', 'Credit note withdrawn')], max_length=12)),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('asset', models.CharField(max_length=8)),
                ('amount', models.BigIntegerField()),
                ('vat', models.BigIntegerField()),
                ('content', models.JSONField()),
                ('issued_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.AddField(
            model_name='paymentattempt',
            name='receipted_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='noted',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        AddIndexConcurrently(
            model_name='paymentattempt',
            index=models.Index(condition=models.Q(('receipted_at__isnull', True), ('state', 'confirmed')), fields=['confirmed_at'], name='attempt_receipt_due'),
        ),
        AddIndexConcurrently(
            model_name='refund',
            index=models.Index(condition=models.Q(models.Q(('noted', False), ('state', 'done')), models.Q(('noted', True), ('state', 'failed')), _connector='OR'), fields=['done_at'], name='refund_note_due'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='attempt',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.paymentattempt'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.order'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='refund',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.refund'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(fields=('kind', 'year', 'number'), name='receipt_number_once'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'receipt')), fields=('attempt',), name='receipt_once'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('receipt', 'credit_note', 'withdrawn'))), name='receipt_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'receipt'), ('refund__isnull', True)), models.Q(models.Q(('kind', 'receipt'), _negated=True), ('refund__isnull', False)), _connector='OR'), name='receipt_refund_named'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('vat__gte', 0)), name='receipt_amounts_sane'),
        ),
        append_only("payments_receipt"),
        migrations.RunSQL(GAPLESS, GAPLESS_BACK),
    ]
