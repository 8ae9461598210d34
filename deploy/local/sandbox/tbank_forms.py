"""The forms of T-Bank's e-acquiring: tokens, the fields of each method, receipts by law."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from deploy.local.sandbox.frame import Refuse

SMALLEST: Final = 1_000  # kopecks: less is no payment by SBP
LARGEST: Final = 100_000_000
LONGEST_DUE: Final = timedelta(days=90)
_EVERY: Final = frozenset({"TerminalKey", "Token"})
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "Init": frozenset(
        {"Amount", "OrderId", "Description", "CustomerKey", "PayType", "Language",
         "NotificationURL", "SuccessURL", "FailURL", "RedirectDueDate", "DATA", "Receipt"}
    ),
    "GetQr": frozenset({"PaymentId", "DataType", "BankId"}),
    "GetState": frozenset({"PaymentId", "IP"}),
    "GetQrState": frozenset({"PaymentId"}),
    "CheckOrder": frozenset({"OrderId"}),
    "Cancel": frozenset(
        {"PaymentId", "IP", "Amount", "Receipt", "QrMemberId", "ExternalRequestId"}
    ),
    "SbpPayTest": frozenset({"PaymentId", "IsDeadlineExpired", "IsRejected"}),
}  # fmt: skip
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "Init": ("Amount", "OrderId"),
    "CheckOrder": ("OrderId",),
}
_TAX: Final = frozenset(
    {"none", "vat0", "vat5", "vat7", "vat10", "vat20", "vat22", "vat105", "vat107", "vat110",
     "vat120", "vat122"}
)  # fmt: skip
_SYSTEM: Final = frozenset({"osn", "usn_income", "usn_income_outcome", "envd", "esn", "patent"})
_METHOD: Final = frozenset(
    {"full_prepayment", "prepayment", "advance", "full_payment", "partial_payment", "credit",
     "credit_payment"}
)  # fmt: skip
_OBJECT: Final = frozenset(
    {"commodity", "excise", "job", "service", "gambling_bet", "gambling_prize", "lottery",
     "lottery_prize", "intellectual_activity", "payment", "agent_commission", "composite",
     "another"}
)  # fmt: skip


def token(values: Mapping[str, Any], password: str) -> str:
    """sha256 over the root's scalars and the password, in the order of their names."""
    flat = {"Password": password}
    for name, value in values.items():
        if name == "Token" or value is None or isinstance(value, dict | list):
            continue
        flat[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return hashlib.sha256("".join(flat[name] for name in sorted(flat)).encode()).hexdigest()


def refusal(code: str, text: str, details: str = "") -> Refuse:
    """T-Bank refuses with HTTP 200 and Success false."""
    return Refuse(200, {"Success": False, "ErrorCode": code, "Message": text, "Details": details})


def wrong(details: str) -> Refuse:
    return refusal("9999", "Wrong parameters.", details)


def known(method: str, given: Mapping[str, Any]) -> None:
    for name in given:
        if name not in FIELDS[method] | _EVERY:
            raise wrong(f"Unknown field {name}.")
    for name in NEEDED.get(method, ("PaymentId",)):
        if given.get(name) in (None, ""):
            raise wrong(f"{name} is missing.")


def payment(given: Mapping[str, Any], now: datetime) -> None:
    """What Init wants of amount, number, text, addresses, end, data and receipt."""
    amount = given["Amount"]
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise wrong("Amount is kopecks, a whole number.")
    if not SMALLEST <= amount <= LARGEST:
        raise wrong("Amount is out of range.")
    if not re.fullmatch(r"[\w-]{1,36}", str(given["OrderId"])):
        raise wrong("OrderId is 1-36 characters.")
    if len(str(given.get("Description", ""))) > 140:
        raise wrong("Description is longer than 140.")
    if given.get("PayType", "O") != "O":
        raise wrong("SBP is one-stage: PayType is O.")
    for name in ("NotificationURL", "SuccessURL", "FailURL"):
        if name in given and not re.fullmatch(r"https?://\S+", str(given[name])):
            raise wrong(f"{name} is no address.")
    _data(given.get("DATA", {}))
    due(given.get("RedirectDueDate"), now)
    if "Receipt" in given:
        receipt(given["Receipt"], amount)


def due(text: Any, now: datetime) -> datetime:
    """YYYY-MM-DDTHH:MM:SS+GMT, up to 90 days on; a day when it is not said."""
    if text is None:
        return now + timedelta(days=1)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", str(text)):
        raise wrong("RedirectDueDate is YYYY-MM-DDTHH24:MI:SS+GMT.")
    found = datetime.fromisoformat(str(text))
    if not now < found <= now + LONGEST_DUE:
        raise wrong("RedirectDueDate is not ahead, or more than 90 days.")
    return found


def _data(given: Any) -> None:
    if not isinstance(given, dict) or len(given) > 20:
        raise wrong("DATA is up to 20 pairs.")
    for name, value in given.items():
        if len(name) > 20 or len(str(value)) > 100:
            raise wrong("A key of DATA is up to 20, a value up to 100 characters.")


def receipt(given: Any, amount: int) -> None:
    """54-FZ: who gets it, under which tax, and the lines make the sum."""
    if not isinstance(given, dict) or not (given.get("Email") or given.get("Phone")):
        raise wrong("Receipt needs an Email or a Phone.")
    if given.get("Taxation") not in _SYSTEM:
        raise wrong("Receipt.Taxation is wrong.")
    items = given.get("Items")
    if not isinstance(items, list) or not items:
        raise wrong("Receipt.Items is empty.")
    for item in items:
        _line(item)
    if sum(item["Amount"] for item in items) != amount:
        raise wrong("The items do not make the amount.")


def _line(item: Mapping[str, Any]) -> None:
    if not 1 <= len(str(item.get("Name", ""))) <= 128:
        raise wrong("Items.Name is 1-128 characters.")
    if item.get("Tax") not in _TAX:
        raise wrong("Items.Tax is wrong.")
    if item.get("PaymentMethod", "full_payment") not in _METHOD:
        raise wrong("Items.PaymentMethod is wrong.")
    if item.get("PaymentObject", "commodity") not in _OBJECT:
        raise wrong("Items.PaymentObject is wrong.")
    numbers = [item.get(name) for name in ("Price", "Quantity", "Amount")]
    if any(not isinstance(one, int) or one <= 0 for one in numbers):
        raise wrong("Items.Price, Quantity and Amount are whole numbers.")
    if item["Price"] * item["Quantity"] != item["Amount"]:
        raise wrong("Items.Amount is not Price times Quantity.")
