"""Money on the desk: orders and the ledger to read; refunds, settlements, rules to act on."""

from payments.admin import (
    cases,
    orders,
    payouts,
    policy,
    receipts,
    refunds,
    rules,
    settlements,
    statements,
    switches,
)

__all__ = [
    "cases",
    "orders",
    "payouts",
    "policy",
    "receipts",
    "refunds",
    "rules",
    "settlements",
    "statements",
    "switches",
]
