"""Stripe's itemised payout reconciliation report, as its dashboard saves it.

Reports, payout reconciliation, "itemized", with the columns below among the chosen ones
(docs.stripe.com/reports/payout-reconciliation). Times are UTC, amounts in whole units and signed.
"""

from __future__ import annotations

from typing import Final

from payments.providers.report import Layout, LineKind

LAYOUT: Final = Layout(
    kind="reporting_category",
    kinds={
        "charge": LineKind.PAYMENT,
        "refund": LineKind.REFUND,
        "partial_capture_reversal": LineKind.REFUND,
        "refund_failure": LineKind.REFUND,
        "dispute": LineKind.DISPUTE,
        "dispute_reversal": LineKind.DISPUTE,
        "fee": LineKind.FEE,
        "network_cost": LineKind.FEE,
        "payout": LineKind.PAYOUT,
    },
    key="balance_transaction_id",
    reference="payment_intent_id",
    other="source_id",
    currency="currency",
    gross="gross",
    fee="fee",
    net="net",
    day="automatic_payout_effective_at_utc",
    days=("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"),
    signed=True,
)
