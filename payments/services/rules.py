"""What staff decide about ways to pay: where each may be used, which is off, who gets what share.

One door a decision, each with its permission, its checks, its lock and its audit record. Every
`..._check` raises what its door would raise, so that a form can say it before anything is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.locks import lock
from core.money import BPS, DECIMALS, Money
from nft.models import Collection
from payments import errors
from payments.models import ListPrice, MethodSwitch, PaymentMethodPolicy, Rate, ShareRule
from payments.models.policy import ANY
from payments.providers import REGISTRY, provider
from payments.services import policy, waterfall

POLICY: Final = "payments.change_paymentmethodpolicy"
SWITCH: Final = "payments.change_methodswitch"
SHARE: Final = "payments.add_sharerule"
PRICE: Final = "payments.change_listprice"
RATE: Final = "payments.add_rate"
# Methods, and the acquirers that stand behind one of them.
SWITCHES: Final[Mapping[str, str]] = {
    **{name: name for name in REGISTRY},
    "yookassa": "sbp by YooKassa",
    "tbank": "sbp by T-Bank",
}
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_MICRO: Final = 10**6


def _let_in(actor: User, permission: str, reason: str) -> None:
    if not actor.has_perm(permission):
        raise errors.not_allowed()
    if not reason.strip():
        raise errors.note_required()


# --- policy ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a rule holds; "*" for every country, every asset."""

    context: str
    goods: str
    method: str
    country: str = ANY
    asset: str = ANY


def policy_cell_check(
    *, cell: Cell, allowed: bool, smallest: int | None = None, largest: int | None = None
) -> None:
    """Raises ApplicationError rule_refused (400) with the text that says why."""
    inside = cell.context == PaymentMethodPolicy.Context.TELEGRAM
    if inside and cell.method == "binance" and allowed:
        raise errors.rule_refused(policy.DEFAULTS["telegram", "nft", "binance"].reason)
    if cell.method not in REGISTRY:
        raise errors.rule_refused(f"There is no method {cell.method}.")
    if cell.context not in PaymentMethodPolicy.Context.values:
        raise errors.rule_refused(f"There is no context {cell.context}.")
    if cell.goods not in PaymentMethodPolicy.Goods.values:
        raise errors.rule_refused(f"There are no goods {cell.goods}.")
    if cell.country != ANY and not _COUNTRY.fullmatch(cell.country):
        raise errors.rule_refused("A country is two capital letters (ISO 3166), or * for all.")
    taken = sorted(provider(cell.method).capabilities.assets)
    if cell.asset != ANY and cell.asset not in taken:
        raise errors.rule_refused(f"{cell.method} takes {', '.join(taken)}, or * for all.")
    amounts = [one for one in (smallest, largest) if one is not None]
    if amounts and cell.asset == ANY:
        raise errors.rule_refused("Amounts need a currency: name it instead of *.")
    if any(one < 0 for one in amounts) or (len(amounts) == 2 and amounts[0] > amounts[1]):
        raise errors.rule_refused("The smallest amount is not above the largest, nor below zero.")


@transaction.atomic
def policy_cell_set(
    *,
    cell: Cell,
    allowed: bool,
    reason: str,
    actor: User,
    smallest: int | None = None,
    largest: int | None = None,
) -> PaymentMethodPolicy:
    """Overrule the default of a cell; smallest and largest in minor units of its asset.

    Raises ApplicationError not_allowed (403), note_required and rule_refused (400).
    """
    _let_in(actor, POLICY, reason)
    lock("payments-rules")
    policy_cell_check(cell=cell, allowed=allowed, smallest=smallest, largest=largest)
    row = PaymentMethodPolicy.objects.select_for_update().filter(**asdict(cell)).first()
    before = _decided(row) if row else None
    row = row or PaymentMethodPolicy(**asdict(cell))
    row.allowed, row.reason = allowed, reason.strip()[:300]
    row.smallest, row.largest = smallest, largest
    row.save()
    audit.record(
        actor=actor,
        action="payments.policy_cell_set",
        target=row,
        before=before,
        after={**asdict(cell), **_decided(row)},
        reason=reason,
    )
    return row


