"""Money on the desk: orders and the ledger to read; refunds, settlements, rules to act on."""

from payments.admin import (
    books,
    cases,
    orders,
    payouts,
    receipts,
    refunds,
    rules,
    settlements,
    stars,
    statements,
)

__all__ = [
    "books",
    "cases",
    "orders",
    "payouts",
    "receipts",
    "refunds",
    "rules",
    "settlements",
    "stars",
    "statements",
]
