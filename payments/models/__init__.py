"""Orders, how they are paid, what they are owed, what goes back, and the ledger of it all."""

from payments.models.attempts import PaymentAttempt, PaymentEvent
from payments.models.cases import Case, ReconciliationRun
from payments.models.claims import ClaimRight
from payments.models.health import ProviderHealth
from payments.models.ledger import LedgerAccount, LedgerEntry, LedgerSnapshot, Leg
from payments.models.orders import Order
from payments.models.payouts import Payout, PayoutBatch, PayoutChoice
from payments.models.periods import AccountingPeriod, PeriodBalance
from payments.models.policy import MethodSwitch, PaymentMethodPolicy
from payments.models.provider_reports import ProviderReport, ProviderReportLine, StarsConversion
from payments.models.quotes import ListPrice, Quote, Rate
from payments.models.receipts import Receipt
from payments.models.refunds import Dispute, Refund
from payments.models.reservations import DropQuota, Reservation
from payments.models.rules import ShareRule
from payments.models.settlement import Settlement, SettlementLine, SettlementPart
from payments.models.statements import Statement

__all__ = [
    "AccountingPeriod",
    "Case",
    "ClaimRight",
    "Dispute",
    "DropQuota",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerSnapshot",
    "Leg",
    "ListPrice",
    "MethodSwitch",
    "Order",
    "PaymentAttempt",
    "PaymentEvent",
    "PaymentMethodPolicy",
    "Payout",
    "PayoutBatch",
    "PayoutChoice",
    "PeriodBalance",
    "ProviderHealth",
    "ProviderReport",
    "ProviderReportLine",
    "Quote",
    "Rate",
    "Receipt",
    "ReconciliationRun",
    "Refund",
    "Reservation",
    "Settlement",
    "SettlementLine",
    "SettlementPart",
    "ShareRule",
    "StarsConversion",
    "Statement",
]
