"""May this buyer pay this way, here and now? Asked on the server whenever an attempt is made.

DEFAULTS is the reading of Telegram's terms for bot developers (facts of 2026); staff overrule a
cell by a row of PaymentMethodPolicy, and switch a whole method off by a MethodSwitch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast

from payments import errors
from payments.models import MethodSwitch, PaymentMethodPolicy
from payments.models.policy import ANY

NFT: Final = PaymentMethodPolicy.Goods.NFT
_SWITCH: Final = "!"


@dataclass(frozen=True, slots=True)
class Decision:
    """reason: of the cell that decided, for staff; buyers are told only that it is not offered."""

    allowed: bool
    reason: str


_STARS: Final = "Bot terms 6.2: digital goods inside Telegram are sold for Stars."
_NOT_INSIDE: Final = "Bot terms 6.2: no other provider for digital goods inside Telegram."
_NEVER: Final = "Bot terms 7.4: no other crypto inside Telegram, nor any link to it."
_WEB: Final = "The web storefront is outside Telegram's rules."
_YES: Final = "Allowed for what Telegram's rules do not cover."
_HELD: Final = "Not for physical goods: Stars are for digital ones."

# (context, goods, method) -> decision; see also COUNTRIES.
DEFAULTS: Final[Mapping[tuple[str, str, str], Decision]] = {
    ("telegram", "nft", "ton"): Decision(
        allowed=True, reason="Bot terms 7: TON by TON Connect is allowed for TON collectibles."
    ),
    ("telegram", "nft", "stars"): Decision(allowed=True, reason=_STARS),
    ("telegram", "nft", "sbp"): Decision(allowed=False, reason=_NOT_INSIDE),
    ("telegram", "nft", "stripe"): Decision(allowed=False, reason=_NOT_INSIDE),
    ("telegram", "nft", "binance"): Decision(allowed=False, reason=_NEVER),
    ("telegram", "access", "ton"): Decision(
        allowed=False, reason="Bot terms 6.2 read as Stars only for plain digital access."
    ),
    ("telegram", "access", "stars"): Decision(allowed=True, reason=_STARS),
    ("telegram", "access", "sbp"): Decision(allowed=False, reason=_NOT_INSIDE),
    ("telegram", "access", "stripe"): Decision(allowed=False, reason=_NOT_INSIDE),
    ("telegram", "access", "binance"): Decision(allowed=False, reason=_NEVER),
    ("telegram", "physical", "ton"): Decision(allowed=True, reason=_YES),
    ("telegram", "physical", "stars"): Decision(allowed=False, reason=_HELD),
    ("telegram", "physical", "sbp"): Decision(allowed=True, reason=_YES),
    ("telegram", "physical", "stripe"): Decision(allowed=True, reason=_YES),
    ("telegram", "physical", "binance"): Decision(allowed=False, reason=_NEVER),
    **{
        ("web", goods, method): Decision(allowed=True, reason=_WEB)
        for goods in ("nft", "access", "physical")
        for method in ("ton", "sbp", "stripe", "binance")
    },
    **{
        ("web", goods, "stars"): Decision(
            allowed=False, reason="Stars can only be paid inside Telegram."
        )
        for goods in ("nft", "access", "physical")
    },
}
# (method, country) -> decision, in every context that would else allow it.
COUNTRIES: Final[Mapping[tuple[str, str], Decision]] = {
    ("stripe", "RU"): Decision(allowed=False, reason="Stripe does not take Russian cards."),
}
_NO_CELL: Final = Decision(allowed=False, reason="No rule allows it.")


def decide(
    *,
    method: str,
    context: str,
    country: str = "",
    asset: str,
    amount: int | None = None,
    goods: str = NFT,
) -> Decision:
    """The switch, else staff's most specific row, else the default. One query.

    amount in minor units of `asset`; none: any.
    """
    rows = _rows(method, context, country, asset, goods)
    for row in rows:
        if row["country"] == _SWITCH:
            return Decision(allowed=False, reason=row["reason"])
    fitting = [row for row in rows if _fits(row, amount)]
    if fitting:
        best = max(fitting, key=lambda row: (row["country"] != ANY, row["asset"] != ANY))
        return Decision(allowed=best["allowed"], reason=best["reason"])
    default = DEFAULTS.get((context, goods, method), _NO_CELL)
    return COUNTRIES.get((method, country), default) if default.allowed else default


def refuse_unavailable(*, method: str, context: str, country: str, asset: str, amount: int) -> None:
    """Raises ApplicationError method_unavailable (400)."""
    decision = decide(method=method, context=context, country=country, asset=asset, amount=amount)
    if not decision.allowed:
        raise errors.method_unavailable()


def _rows(method: str, context: str, country: str, asset: str, goods: str) -> list[dict[str, Any]]:
    none = Cast(Value(None), BigIntegerField())
    off = MethodSwitch.objects.filter(method=method, on=False)
    cells = PaymentMethodPolicy.objects.filter(
        context=context,
        goods=goods,
        method=method,
        country__in=(country or ANY, ANY),
        asset__in=(asset, ANY),
    )
    names = ("country", "asset", "smallest", "largest", "allowed", "reason")
    switch = off.order_by().values_list(Value(_SWITCH), Value(""), none, none, "on", "reason")
    found = cells.order_by().values_list(*names).union(switch, all=True)
    return [dict(zip(names, row, strict=True)) for row in found]


def _fits(row: Mapping[str, Any], amount: int | None) -> bool:
    if amount is None:
        return True
    above = row["smallest"] is None or amount >= row["smallest"]
    return bool(above and (row["largest"] is None or amount <= row["largest"]))
