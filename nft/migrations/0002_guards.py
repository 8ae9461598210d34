"""A split that is fixed in a drop stays as it is, and so do its shares."""

from django.db import migrations

# What a drop was prepared with is what its splitter was made of: the database keeps it so.
FROZEN = """
CREATE FUNCTION nft_split_stays_frozen() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'frozen' THEN
        RAISE EXCEPTION 'split % is fixed: % refused', OLD.id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END
$$;
CREATE FUNCTION nft_split_share_stays_frozen() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    the_split uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN the_split := NEW.split_id; ELSE the_split := OLD.split_id; END IF;
    IF EXISTS (SELECT FROM nft_split WHERE id = the_split AND state = 'frozen') THEN
        RAISE EXCEPTION 'split % is fixed: % of a share refused', the_split, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END
$$;
CREATE TRIGGER nft_split_stays_frozen BEFORE UPDATE OR DELETE ON nft_split
    FOR EACH ROW EXECUTE FUNCTION nft_split_stays_frozen();
CREATE TRIGGER nft_split_share_stays_frozen BEFORE INSERT OR UPDATE OR DELETE ON nft_splitshare
    FOR EACH ROW EXECUTE FUNCTION nft_split_share_stays_frozen();
"""
THAWED = """
DROP TRIGGER nft_split_share_stays_frozen ON nft_splitshare;
DROP TRIGGER nft_split_stays_frozen ON nft_split;
DROP FUNCTION nft_split_share_stays_frozen();
DROP FUNCTION nft_split_stays_frozen();
"""


class Migration(migrations.Migration):
    replaces = [("nft", "0002_splits")]

    dependencies = [("nft", "0001_initial")]

    operations = [migrations.RunSQL(FROZEN, THAWED)]
