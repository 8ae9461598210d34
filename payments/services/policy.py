"""May this buyer pay this way, here and now? Asked on the server whenever an attempt is made.

DEFAULTS is the reading of Telegram's terms for bot developers (facts of 2026); staff overrule a
cell by a row of PaymentMethodPolicy, and switch a whole method off by a MethodSwitch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast, Concat

from payments import errors
from payments.models import MethodSwitch, PaymentMethodPolicy, ProviderHealth
from payments.models.policy import ANY
from payments.providers import REGISTRY, provider
from payments.providers.base import OffChain

NFT: Final = PaymentMethodPolicy.Goods.NFT
_SWITCH: Final = "!"
_SILENT: Final = "It does not answer: "


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
    """The switch or the breaker, else staff's most specific row, else the default. One query.

    A method of several acquirers is off when all of them are. amount in minor units of `asset`;
    none: any.
    """
    acquirers = _acquirers(method)
    rows = _rows(method, acquirers, context, country, asset, goods)
    off = {row["asset"]: row["reason"] for row in rows if row["country"] == _SWITCH}
    for name in (method, *acquirers):
        if name in off and (name == method or all(one in off for one in acquirers)):
            return Decision(allowed=False, reason=off[name])
    fitting = [row for row in rows if row["country"] != _SWITCH and _fits(row, amount)]
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


def _acquirers(method: str) -> Sequence[str]:
    made = provider(method) if method in REGISTRY else None
    return made.acquirers if isinstance(made, OffChain) else ()


def _rows(
    method: str, acquirers: Sequence[str], context: str, country: str, asset: str, goods: str
) -> list[dict[str, Any]]:
    """Cells, and as such with _SWITCH for a country what is off: the name stands in `asset`."""
    none = Cast(Value(None), BigIntegerField())
    off = MethodSwitch.objects.filter(method__in=(method, *acquirers), on=False)
    away = ProviderHealth.objects.filter(acquirer__in=acquirers).exclude(
        state=ProviderHealth.State.CLOSED
    )
    cells = PaymentMethodPolicy.objects.filter(
        context=context,
        goods=goods,
        method=method,
        country__in=(country or ANY, ANY),
        asset__in=(asset, ANY),
    )
    names = ("country", "asset", "smallest", "largest", "allowed", "reason")
    mark, no = Value(_SWITCH), Value(False)  # noqa: FBT003  a column of the database
    switch = off.order_by().values_list(mark, "method", none, none, "on", "reason")
    silent = away.order_by().values_list(
        mark, "acquirer", none, none, no, Concat(Value(_SILENT), "error")
    )
    found = cells.order_by().values_list(*names).union(switch, silent, all=True)
    return [dict(zip(names, row, strict=True)) for row in found]


def _fits(row: Mapping[str, Any], amount: int | None) -> bool:
    if amount is None:
        return True
    above = row["smallest"] is None or amount >= row["smallest"]
    return bool(above and (row["largest"] is None or amount <= row["largest"]))
