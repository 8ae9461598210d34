"""Orders, the attempts to pay them, what happened to both, and the ledger."""

from payments.models.attempts import PaymentAttempt, PaymentEvent
from payments.models.ledger import Leg, LedgerAccount, LedgerEntry
from payments.models.orders import Order

__all__ = ["Leg", "LedgerAccount", "LedgerEntry", "Order", "PaymentAttempt", "PaymentEvent"]
