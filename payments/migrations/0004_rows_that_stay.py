"""More rows that only grow: what was in force, what was quoted, what was minted for whom."""

from __future__ import annotations

from django.db import migrations

from core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_off_chain_money"), ("core", "0002_append_only")]

    operations = [
        append_only("payments_sharerule"),
        append_only("payments_settlementline"),
        append_only("payments_quote"),
    ]