@transaction.atomic
def policy_cell_clear(*, cell_id: UUID, reason: str, actor: User) -> None:
    """Back to the default. Raises ApplicationError not_allowed, note_required."""
    _let_in(actor, POLICY, reason)
    row = PaymentMethodPolicy.objects.select_for_update().get(pk=cell_id)
    where = {"context": row.context, "goods": row.goods, "method": row.method}
    before = {**where, "country": row.country, "asset": row.asset, **_decided(row)}
    audit.record(
        actor=actor,
        action="payments.policy_cell_cleared",
        target=row,
        before=before,
        reason=reason,
    )
    row.delete()


def _decided(row: PaymentMethodPolicy) -> dict[str, Any]:
    return {
        "allowed": row.allowed,
        "reason": row.reason,
        "smallest": row.smallest,
        "largest": row.largest,
    }


# --- switches -------------------------------------------------------------------------------------


@transaction.atomic
def method_switch(*, method: str, on: bool, reason: str, actor: User) -> MethodSwitch:
    """Off: no new attempt by this method (or acquirer) from this moment on; open ones complete.

    Raises ApplicationError not_allowed (403), note_required (400, when switched off without a
    reason), rule_refused (400).
    """
    _let_in(actor, SWITCH, reason if not on else "on again")
    if method not in SWITCHES:
        raise errors.rule_refused(f"There is no switch for {method}.")
    row, _ = MethodSwitch.objects.select_for_update().get_or_create(method=method)
    before = {"on": row.on, "reason": row.reason}
    row.on, row.reason = on, reason.strip()[:300]
    row.save()
    audit.record(
        actor=actor,
        action=f"payments.method_switched_{'on' if on else 'off'}",
        target=row,
        before=before,
        after={"on": row.on, "reason": row.reason},
        reason=reason,
    )
    return row


# --- shares ---------------------------------------------------------------------------------------


def share_rule_check(rule: ShareRule) -> None:
    """Raises ApplicationError rule_refused (400)."""
    kinds = ShareRule.Kind
    if rule.method not in REGISTRY:
        raise errors.rule_refused(f"There is no method {rule.method}.")
    taken = sorted(provider(rule.method).capabilities.assets)
    if rule.asset not in taken:
        raise errors.rule_refused(f"{rule.method} takes {', '.join(taken)}.")
    if rule.starts_on <= timezone.now().date():
        raise errors.rule_refused(
            "A rule starts tomorrow at the earliest: today's sales are booked by today's rule."
        )
    if rule.kind == kinds.TELEGRAM_SHARE and rule.method != "stars":
        raise errors.rule_refused("Telegram takes a share of Stars only.")
    if rule.fixed and rule.kind != kinds.PROVIDER_FEE:
        raise errors.rule_refused("Only a provider's fee has a fixed part.")
    if not 0 <= rule.bps <= BPS or rule.fixed < 0:
        raise errors.rule_refused("A share is 0 to 10000 basis points (100 = 1%).")
    for day in _days_from(rule):
        if (sum_ := _taken_bps(rule, day)) > BPS:
            raise errors.rule_refused(
                f"On {day} all shares together would take {sum_} of {BPS} basis points."
            )


def _days_from(rule: ShareRule) -> list[date]:
    """The rule's first day, and those on which other rules take over after it."""
    later = ShareRule.objects.filter(
        method=rule.method, asset=rule.asset, starts_on__gt=rule.starts_on
    )
    return [rule.starts_on, *later.order_by("starts_on").values_list("starts_on", flat=True)]


