"""Balances read in constant time: legs know their transaction, sums up to one are kept.

Old legs get 0: the lock of ALTER TABLE waits for every writer, so none of them can appear late.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import core.database
from core.append_only import append_only

COLUMN = """
ALTER TABLE payments_leg ADD COLUMN xact bigint NOT NULL DEFAULT 0;
ALTER TABLE payments_leg ALTER COLUMN xact SET DEFAULT ((pg_current_xact_id())::text)::bigint;
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
COLUMN_BACK = """
DROP TRIGGER payments_leg_stamped ON payments_leg;
DROP FUNCTION payments_leg_stamp();
ALTER TABLE payments_leg DROP COLUMN xact;
"""


class Migration(migrations.Migration):
    atomic = False  # indexes are made beside running sales

    dependencies = [("payments", "0007_provider_health"), ("core", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            COLUMN,
            COLUMN_BACK,
            state_operations=[
                migrations.AddField(
                    model_name="leg",
                    name="xact",
                    field=models.BigIntegerField(
                        db_default=core.database.CurrentTransaction(), editable=False
                    ),
                ),
            ],
        ),
        AddIndexConcurrently(
            model_name="leg",
            index=models.Index(
                fields=["account", "xact"], include=("amount",), name="leg_of_account"
            ),
        ),
        AddIndexConcurrently(
            model_name="leg", index=models.Index(fields=["xact"], name="leg_by_transaction")
        ),
        migrations.CreateModel(
            name="LedgerSnapshot",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("cluster", models.BigIntegerField()),
                ("asset", models.CharField(max_length=8)),
                ("up_to", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("legs", models.BigIntegerField()),
                (
                    "taken_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snapshots",
                        to="payments.ledgeraccount",
                    ),
                ),
            ],
            options={"ordering": ("-id",)},
        ),
        migrations.AddConstraint(
            model_name="ledgersnapshot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("account__isnull", False)),
                fields=("account", "cluster", "up_to"),
                name="snapshot_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgersnapshot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("account__isnull", True)),
                fields=("asset", "cluster", "up_to"),
                name="snapshot_of_asset_once",
            ),
        ),
        append_only("payments_ledgersnapshot"),
        migrations.AlterField(
            model_name="case",
            name="kind",
            field=models.CharField(
                choices=[
                    ("missed", "A payment that nobody told us of"),
                    ("unknown_payment", "A provider's payment that we do not know"),
                    ("balance", "A balance that differs from the ledger"),
                    ("chain_totals", "The hub counts other settlements than we"),
                    ("supply", "A drop has minted more or less than we know of"),
                    ("snapshot", "A stored balance that differs from its entries"),
                    ("report", "A line of a provider's report that we cannot place"),
                ],
                max_length=16,
            ),
        ),
    ]
