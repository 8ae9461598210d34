"""Money on the desk: orders and the ledger to read; refunds, settlements, rules to act on."""

from payments.admin import cases, orders, payouts, refunds, rules, settlements, statements

__all__ = ["cases", "orders", "payouts", "refunds", "rules", "settlements", "statements"]