def _taken_bps(rule: ShareRule, day: date) -> int:
    """Basis points of the gross that VAT, provider and Telegram take on a day, rounded up."""
    at = datetime.combine(day, time(12), tzinfo=timezone.get_default_timezone())
    known = waterfall.rules_at(method=rule.method, asset=rule.asset, at=at)
    values = {"vat": known.vat_bps, "provider_fee": known.fee_bps,
              "telegram_share": known.telegram_bps}  # fmt: skip
    if not _replaced(rule, day):
        values[rule.kind] = rule.bps
    vat = -(-values["vat"] * BPS // (BPS + values["vat"]))
    return vat + values["provider_fee"] + values["telegram_share"]


def _replaced(rule: ShareRule, day: date) -> bool:
    """Whether another rule of the same kind has taken over by that day."""
    return ShareRule.objects.filter(
        method=rule.method, asset=rule.asset, kind=rule.kind,
        starts_on__gt=rule.starts_on, starts_on__lte=day,
    ).exists()  # fmt: skip


@transaction.atomic
def share_rule_add(*, rule: ShareRule, actor: User) -> ShareRule:
    """A rule that takes over from its day on; what was in force stays to be read.

    Raises ApplicationError not_allowed (403), note_required and rule_refused (400).
    """
    _let_in(actor, SHARE, rule.reason)
    lock("payments-rules")
    share_rule_check(rule)
    rule.save(force_insert=True)
    audit.record(
        actor=actor,
        action="payments.share_rule_added",
        target=rule,
        after={
            "method": rule.method, "asset": rule.asset, "kind": rule.kind, "bps": rule.bps,
            "fixed": rule.fixed, "starts_on": str(rule.starts_on),
        },
        reason=rule.reason,
    )  # fmt: skip
    return rule


# --- prices and rates -----------------------------------------------------------------------------


def priced_assets() -> list[str]:
    """Assets in which something other than the native coin is taken."""
    found = {asset for name in REGISTRY for asset in provider(name).capabilities.assets}
    return sorted(found - {settings.NATIVE_COIN})


def list_price_check(*, asset: str, unit_price: int) -> None:
    """Raises ApplicationError rule_refused (400). unit_price in minor units."""
    if asset not in priced_assets():
        raise errors.rule_refused(f"Prices are listed in {', '.join(priced_assets())}.")
    if unit_price <= 0:
        raise errors.rule_refused("A price is above zero.")


@transaction.atomic
def list_price_set(
    *, collection: Collection, asset: str, unit_price: int, reason: str, actor: User
) -> ListPrice:
    """The artist's own price of one edition, which goes before any rate. Minor units.

    Raises ApplicationError not_allowed (403), note_required and rule_refused (400).
    """
    _let_in(actor, PRICE, reason)
    lock("payments-rules")
    list_price_check(asset=asset, unit_price=unit_price)
    known = ListPrice.objects.select_for_update().filter(collection=collection, asset=asset)
    row = known.first() or ListPrice(collection=collection, asset=asset)
    before = {"unit_price": row.unit_price} if row.unit_price else None
    row.unit_price = unit_price
    row.save()
    audit.record(
        actor=actor,
        action="payments.list_price_set",
        target=row,
        before=before,
        after={"collection": str(collection.pk), "asset": asset, "unit_price": unit_price},
        reason=reason,
    )
    return row


def rate_check(*, asset: str, price: str) -> int:
    """The rate in micros (see Rate). price: of one native coin, in whole units, as "3.05".

    Raises ApplicationError rule_refused (400), also for one that is far from the last.
    """
    if asset not in priced_assets():
        raise errors.rule_refused(f"Rates are kept for {', '.join(priced_assets())}.")
    if asset in settings.RATES_FIXED:
        raise errors.rule_refused(f"The rate of {asset} is fixed by the setting RATES_FIXED.")
    whole, _, part = price.strip().replace(",", ".").partition(".")
    places = DECIMALS[asset] + 6
    if not (whole + part).isdigit() or not whole or len(part) > places or len(whole) > 9:
        raise errors.rule_refused("A rate is the price of one coin in whole units, as 3.05.")
    micros = int(whole + part.ljust(places, "0"))
    if micros <= 0:
        raise errors.rule_refused("A rate is above zero.")
    last = Rate.objects.filter(asset=asset).first()
    if last is not None and not last.micros <= 2 * micros <= 4 * last.micros:
        now = Money(asset, last.micros // _MICRO)
        raise errors.rule_refused(f"The last rate was {now}: this is below half or above twice it.")
    return micros


@transaction.atomic
def rate_set(*, asset: str, price: str, reason: str, actor: User) -> Rate:
    """A rate told by a person; it gets old like any other (settings.RATE_MAX_AGE).

    Raises ApplicationError not_allowed (403), note_required and rule_refused (400).
    """
    _let_in(actor, RATE, reason)
    row = Rate.objects.create(
        asset=asset,
        micros=rate_check(asset=asset, price=price),
        source=f"desk: {actor}"[:40],
        at=timezone.now(),
    )
    audit.record(
        actor=actor,
        action="payments.rate_set",
        target=row,
        after={"asset": asset, "price": price},
        reason=reason,
    )
    return row
