"""Months that close: entries carry the day they count for, and a closed month takes none.

Old entries get the day on which they were posted.
"""

import core.database
import core.ids
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from core.append_only import append_only

DAY = """
ALTER TABLE payments_ledgerentry ADD COLUMN accounting_on date;
ALTER TABLE payments_ledgerentry DISABLE TRIGGER payments_ledgerentry_rows_stay;
UPDATE payments_ledgerentry SET accounting_on = (posted_at AT TIME ZONE 'UTC')::date;
ALTER TABLE payments_ledgerentry ENABLE TRIGGER payments_ledgerentry_rows_stay;
ALTER TABLE payments_ledgerentry ALTER COLUMN accounting_on SET NOT NULL;
ALTER TABLE payments_ledgerentry
    ALTER COLUMN accounting_on SET DEFAULT ((now() AT TIME ZONE 'UTC')::date);
"""
DAY_BACK = "ALTER TABLE payments_ledgerentry DROP COLUMN accounting_on"

# Every posting holds a lock of its month, shared with all others, until it commits; closing takes
# it alone (services.periods). 7281 is nothing but the name of these locks.
CLOSED = """
CREATE FUNCTION payments_month_hold(the_day date) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(
        7281, (extract(year FROM the_day) * 12 + extract(month FROM the_day))::integer);
    RETURN EXISTS (SELECT 1 FROM payments_accountingperiod
        WHERE state = 'closed' AND month >= date_trunc('month', the_day)::date);
END
$$;

CREATE FUNCTION payments_entry_day() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF NEW.accounting_on > today THEN
        NEW.accounting_on := today;
    END IF;
    IF payments_month_hold(NEW.accounting_on) THEN
        NEW.memo := trim(left(NEW.memo, 180) || ' [of ' || NEW.accounting_on || ']');
        NEW.accounting_on := today;
        IF payments_month_hold(today) THEN
            RAISE EXCEPTION 'the month of % is closed', today USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_ledgerentry_day BEFORE INSERT ON payments_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION payments_entry_day();

CREATE FUNCTION payments_leg_day() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    the_day date;
BEGIN
    SELECT accounting_on INTO the_day FROM payments_ledgerentry WHERE id = NEW.entry_id;
    IF the_day IS NOT NULL AND payments_month_hold(the_day) THEN
        RAISE EXCEPTION 'ledger entry % belongs to a closed month', NEW.entry_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_leg_day BEFORE INSERT ON payments_leg
    FOR EACH ROW EXECUTE FUNCTION payments_leg_day();

CREATE FUNCTION payments_period_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'closed months stay' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.state = 'closed' THEN
        RAISE EXCEPTION 'the month % is closed: % refused', OLD.month, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state = 'closed'
        AND NEW.month >= date_trunc('month', now() AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'the month % is not over', NEW.month USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_accountingperiod_stays
    BEFORE INSERT OR UPDATE OR DELETE ON payments_accountingperiod
    FOR EACH ROW EXECUTE FUNCTION payments_period_stays();
CREATE TRIGGER payments_accountingperiod_table_stays
    BEFORE TRUNCATE ON payments_accountingperiod
    FOR EACH STATEMENT EXECUTE FUNCTION payments_period_stays();
"""
CLOSED_BACK = """
DROP TRIGGER payments_accountingperiod_table_stays ON payments_accountingperiod;
DROP TRIGGER payments_accountingperiod_stays ON payments_accountingperiod;
DROP TRIGGER payments_leg_day ON payments_leg;
DROP TRIGGER payments_ledgerentry_day ON payments_ledgerentry;
DROP FUNCTION payments_period_stays();
DROP FUNCTION payments_leg_day();
DROP FUNCTION payments_entry_day();
DROP FUNCTION payments_month_hold(date);
"""


class Migration(migrations.Migration):
    atomic = False  # indexes are made beside running sales

    dependencies = [
        ('payments', '0010_provider_reports'),
        ("core", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountingPeriod',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('state', models.CharField(choices=[('requested', 'Waits for a second person'), ('closed', 'Closed'), ('withdrawn', 'Withdrawn')], default='requested', max_length=10)),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('entries', models.BigIntegerField(default=0)),
                ('legs', models.BigIntegerField(default=0)),
                ('digest', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'ordering': ('-month', '-id'),
            },
        ),
        migrations.CreateModel(
            name='PeriodBalance',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('opening', models.BigIntegerField()),
                ('debits', models.BigIntegerField()),
                ('credits', models.BigIntegerField()),
                ('closing', models.BigIntegerField()),
            ],
            options={
                'ordering': ('account__asset', 'account__kind', 'account__owner'),
            },
        ),
        migrations.RunSQL(
            DAY,
            DAY_BACK,
            state_operations=[
                migrations.AddField(
                    model_name='ledgerentry',
                    name='accounting_on',
                    field=models.DateField(db_default=core.database.TodayUTC(), editable=False),
                ),
            ],
        ),
        AddIndexConcurrently(
            model_name='ledgerentry',
            index=models.Index(fields=['accounting_on', 'id'], name='entry_accounting_on'),
        ),
        migrations.AddField(
            model_name='accountingperiod',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='accountingperiod',
            name='requested_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='periodbalance',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.ledgeraccount'),
        ),
        migrations.AddField(
            model_name='periodbalance',
            name='period',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='payments.accountingperiod'),
        ),
        migrations.AddConstraint(
            model_name='accountingperiod',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('month',), name='period_once'),
        ),
        migrations.AddConstraint(
            model_name='accountingperiod',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='period_is_a_month'),
        ),
        migrations.AddConstraint(
            model_name='accountingperiod',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('requested', 'closed', 'withdrawn'))), name='period_state_known'),
        ),
        migrations.AddConstraint(
            model_name='accountingperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('closed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('requested_by')), _negated=True), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='period_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='periodbalance',
            constraint=models.UniqueConstraint(fields=('period', 'account'), name='period_balance_once'),
        ),
        migrations.AddConstraint(
            model_name='periodbalance',
            constraint=models.CheckConstraint(condition=models.Q(('closing', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('opening'), '+', models.F('debits')), '+', models.F('credits')))), name='period_balance_adds_up'),
        ),
        append_only("payments_periodbalance"),
        migrations.RunSQL(CLOSED, CLOSED_BACK),
    ]
