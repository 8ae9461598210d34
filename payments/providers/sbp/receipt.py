"""The fiscal receipt (54-FZ) of a payment or a refund, in each acquirer's form."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from payments.models import PaymentAttempt
from payments.providers.sbp.acquirer import roubles

_TBANK_VAT: Final = {
    1: "none",
    2: "vat0",
    3: "vat10",
    4: "vat20",
    5: "vat110",
    6: "vat120",
    7: "vat5",
    8: "vat7",
    9: "vat105",
    10: "vat107",
    11: "vat22",
    12: "vat122",
}
_TBANK_SYSTEM: Final = {
    1: "osn", 2: "usn_income", 3: "usn_income_outcome", 4: "envd", 5: "esn", 6: "patent",
}  # fmt: skip


def yookassa(attempt: PaymentAttempt, amount: int) -> dict[str, Any]:
    """yookassa.ru/developers/api#create_payment_receipt. `amount`: kopecks, all of the receipt."""
    return {
        "customer": {"email": attempt.order.email},
        "tax_system_code": settings.RECEIPT_TAX_SYSTEM,
        "internet": True,
        "items": [
            {
                "description": title(attempt),
                "quantity": 1,
                "amount": {"value": roubles(amount), "currency": attempt.asset},
                "vat_code": settings.RECEIPT_VAT_CODE,
                "payment_mode": "full_payment",
                "payment_subject": settings.RECEIPT_SUBJECT,
            }
        ],
    }


def tbank(attempt: PaymentAttempt, amount: int) -> dict[str, Any]:
    """T-Bank's form of the same."""
    return {
        "Email": attempt.order.email,
        "Taxation": _TBANK_SYSTEM[settings.RECEIPT_TAX_SYSTEM],
        "Items": [
            {
                "Name": title(attempt),
                "Price": amount,
                "Quantity": 1,
                "Amount": amount,
                "Tax": _TBANK_VAT[settings.RECEIPT_VAT_CODE],
                "PaymentMethod": "full_payment",
                "PaymentObject": settings.RECEIPT_SUBJECT,
            }
        ],
    }


def title(attempt: PaymentAttempt) -> str:
    """What was sold, in 128 characters; one line for all editions, so nothing is rounded."""
    order = attempt.order
    number = f", {order.quantity} editions" if order.quantity > 1 else ""
    return f"{order.collection.release.title}{number}"[:128]
