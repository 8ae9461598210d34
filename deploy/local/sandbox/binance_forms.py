"""The forms of Binance Pay's merchant API: answers, fields of each method, amounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from deploy.local.sandbox.frame import Refuse, Reply

HOUR: Final = 3_600_000
CURRENCIES: Final = ("USDT", "USDC", "BTC", "BNB")
TERMINALS: Final = ("WEB", "WAP", "APP", "MINI_PROGRAM", "OTHERS")
LONGEST: Final = {
    "returnUrl": 256, "cancelUrl": 256, "webhookUrl": 256, "description": 256,
    "passThroughInfo": 512,
}  # fmt: skip
GOODS: Final = frozenset(
    {"goodsType", "goodsCategory", "referenceGoodsId", "goodsName", "goodsDetail"}
)
_WHICH: Final = (frozenset({"merchantTradeNo", "prepayId"}), ())
# method -> (all names, those that must be there)
FIELDS: Final[Mapping[str, tuple[frozenset[str], tuple[str, ...]]]] = {
    "order": (
        frozenset(
            {"env", "merchantTradeNo", "orderAmount", "currency", "description", "goodsDetails",
             "returnUrl", "cancelUrl", "webhookUrl", "orderExpireTime", "passThroughInfo"}
        ),
        ("env", "merchantTradeNo", "orderAmount", "currency", "description", "goodsDetails"),
    ),
    "query": _WHICH,
    "close": _WHICH,
    "refund": (
        frozenset(
            {"refundRequestId", "prepayId", "refundAmount", "refundReason", "webhookUrl"}
        ),
        ("refundRequestId", "prepayId", "refundAmount"),
    ),
    "refund_query": (frozenset({"refundRequestId"}), ("refundRequestId",)),
    "certificates": (frozenset(), ()),
}  # fmt: skip


def ok(data: Any) -> Reply:
    return Reply(200, {"status": "SUCCESS", "code": "000000", "data": data})


def fail(code: str, text: str) -> dict[str, Any]:
    return {"status": "FAIL", "code": code, "errorMessage": text}


def refuse(code: str, text: str) -> Refuse:
    return Refuse(400, fail(code, text))


def known(given: Mapping[str, Any], method: str) -> None:
    """Names that the method takes, and those that it needs."""
    names, needed = FIELDS[method]
    for name in given:
        if name not in names:
            raise refuse("400100", f"unknown parameter {name}")
    for name in needed:
        if not given.get(name):
            raise refuse("400101", f"{name} is missing")
    if method in ("query", "close") and not given:
        raise refuse("400101", "merchantTradeNo or prepayId is missing")


def order(given: Mapping[str, Any], now: float) -> None:
    """What orders v3 wants of number, money, end, texts, addresses and goods."""
    known(given, "order")
    if not re.fullmatch("[A-Za-z0-9]{1,32}", str(given["merchantTradeNo"])):
        raise refuse("400102", "merchantTradeNo")
    if given["currency"] not in CURRENCIES:
        raise refuse("400102", "currency")
    until = given.get("orderExpireTime", now * 1000 + HOUR)
    if not isinstance(until, int | float) or not now * 1000 < until <= now * 1000 + HOUR:
        raise refuse("400102", "orderExpireTime")
    env = given["env"]
    if not isinstance(env, dict) or set(env) - {"terminalType", "osType", "orderClientIp"}:
        raise refuse("400102", "env")
    if env.get("terminalType") not in TERMINALS:
        raise refuse("400102", "terminalType")
    for name, longest in LONGEST.items():
        if len(str(given.get(name, ""))) > longest:
            raise refuse("400103", name)
    for name in ("returnUrl", "cancelUrl", "webhookUrl"):
        if name in given and not re.match("https?://", str(given[name])):
            raise refuse("400102", name)
    _goods(given["goodsDetails"])


def _goods(rows: Any) -> None:
    if not isinstance(rows, list) or not rows:
        raise refuse("400102", "goodsDetails")
    for row in rows:
        if set(row) - GOODS or row.get("goodsType") not in ("01", "02"):
            raise refuse("400102", "goodsDetails")
        if not re.fullmatch("[A-Z0-9]{4}", str(row.get("goodsCategory", ""))):
            raise refuse("400102", "goodsCategory")
        if not re.fullmatch("[\\w-]{1,32}", str(row.get("referenceGoodsId", ""))):
            raise refuse("400102", "referenceGoodsId")
        if not 1 <= len(str(row.get("goodsName", ""))) <= 256:
            raise refuse("400102", "goodsName")


def amount_of(given: Any) -> Decimal:
    try:
        amount = Decimal(str(given))
    except InvalidOperation as error:
        raise Refuse(400, fail("400102", "amount")) from error
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -8 or not Decimal("0.01") <= amount <= 20_000:
        raise Refuse(400, fail("400102", "amount"))
    return amount
