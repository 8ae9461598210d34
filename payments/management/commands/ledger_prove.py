"""`manage.py ledger_prove`: sum the whole ledger; compare with kept balances and closed months."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from payments import ledger
from payments.services.periods import periods_prove
from payments.services.snapshots import snapshots_prove


class Command(BaseCommand):
    help = "Sum every leg and compare with the kept balances; ends with 1 when one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        wrong = snapshots_prove()
        for one in wrong:
            self.stdout.write(f"{one.name}: kept {one.kept}, its legs make {one.summed}")
        crooked = {asset: amount for asset, amount in ledger.imbalance().items() if amount}
        for asset, amount in crooked.items():
            self.stdout.write(f"{asset} does not balance: {amount}")
        months = periods_prove()
        for month in months:
            self.stdout.write(f"the closed month differs from its legs: {month}")
        if wrong or crooked or months:
            sys.exit(1)
        self.stdout.write(
            "every kept balance and closed month is the sum of its legs, and all legs make zero"
        )
