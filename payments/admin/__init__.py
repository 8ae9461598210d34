"""Money on the desk: orders and the ledger to read; refunds, settlements, rules to act on."""

from payments.admin import (
    books,
    cases,
    fraud,
    orders,
    payouts,
    policy,
    provider_reports,
    receipts,
    refunds,
    rules,
    settlements,
    stars,
    statements,
    switches,
)

__all__ = [
    "books",
    "cases",
    "fraud",
    "orders",
    "payouts",
    "policy",
    "provider_reports",
    "receipts",
    "refunds",
    "rules",
    "settlements",
    "stars",
    "statements",
    "switches",
]
