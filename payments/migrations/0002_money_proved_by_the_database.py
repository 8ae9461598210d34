"""What no line of Python may break: entries balance, history stays, confirmed money stays so.

Functions name their search path, so that a temporary table cannot stand in for a real one.
"""

from django.db import migrations

from core.append_only import append_only

BALANCE = """
CREATE FUNCTION payments_entry_must_balance() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    the_entry uuid;
    number_of_legs integer;
    wrong text;
BEGIN
    IF TG_TABLE_NAME = 'payments_leg' THEN
        the_entry := NEW.entry_id;
    ELSE
        the_entry := NEW.id;
    END IF;
    SELECT count(*) INTO number_of_legs FROM payments_leg WHERE entry_id = the_entry;
    IF number_of_legs < 2 THEN
        RAISE EXCEPTION 'ledger entry % has % leg(s), at least two are needed',
            the_entry, number_of_legs USING ERRCODE = 'check_violation';
    END IF;
    SELECT string_agg(asset || ' ' || amount, ', ') INTO wrong FROM (
        SELECT asset, sum(amount) AS amount FROM payments_leg
        WHERE entry_id = the_entry GROUP BY asset HAVING sum(amount) <> 0
    ) AS unbalanced;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'ledger entry % does not sum to zero: %', the_entry, wrong
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT string_agg(leg.id::text, ', ') INTO wrong
    FROM payments_leg AS leg JOIN payments_ledgeraccount AS account ON account.id = leg.account_id
    WHERE leg.entry_id = the_entry AND leg.asset <> account.asset;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'ledger entry %: leg(s) % in an asset that is not the account''s',
            the_entry, wrong USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER payments_ledgerentry_balances AFTER INSERT ON payments_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_entry_must_balance();
CREATE CONSTRAINT TRIGGER payments_leg_balances AFTER INSERT ON payments_leg
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_entry_must_balance();
"""
BALANCE_BACK = """
DROP TRIGGER payments_leg_balances ON payments_leg;
DROP TRIGGER payments_ledgerentry_balances ON payments_ledgerentry;
DROP FUNCTION payments_entry_must_balance();
"""

CONFIRMED = """
CREATE FUNCTION payments_confirmed_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'attempt % is confirmed: it cannot become % or change its payment',
        OLD.id, NEW.state USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER payments_paymentattempt_confirmed_stays
    BEFORE UPDATE ON payments_paymentattempt FOR EACH ROW
    WHEN (OLD.state = 'confirmed' AND (
        NEW.state <> 'confirmed' OR NEW.paid IS DISTINCT FROM OLD.paid
        OR NEW.external_id IS DISTINCT FROM OLD.external_id OR NEW.asset <> OLD.asset
        OR NEW.order_id <> OLD.order_id))
    EXECUTE FUNCTION payments_confirmed_stays();
"""
CONFIRMED_BACK = """
DROP TRIGGER payments_paymentattempt_confirmed_stays ON payments_paymentattempt;
DROP FUNCTION payments_confirmed_stays();
"""

# Balances are read in constant time: a leg's transaction is what the database says it is.
STAMP = """
CREATE FUNCTION payments_leg_stamp() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.xact := ((pg_current_xact_id())::text)::bigint;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_leg_stamped BEFORE INSERT ON payments_leg
    FOR EACH ROW EXECUTE FUNCTION payments_leg_stamp();
"""
STAMP_BACK = """
DROP TRIGGER payments_leg_stamped ON payments_leg;
DROP FUNCTION payments_leg_stamp();
"""

# Numbered receipts for every buyer; the database refuses a gap.
RECEIPTS = """
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
RECEIPTS_BACK = """
DROP TRIGGER payments_receipt_no_gap ON payments_receipt;
DROP FUNCTION payments_receipt_follows();
"""

# Statements to payees: no gap there either.
STATEMENTS = """
CREATE FUNCTION payments_statement_follows() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    the_last integer;
BEGIN
    SELECT coalesce(max(number), 0) INTO the_last FROM payments_statement WHERE year = NEW.year;
    IF NEW.number <> the_last + 1 THEN
        RAISE EXCEPTION 'statement number % does not follow %', NEW.number, the_last
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_statement_no_gap BEFORE INSERT ON payments_statement
    FOR EACH ROW EXECUTE FUNCTION payments_statement_follows();
"""
STATEMENTS_BACK = """
DROP TRIGGER payments_statement_no_gap ON payments_statement;
DROP FUNCTION payments_statement_follows();
"""

# Providers' settlement reports.
REPORTS = """
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
REPORTS_BACK = """
DROP TRIGGER payments_providerreportline_row_stays ON payments_providerreportline;
DROP TRIGGER payments_providerreportline_as_it_came ON payments_providerreportline;
DROP TRIGGER payments_providerreport_row_stays ON payments_providerreport;
DROP TRIGGER payments_providerreport_as_it_came ON payments_providerreport;
DROP FUNCTION payments_providerreport_stays();
"""

# Months that close: entries carry the day they count for, and a closed month takes none.
#
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
    replaces = [
        ("payments", "0004_rows_that_stay"),
        ("payments", "0008_snapshots"),
        ("payments", "0009_receipts"),
        ("payments", "0010_provider_reports"),
        ("payments", "0011_period_close"),
        ("payments", "0013_statements"),
    ]

    dependencies = [("payments", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        # What happened to an order and its attempts, and the ledger.
        append_only("payments_paymentevent"),
        append_only("payments_ledgeraccount"),
        append_only("payments_ledgerentry"),
        append_only("payments_leg"),
        migrations.RunSQL(BALANCE, BALANCE_BACK),
        migrations.RunSQL(CONFIRMED, CONFIRMED_BACK),
        # What was in force, what was quoted, what was minted for whom.
        append_only("payments_sharerule"),
        append_only("payments_settlementline"),
        append_only("payments_quote"),
        # What is counted from the ledger.
        migrations.RunSQL(STAMP, STAMP_BACK),
        append_only("payments_ledgersnapshot"),
        append_only("payments_periodbalance"),
        migrations.RunSQL(CLOSED, CLOSED_BACK),
        # What was handed out, and what providers sent.
        append_only("payments_receipt"),
        migrations.RunSQL(RECEIPTS, RECEIPTS_BACK),
        append_only("payments_statement"),
        migrations.RunSQL(STATEMENTS, STATEMENTS_BACK),
        append_only("payments_starsconversion"),
        migrations.RunSQL(REPORTS, REPORTS_BACK),
    ]
