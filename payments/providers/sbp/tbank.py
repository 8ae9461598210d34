"""T-Bank e-acquiring, v2 (developer.tbank.ru/eacq): Init, then the payer goes to PaymentURL.

Every request and notification carries a Token: sha256 over its scalar values and the password.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from core import http
from core.money import Money
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

LONGEST: Final = timedelta(days=2)
_OPEN: Final = frozenset({"NEW", "FORM_SHOWED", "AUTHORIZING", "3DS_CHECKING", "PREAUTHORIZING"})
_PROCESSING: Final = frozenset({"AUTHORIZED", "CONFIRMING", "CHECKING", "CHECKED", "COMPLETING"})
_PAID: Final = frozenset(
    {"CONFIRMED", "REFUNDING", "PARTIAL_REFUNDED", "REFUNDED", "ASYNC_REFUNDING", "COMPLETED"}
)
_EXPIRED: Final = frozenset({"DEADLINE_EXPIRED", "ATTEMPTS_EXPIRED"})
_NO_ORDER: Final = frozenset({"255", "335"})
_UNTOUCHED: Final = frozenset({"NEW", "FORM_SHOWED"})
_REFUNDING: Final = frozenset({"REFUNDING", "ASYNC_REFUNDING"})
_BACK: Final = frozenset({"REFUNDED", "PARTIAL_REFUNDED"})
# Refunds of ours that may have reached the bank.
_SENT: Final = ("submitting", "unknown", "pending", "done")


def token(values: Mapping[str, Any], password: str) -> str:
    """Root-level scalars but Token, with Password, by name, joined: sha256 in hex."""
    flat = {
        name: _text(value)
        for name, value in values.items()
        if name != "Token" and not isinstance(value, dict | list) and value is not None
    }
    flat["Password"] = password
    return hashlib.sha256("".join(flat[name] for name in sorted(flat)).encode()).hexdigest()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class TBank:
    """Fulfils Acquirer."""

    smallest = 1_000

    @property
    def configured(self) -> bool:
        return bool(settings.TBANK_TERMINAL_KEY and settings.TBANK_PASSWORD)

    def ping(self) -> None:
        """About an order that is none; that it is refused is an answer."""
        try:
            self._call("CheckOrder", {"OrderId": "ping"})
        except ProviderError as error:
            if error.away:
                raise

    def create(self, attempt: PaymentAttempt) -> Created:
        back = f"{settings.PUBLIC_URL}/pay/return/{attempt.pk}"
        found = self._call(
            "Init",
            {
                "Amount": attempt.amount,
                "OrderId": attempt.key,
                "Description": f"Order {attempt.order_id}"[:140],
                "PayType": "O",
                "NotificationURL": f"{settings.PUBLIC_URL}/webhooks/tbank",
                "SuccessURL": back,
                "FailURL": back,
                "RedirectDueDate": attempt.valid_until.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
                "DATA": {"attempt_id": str(attempt.pk)},
                "Receipt": receipt.tbank(attempt, attempt.amount),
            },
        )
        return Created(
            {"kind": "redirect", "url": str(found["PaymentURL"])}, reference=str(found["PaymentId"])
        )

    def state(self, attempt: PaymentAttempt) -> ProviderState:
        if not attempt.reference:
            return self.find(attempt)[0]
        found = self._call("GetState", {"PaymentId": attempt.reference})
        return self._state(attempt, attempt.reference, found)

    def find(self, attempt: PaymentAttempt) -> tuple[ProviderState, Created | None]:
        """By the order number that we gave. The page of a payment that is found cannot be asked
        for again, and nobody was sent there: it is cancelled, and made anew.
        """
        try:
            found = self._call("CheckOrder", {"OrderId": attempt.key})
        except ProviderError as error:
            if error.code in _NO_ORDER:
                return ProviderState(Status.ABSENT), None
            raise
        for row in found.get("Payments", ()):
            number = str(row["PaymentId"])
            state = self._state(attempt, number, row)
            if state.status in (Status.PAID, Status.PROCESSING):
                return state, None
            if state.status is Status.OPEN:
                self._call("Cancel", {"PaymentId": number})
        return ProviderState(Status.ABSENT), None

    def cancel(self, attempt: PaymentAttempt) -> None:
        """Only of what nobody has begun to pay: T-Bank's Cancel of a paid one is a refund.

        Paid in the moment between the two calls, it went back, and `state` tells that.
        """
        if not attempt.reference:
            return
        found = self._call("GetState", {"PaymentId": attempt.reference})
        if found.get("Status") in _UNTOUCHED:
            self._call("Cancel", {"PaymentId": attempt.reference})

    def refund(self, refund: Refund) -> RefundState:
        """ExternalRequestId is the key: the same again sends nothing and tells how it stands."""
        payment = str(refund.attempt.external_id)
        found = self._call(
            "Cancel",
            {
                "PaymentId": payment,
                "Amount": refund.amount,
                "ExternalRequestId": refund.pk.hex,
                "Receipt": receipt.tbank(refund.attempt, refund.amount),
            },
        )
        others = refund.attempt.refunds.filter(state=Refund.State.DONE).exclude(pk=refund.pk)
        before = sum(others.values_list("amount", flat=True))
        left = int(found.get("NewAmount", found.get("Amount", 0)))
        if (refund.attempt.paid or 0) - left >= before + refund.amount:
            return _refund_state(refund, RefundStatus.DONE)
        if str(found.get("Status")) in _REFUNDING:
            return _refund_state(refund, RefundStatus.PENDING)
        how = self._call("GetQrState", {"PaymentId": payment})
        if str(how.get("QrCancelCode") or "0") == "0":
            return _refund_state(refund, RefundStatus.PENDING)
        why = str(how.get("QrCancelMessage") or "")
        return _refund_state(refund, RefundStatus.FAILED, why)

    def fetch_refund(self, refund: Refund) -> RefundState:
        """T-Bank keeps no list of refunds: asking is to say the same again, see `refund`."""
        return self.refund(refund)

    def _refunds(
        self, attempt: PaymentAttempt, payment: str, found: Mapping[str, Any]
    ) -> list[RefundState]:
        """What has gone back: by our refunds, of which one that is under way is told of by itself;
        the rest was made at the bank. The name of such a rest is the sum that was gone after it.
        """
        paid = attempt.paid or attempt.amount
        gone = paid if found.get("Status") == "REFUNDED" else paid - int(found["Amount"])
        told: list[RefundState] = []
        left = gone
        for one in sorted(attempt.refunds.filter(state__in=_SENT), key=_place):
            if one.amount <= left:
                left -= one.amount
                done = one.state == Refund.State.DONE
                told.append(_refund_state(one, RefundStatus.DONE if done else RefundStatus.PENDING))
        if left > 0:
            number = f"{payment}-{gone}"
            told.append(RefundState(RefundStatus.DONE, number, Money("RUB", left)))
        return told

    def list_since(self, since: datetime) -> Iterator[ProviderPayment]:
        """There is no list of payments: those of our own attempts are asked for one by one.

        A payment that none of ours has made is found by the bank's registry only, which finance
        imports as any statement.
        """
        made = PaymentAttempt.objects.filter(acquirer="tbank", created_at__gte=since)
        for attempt in made.exclude(reference=None).order_by("created_at"):
            yield ProviderPayment(self.state(attempt), str(attempt.reference), attempt.pk)

    def _state(
        self, attempt: PaymentAttempt, payment: str, found: Mapping[str, Any]
    ) -> ProviderState:
        status = str(found.get("Status"))
        if status in _PAID:
            # After refunds Amount is what is left; what was asked is what was paid.
            kept = int(found["Amount"]) if status == "CONFIRMED" else attempt.amount
            return ProviderState(
                Status.PAID,
                paid=Money("RUB", attempt.paid or kept),
                external_id=payment,
                occurred_at=timezone.now(),
                refunds=self._refunds(attempt, payment, found) if status in _BACK else (),
            )
        if status in _PROCESSING:
            return ProviderState(Status.PROCESSING)
        if status in _OPEN:
            return ProviderState(Status.OPEN)
        if status in _EXPIRED:
            return ProviderState(Status.EXPIRED, reason=reasons.UNPAID, raw={"status": status})
        if status in ("CANCELED", "REVERSED"):
            return ProviderState(Status.CANCELLED, reason=reasons.UNPAID, raw={"status": status})
        return ProviderState(Status.FAILED, reason=reasons.DECLINED, raw={"status": status})

    def _call(self, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """One request; Success false is a refusal with T-Bank's ErrorCode."""
        body = {"TerminalKey": settings.TBANK_TERMINAL_KEY, **given}
        body["Token"] = token(body, settings.TBANK_PASSWORD)
        try:
            with http.Client(base_url=settings.TBANK_API_URL) as client:
                answer = client.request("POST", f"/{method}", json=body, again=method != "Init")
                found = answer.json()
        except (http.Unavailable, http.TooLarge, ValueError) as error:
            why = type(error).__name__
            raise ProviderError("unavailable", why, retry=True, away=True) from error
        if answer.status_code >= 500 or not isinstance(found, dict):
            status = f"status {answer.status_code}"
            raise ProviderError("unknown", status, retry=True, away=True)
        if found.get("Success") is not True:
            code = str(found.get("ErrorCode", answer.status_code))
            raise ProviderError(code, str(found.get("Message", ""))[:100], retry=False)
        return found


def _refund_state(refund: Refund, status: RefundStatus, reason: str = "") -> RefundState:
    """Under the name that the refund has already, else under its own: the bank gives none."""
    known = refund.external_id or refund.pk.hex
    return RefundState(status, known, refund.money, refund_id=refund.pk, reason=reason)


def _place(refund: Refund) -> tuple[bool, str]:
    return refund.state != Refund.State.DONE, refund.pk.hex
