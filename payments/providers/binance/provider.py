"""Binance Pay as a way to pay: one order of theirs an attempt, priced in USDT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from core.money import Money
from payments import reasons
from payments.models import PaymentAttempt, Refund
from payments.providers.base import (
    Capabilities,
    Created,
    ProviderError,
    ProviderPayment,
    ProviderState,
    RefundState,
    RefundStatus,
    Status,
)
from payments.providers.binance.client import CERTIFICATES, call

LIFETIME: Final = timedelta(minutes=30)
MARGIN: Final = timedelta(minutes=10)
ORDER: Final = "/binancepay/openapi/v3/order"
QUERY: Final = "/binancepay/openapi/v2/order/query"
CLOSE: Final = "/binancepay/openapi/order/close"
REFUND: Final = "/binancepay/openapi/order/refund"
REFUND_QUERY: Final = "/binancepay/openapi/order/refund/query"
DUPLICATE: Final = "400201"
NOT_FOUND: Final = "400202"
_PAID: Final = frozenset({"PAID", "REFUNDING", "REFUNDED", "FULL_REFUNDED"})
_OPEN: Final = frozenset({"INITIAL"})
_REFUNDS: Final = {
    "REFUND_SUCCESS": RefundStatus.DONE,
    "REFUND_FAIL": RefundStatus.FAILED,
    "REFUND_PENDING": RefundStatus.PENDING,
}
_REFUND_DEAD: Final = ("failed", "cancelled")


class BinanceProvider:
    """Fulfils Provider and OffChain. Amounts are millionths of a USDT."""

    name = "binance"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            assets=frozenset({"USDT"}),
            reserves=True,
            instant=False,
            refunds=True,
            partial_refunds=True,
            hub_methods={"USDT": 4},
            smallest={"USDT": 10_000},
            largest={"USDT": 20_000_000_000},
            lifetime=LIFETIME,
            margin=MARGIN,
        )

    @property
    def configured(self) -> bool:
        return bool(settings.BINANCE_API_KEY and settings.BINANCE_API_SECRET)

    @property
    def acquirers(self) -> Sequence[str]:
        return (self.name,)

    def acquirer(self) -> str:
        return self.name

    def ping(self, acquirer: str) -> None:
        del acquirer
        call(CERTIFICATES, {})

    def create(self, attempt: PaymentAttempt) -> Created:
        order = attempt.order
        release = order.collection.release
        back = f"{settings.PUBLIC_URL}/pay/return/{attempt.pk}"
        given = {
            "env": {"terminalType": "WEB"},
            "merchantTradeNo": attempt.key,
            "orderAmount": _decimal(attempt.amount),
            "currency": attempt.asset,
            "description": f"Order {order.pk}",
            "goodsDetails": [
                {
                    "goodsType": "02",
                    "goodsCategory": "Z000",
                    "referenceGoodsId": release.pk.hex,
                    "goodsName": release.title[:256],
                }
            ],
            "returnUrl": back,
            "cancelUrl": back,
            "webhookUrl": f"{settings.PUBLIC_URL}/webhooks/binance",
            "orderExpireTime": int(attempt.valid_until.timestamp() * 1000),
            "passThroughInfo": str(attempt.pk),
        }
        try:
            found = call(ORDER, given)
        except ProviderError as error:
            if error.code == DUPLICATE:  # an earlier call has made it: look for it
                raise ProviderError(error.code, "made before", retry=True) from error
            raise
        return _created(found)

    def fetch(self, attempts: Sequence[PaymentAttempt]) -> dict[UUID, ProviderState]:
        return {attempt.pk: self._state(attempt) for attempt in attempts}

    def find(self, attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]:
        """By our trade number. The page of an order that is found cannot be asked for again: it is
        closed and made anew.
        """
        state = self._state(attempt)
        if state.status is Status.OPEN:
            call(CLOSE, {"merchantTradeNo": attempt.key})
            return ProviderState(Status.ABSENT), None
        return state, None

    def cancel(self, attempt: PaymentAttempt) -> None:
        call(CLOSE, {"merchantTradeNo": attempt.key})

    def refund(self, refund: Refund) -> RefundState:
        """Refused for a part when one try is left: Binance would then send back all the rest."""
        attempt = refund.attempt
        earlier = attempt.refunds.exclude(pk=refund.pk).count()
        if earlier >= _TRIES - 1 and refund.amount != _left(refund):
            raise ProviderError(
                "last_try", "Only the whole rest can be refunded by the last try.", retry=False
            )
        found = call(
            REFUND,
            {
                "refundRequestId": refund.pk.hex,
                "prepayId": str(attempt.reference),
                "refundAmount": _decimal(refund.amount),
                "refundReason": "Order cancelled",
            },
        )
        return RefundState(
            RefundStatus.PENDING,
            str(found.get("refundId") or refund.pk.hex),
            refund.money,
            refund_id=refund.pk,
        )

    def fetch_refund(self, refund: Refund) -> RefundState:
        try:
            found = call(REFUND_QUERY, {"refundRequestId": refund.pk.hex})
        except ProviderError as error:
            if error.code == NOT_FOUND:
                return RefundState(RefundStatus.ABSENT, "")
            raise
        return RefundState(
            _REFUNDS.get(str(found.get("refundStatus")), RefundStatus.PENDING),
            str(found.get("refundId") or refund.pk.hex),
            refund.money,
            refund_id=refund.pk,
        )

    def list_since(self, since: datetime) -> Iterator[ProviderPayment]:
        """Merchant orders have no list: those of our own attempts are asked for one by one."""
        made = PaymentAttempt.objects.filter(acquirer=self.name, created_at__gte=since)
        for attempt in made.exclude(key="").order_by("created_at"):
            state = self._state(attempt)
            if state.status is not Status.ABSENT:
                yield ProviderPayment(state, str(attempt.reference or ""), attempt.pk)

    def holdings(self) -> Mapping[str, Money]:
        return {}

    def _state(self, attempt: PaymentAttempt) -> ProviderState:
        try:
            found = call(QUERY, {"merchantTradeNo": attempt.key})
        except ProviderError as error:
            if error.code == NOT_FOUND:
                return ProviderState(Status.ABSENT)
            raise
        status = str(found.get("status"))
        if status in _PAID:
            return self._paid(attempt, found)
        if status in _OPEN:
            return ProviderState(Status.OPEN)
        if status == "PENDING":
            return ProviderState(Status.PROCESSING)
        if status == "EXPIRED":
            return ProviderState(Status.EXPIRED, reason=reasons.UNPAID)
        if status == "CANCELED":
            return ProviderState(Status.CANCELLED, reason=reasons.UNPAID)
        return ProviderState(Status.FAILED, reason=reasons.DECLINED, raw={"status": status})

    def _paid(self, attempt: PaymentAttempt, found: Mapping[str, Any]) -> ProviderState:
        """The order's own amount and currency: the payer may have paid in another coin.

        Binance has no list of an order's refunds. A part that went back by its own desk cannot be
        told; that all is back can.
        """
        asset = str(found["currency"])
        fee = found.get("commission")
        known = attempt.refunds.exclude(state="requested").exclude(state__in=_REFUND_DEAD)
        paid = _money(asset, found["orderAmount"])
        ours = [self.fetch_refund(one) for one in known if one.external_id]
        back = sum(one.amount for one in known)
        if found["status"] == "FULL_REFUNDED" and back < paid.amount:
            rest = Money(asset, paid.amount - back)
            name = f"{attempt.reference}-rest"
            ours.append(RefundState(RefundStatus.DONE, name, amount=rest))
        return ProviderState(
            Status.PAID,
            paid=paid,
            fee=_money(asset, fee) if fee is not None else None,
            external_id=str(found["transactionId"]),
            occurred_at=_time(found["transactTime"]),
            refunds=ours,
        )


_TRIES: Final = 10


def _left(refund: Refund) -> int:
    others = refund.attempt.refunds.exclude(pk=refund.pk).exclude(state__in=_REFUND_DEAD)
    return (refund.attempt.paid or 0) - sum(others.values_list("amount", flat=True))


def _created(found: Mapping[str, Any]) -> Created:
    return Created(
        {
            "kind": "redirect",
            "url": str(found["checkoutUrl"]),
            "universal_url": str(found["universalUrl"]),
        },
        reference=str(found["prepayId"]),
        valid_until=_time(found["expireTime"]),
    )


def _decimal(micros: int) -> str:
    return Money("USDT", micros).decimal()


def _money(asset: str, amount: object) -> Money:
    try:
        return Money.parse(asset, format(Decimal(str(amount)), "f"))
    except (ValueError, InvalidOperation) as error:
        raise ProviderError("malformed", f"an amount: {amount!r}"[:80], retry=True) from error


def _time(milliseconds: object) -> datetime:
    return datetime.fromtimestamp(int(str(milliseconds)) // 1000, UTC)
