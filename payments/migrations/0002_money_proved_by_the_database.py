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


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        append_only("payments_paymentevent"),
        append_only("payments_ledgeraccount"),
        append_only("payments_ledgerentry"),
        append_only("payments_leg"),
        migrations.RunSQL(BALANCE, BALANCE_BACK),
        migrations.RunSQL(CONFIRMED, CONFIRMED_BACK),
    ]
