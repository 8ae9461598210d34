"""Orders, the attempts to pay them, what happened to both, and the ledger."""

from payments.models.attempts import PaymentAttempt, PaymentEvent
from payments.models.ledger import LedgerAccount, LedgerEntry, Leg
from payments.models.orders import Order

__all__ = ["LedgerAccount", "LedgerEntry", "Leg", "Order", "PaymentAttempt", "PaymentEvent"]
