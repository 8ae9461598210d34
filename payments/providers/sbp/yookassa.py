"""YooKassa, API v3 (yookassa.ru/developers/api): the payer goes to its page, or his bank's app.

A 500 says nothing about what happened: the payment is looked for by our id in its metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from core import http
from payments import reasons
from payments.models import PaymentAttempt, Refund
from payments.providers.base import (
    Created,
    ProviderError,
    ProviderPayment,
    ProviderState,
    RefundState,
    RefundStatus,
    Status,
)
from payments.providers.sbp import receipt
from payments.providers.sbp.acquirer import money, roubles, uuid

_PAGE: Final = 100
_REFUNDS: Final = {
    "succeeded": RefundStatus.DONE,
    "pending": RefundStatus.PENDING,
    "canceled": RefundStatus.FAILED,
}


class YooKassa:
    """Fulfils Acquirer."""

    smallest = 100

    @property
    def configured(self) -> bool:
        return bool(settings.YOOKASSA_SHOP_ID and settings.YOOKASSA_SECRET_KEY)

    def ping(self) -> None:
        self._call("GET", "/payments", query={"limit": "1"})

    def create(self, attempt: PaymentAttempt) -> Created:
        order = attempt.order
        found = self._call(
            "POST",
            "/payments",
            key=attempt.key,
            body={
                "amount": {"value": roubles(attempt.amount), "currency": attempt.asset},
                "payment_method_data": {"type": "sbp"},
                "confirmation": {
                    "type": "redirect",
                    "return_url": f"{settings.PUBLIC_URL}/pay/return/{attempt.pk}",
                },
                "capture": True,
                "description": f"Order {order.pk}"[:128],
                "metadata": {"attempt_id": str(attempt.pk)},
                "receipt": receipt.yookassa(attempt, attempt.amount),
            },
        )
        made = _created(found)
        if made is None:
            raise ProviderError("not_open", "The payment cannot be made any more.", retry=False)
        return made

    def state(self, attempt: PaymentAttempt) -> ProviderState:
        if not attempt.reference:
            return self.find(attempt)[0]
        return self._state(self._call("GET", f"/payments/{attempt.reference}"))

    def find(self, attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]:
        for found in self._payments(attempt.created_at - timedelta(minutes=5)):
            if uuid(found.get("metadata", {}).get("attempt_id")) == attempt.pk:
                return self._state(found), _created(found)
        return ProviderState(Status.ABSENT), None

    def cancel(self, attempt: PaymentAttempt) -> None:
        """A one-stage payment that waits for its payer ends by itself, an hour after its start."""

    def refund(self, refund: Refund) -> RefundState:
        found = self._call(
            "POST",
            "/refunds",
            key=refund.pk.hex,
            body={
                "payment_id": str(refund.attempt.external_id),
                "amount": {"value": roubles(refund.amount), "currency": refund.asset},
                "description": f"Refund {refund.pk}"[:250],
                "receipt": receipt.yookassa(refund.attempt, refund.amount),
            },
        )
        return _refund(found)

    def fetch_refund(self, refund: Refund) -> RefundState:
        """The same key again would tell it, too; a GET changes nothing for sure."""
        if refund.external_id:
            return _refund(self._call("GET", f"/refunds/{refund.external_id}"))
        for found in self._refunds(str(refund.attempt.external_id)):
            if found.get("description") == f"Refund {refund.pk}":
                return _refund(found)
        return RefundState(RefundStatus.ABSENT, "")

    def list_since(self, since: datetime) -> Iterator[ProviderPayment]:
        rows = sorted(self._payments(since), key=lambda row: str(row["created_at"]))
        for row in rows:
            ours = uuid(row.get("metadata", {}).get("attempt_id"))
            yield ProviderPayment(self._state(row), str(row["id"]), ours)

    def _state(self, found: Mapping[str, Any]) -> ProviderState:
        status = found.get("status")
        if status == "canceled":
            why = str(found.get("cancellation_details", {}).get("reason", ""))
            if why == "expired_on_confirmation":
                return ProviderState(Status.EXPIRED, reason=reasons.UNPAID, raw={"reason": why})
            return ProviderState(Status.FAILED, reason=reasons.DECLINED, raw={"reason": why})
        if status == "succeeded":
            return self._paid(found)
        if status == "waiting_for_capture":
            return ProviderState(Status.PROCESSING)
        return ProviderState(Status.OPEN)

    def _paid(self, found: Mapping[str, Any]) -> ProviderState:
        paid = money(found["amount"])
        income = found.get("income_amount")
        refunded = money(found.get("refunded_amount") or {"value": "0", "currency": paid.asset})
        return ProviderState(
            Status.PAID,
            paid=paid,
            fee=paid - money(income) if income else None,
            external_id=str(found["id"]),
            occurred_at=datetime.fromisoformat(str(found["captured_at"])),
            refunds=[_refund(row) for row in self._refunds(str(found["id"]))] if refunded else (),
        )

    def _payments(self, since: datetime) -> Iterator[dict[str, Any]]:
        asked = {"created_at.gte": _time(since), "limit": str(_PAGE)}
        yield from self._list("/payments", asked)

    def _refunds(self, payment: str) -> Iterator[dict[str, Any]]:
        yield from self._list("/refunds", {"payment_id": payment, "limit": str(_PAGE)})

    def _list(self, path: str, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
        while True:
            page = self._call("GET", path, query=asked)
            yield from page.get("items", ())
            if not page.get("next_cursor"):
                return
            asked = {**asked, "cursor": str(page["next_cursor"])}

    def _call(
        self,
        method: str,
        path: str,
        *,
        key: str = "",
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """One request. 200 is an answer, 4xx a refusal, anything else is not known."""
        headers = {"Idempotence-Key": key} if key else {}
        try:
            with http.Client(base_url=settings.YOOKASSA_API_URL, headers=headers) as client:
                answer = client.request(
                    method,
                    path,
                    auth=(settings.YOOKASSA_SHOP_ID, settings.YOOKASSA_SECRET_KEY),
                    json=body,
                    params=query,
                    again=method == "GET",
                )
                found = answer.json()
        except (http.Unavailable, http.TooLarge, ValueError) as error:
            why = type(error).__name__
            raise ProviderError("unavailable", why, retry=True, away=True) from error
        if answer.status_code == 200 and isinstance(found, dict):
            return found
        code = str(found.get("code", answer.status_code)) if isinstance(found, dict) else "error"
        final = 400 <= answer.status_code < 500 and answer.status_code not in (401, 403, 429)
        away = answer.status_code >= 500
        raise ProviderError(code, f"status {answer.status_code}", retry=not final, away=away)


def _created(found: Mapping[str, Any]) -> Created | None:
    url = (found.get("confirmation") or {}).get("confirmation_url")
    if found.get("status") != "pending" or not url:
        return None
    return Created({"kind": "redirect", "url": str(url)}, reference=str(found["id"]))


def _refund(found: Mapping[str, Any]) -> RefundState:
    description = str(found.get("description") or "")
    return RefundState(
        _REFUNDS.get(str(found.get("status")), RefundStatus.PENDING),
        external_id=str(found["id"]),
        amount=money(found["amount"]),
        refund_id=uuid(description.removeprefix("Refund ")),
        reason=str((found.get("cancellation_details") or {}).get("reason", "")),
    )


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
