"""Stripe as a way to pay: one Checkout Session an attempt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import stripe
from django.conf import settings

from core.money import Money
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
from payments.providers.stripe import reading
from payments.providers.stripe.calls import calls

# Stripe wants at least 30 minutes; a little more, so that clocks may differ.
LIFETIME: Final = timedelta(minutes=31)
MARGIN: Final = timedelta(minutes=10)
_LIMIT: Final = 100


class StripeProvider:
    """Fulfils Provider and OffChain. Amounts are cents of USD."""

    name = "stripe"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            assets=frozenset({"USD"}),
            reserves=True,
            instant=False,
            refunds=True,
            partial_refunds=True,
            hub_methods={"USD": 3},
            smallest={"USD": 50},
            largest={"USD": 99_999_999},
            lifetime=LIFETIME,
            margin=MARGIN,
            hold=settings.STRIPE_HOLD,
        )

    @property
    def configured(self) -> bool:
        return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRETS)

    @property
    def client(self) -> stripe.StripeClient:
        return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL)

    @property
    def acquirers(self) -> Sequence[str]:
        return (self.name,)

    def acquirer(self) -> str:
        return self.name

    def ping(self, acquirer: str) -> None:
        del acquirer
        with calls():
            self.client.v1.checkout.sessions.list({"limit": 1})

    def create(self, attempt: PaymentAttempt) -> Created:
        with calls(effect=True):
            session = self.client.v1.checkout.sessions.create(
                self._parameters(attempt), {"idempotency_key": attempt.key}
            )
        return _created(session)

    def _parameters(self, attempt: PaymentAttempt) -> Any:
        order = attempt.order
        release = order.collection.release
        back = f"{settings.PUBLIC_URL}/pay/return/{attempt.pk}"
        ours = {"attempt_id": str(attempt.pk)}
        return {
            "mode": "payment",
            "client_reference_id": str(order.pk),
            "metadata": ours,
            "payment_intent_data": {"metadata": ours},
            "success_url": back,
            "cancel_url": back,
            "expires_at": int(attempt.valid_until.timestamp()),
            "adaptive_pricing": {"enabled": False},  # else another currency may be charged
            "line_items": [
                {
                    "quantity": order.quantity,
                    "price_data": {
                        "currency": attempt.asset.lower(),
                        "unit_amount": attempt.amount // order.quantity,
                        "product_data": {"name": f"{release.title} - {release.artist.name}"[:250]},
                    },
                }
            ],
        }

    def fetch(self, attempts: Sequence[PaymentAttempt]) -> dict[UUID, ProviderState]:
        told: dict[UUID, ProviderState] = {}
        for attempt in attempts:
            if attempt.reference:
                with calls():
                    session = self.client.v1.checkout.sessions.retrieve(attempt.reference)
                told[attempt.pk] = self._state(session)
            else:
                told[attempt.pk] = self.find(attempt)[0]
        return told

    def find(self, attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]:
        """By our id in the metadata, among the sessions since the attempt was made."""
        for session in self._sessions(attempt.created_at - timedelta(minutes=5)):
            if reading.attempt_id(session) == attempt.pk:
                made = _created(session) if session.url else None
                return self._state(session), made
        return ProviderState(Status.ABSENT), None

    def cancel(self, attempt: PaymentAttempt) -> None:
        if attempt.reference:
            with calls(effect=True):
                self.client.v1.checkout.sessions.expire(attempt.reference)

    def refund(self, refund: Refund) -> RefundState:
        with calls(effect=True):
            made = self.client.v1.refunds.create(
                {
                    "payment_intent": str(refund.attempt.external_id),
                    "amount": refund.amount,
                    "metadata": {"refund_id": str(refund.pk)},
                },
                {"idempotency_key": refund.pk.hex},
            )
        return reading.refund_state(made)

    def fetch_refund(self, refund: Refund) -> RefundState:
        for one in self._refunds(str(refund.attempt.external_id)):
            if one.refund_id == refund.pk or one.external_id == refund.external_id:
                return one
        return RefundState(RefundStatus.ABSENT, "")

    def list_since(self, since: datetime) -> Iterator[ProviderPayment]:
        newest_first = list(self._sessions(since))
        for session in reversed(newest_first):
            yield ProviderPayment(
                self._state(session), str(session.id), reading.attempt_id(session)
            )

    def holdings(self) -> Mapping[str, Money]:
        """Stripe's balance mixes what is paid out by its own plan: reports tell that."""
        return {}

    def _state(self, session: Any) -> ProviderState:
        intent_id = reading.intent_of(session)
        if session.payment_status != "paid" and session.status == "complete" and intent_id:
            with calls():
                return reading.delayed(self.client.v1.payment_intents.retrieve(intent_id))
        if session.payment_status != "paid" or not intent_id:
            return reading.unpaid(session)
        with calls():
            intent = self.client.v1.payment_intents.retrieve(
                intent_id, {"expand": ["latest_charge.balance_transaction"]}
            )
            disputes = self.client.v1.disputes.list({"payment_intent": intent_id, "limit": _LIMIT})
        return reading.paid(intent, self._refunds(intent_id), disputes.data)

    def _refunds(self, intent_id: str) -> list[RefundState]:
        with calls():
            rows = self.client.v1.refunds.list({"payment_intent": intent_id, "limit": _LIMIT})
        return [reading.refund_state(row) for row in rows.data]

    def _sessions(self, since: datetime) -> Iterator[Any]:
        asked = {"created": {"gte": int(since.timestamp())}, "limit": _LIMIT}
        with calls():
            rows: Any = self.client.v1.checkout.sessions.list(asked)  # type: ignore[arg-type]
            yield from rows.auto_paging_iter()


@lru_cache(maxsize=2)
def _client(key: str, api: str) -> stripe.StripeClient:
    """Kept, so that one connection carries all calls of a fetch: each thread has its own.

    The SDK's own time limit is 80 s; it repeats with the same key by itself.
    """
    return stripe.StripeClient(
        key,
        base_addresses={"api": api},
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=10),
    )


def _created(session: Any) -> Created:
    if not session.url:
        raise ProviderError("not_open", "The session cannot be paid any more.", retry=False)
    return Created(
        {"kind": "redirect", "url": session.url},
        reference=str(session.id),
        valid_until=datetime.fromtimestamp(session.expires_at, UTC),
    )
