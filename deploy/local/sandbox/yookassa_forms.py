"""The forms of YooKassa's API v3: errors, amounts, metadata, receipts, pages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from deploy.local.sandbox.frame import Call, Refuse

_RECEIPT: Final = frozenset({"customer", "items", "tax_system_code", "internet", "timezone"})
_CUSTOMER: Final = frozenset({"email", "phone", "full_name", "inn"})
_ITEM: Final = frozenset(
    {"description", "quantity", "amount", "vat_code", "payment_mode", "payment_subject", "measure"}
)
_MODES: Final = frozenset({"full_payment", "full_prepayment"})
_SUBJECTS: Final = frozenset({"service", "intellectual_activity", "commodity"})


def error(code: str, text: str, parameter: str = "") -> dict[str, Any]:
    body = {"type": "error", "id": str(uuid.uuid4()), "code": code, "description": text}
    return {**body, "parameter": parameter} if parameter else body


def bad(text: str, parameter: str) -> Refuse:
    return Refuse(400, error("invalid_request", text, parameter))


def known(given: Mapping[str, Any], names: frozenset[str]) -> None:
    for name in given:
        if name not in names:
            raise bad(f"Unknown parameter {name}.", name)


def money(kopecks: int) -> dict[str, str]:
    return {"value": f"{kopecks // 100}.{kopecks % 100:02}", "currency": "RUB"}


def kopecks(amount: Mapping[str, str]) -> int:
    return int(Decimal(amount["value"]) * 100)


def amount_of(amount: Any, smallest: int, largest: int) -> int:
    try:
        value = Decimal(amount["value"])
        if set(amount) != {"value", "currency"} or not isinstance(amount["value"], str):
            raise ValueError
        if amount["currency"] != "RUB" or value * 100 != int(value * 100):
            raise ValueError
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise bad("Not an amount in roubles.", "amount") from error
    if not smallest <= int(value * 100) <= largest:
        raise bad("The amount is out of range.", "amount.value")
    return int(value * 100)


def metadata(given: Mapping[str, Any]) -> None:
    if len(given) > 16 or any(
        len(name) > 32 or len(str(value)) > 512 for name, value in given.items()
    ):
        raise bad("metadata is too large.", "metadata")


def receipt(given: Any, amount: int) -> None:
    """54-FZ: who gets it, at which VAT, and the lines make the sum."""
    if not isinstance(given, dict):
        raise bad("Receipt is missing or illegal.", "receipt")
    known(given, _RECEIPT)
    customer = given.get("customer") or {}
    known(customer, _CUSTOMER)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", str(customer.get("email", ""))) and not re.fullmatch(
        r"\d{4,15}", str(customer.get("phone", ""))
    ):
        raise bad("The customer's email or phone is needed.", "receipt.customer")
    if given.get("tax_system_code", 1) not in range(1, 7):
        raise bad("tax_system_code is 1 to 6.", "receipt.tax_system_code")
    items = given.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= 100:
        raise bad("A receipt has 1 to 100 items.", "receipt.items")
    if sum(_line(item) for item in items) != amount:
        raise bad("The items do not make the amount.", "receipt.items")


def _line(item: Mapping[str, Any]) -> int:
    """Kopecks of one line."""
    known(item, _ITEM)
    if item.get("vat_code") not in range(1, 13):
        raise bad("vat_code is 1 to 12.", "receipt.items.vat_code")
    if not 1 <= len(str(item.get("description", ""))) <= 128:
        raise bad("An item's description is 1-128 characters.", "receipt.items.description")
    if item.get("payment_mode") not in _MODES or item.get("payment_subject") not in _SUBJECTS:
        raise bad("payment_mode or payment_subject is wrong.", "receipt.items")
    quantity = Decimal(str(item.get("quantity")))
    if quantity <= 0 or quantity != int(quantity):
        raise bad("quantity is a number above zero.", "receipt.items.quantity")
    return amount_of(item.get("amount"), 1, 10**12) * int(quantity)


def asked(call: Call, names: frozenset[str]) -> None:
    known(call.query, names)


def page(call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
    limit = int(call.query.get("limit", ["10"])[0])
    if not 1 <= limit <= 100:
        raise bad("limit is 1 to 100.", "limit")
    newest = sorted(rows, key=lambda row: str(row["created_at"]), reverse=True)
    start = int(call.query.get("cursor", ["0"])[0])
    page = {"type": "list", "items": [public(row) for row in newest[start : start + limit]]}
    return {**page, "next_cursor": str(start + limit)} if len(newest) > start + limit else page


def public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}
