"""Receipts for every payment and credit notes for every refund: one process numbers them all.

Numbers without gaps need one hand that gives them. So that no sale waits for it, a beat job gives
them to what was confirmed since: payments by any method, TON included. What is printed is fixed
then; a later change of prices, names, rules or settings changes no paper.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import locks
from core.money import BPS, Money
from core.ton.addresses import friendly
from payments.models import PaymentAttempt, Receipt, Refund
from payments.models.receipts import label_of
from payments.services import waterfall

Kind = Receipt.Kind
BATCH: Final = 200
NAMES: Final = {
    "ton": "TON wallet",
    "stars": "Telegram Stars",
    "sbp": "SBP",
    "stripe": "Card (Stripe)",
    "binance": "Binance Pay",
}


@transaction.atomic
def receipts_issue(*, limit: int = BATCH) -> int:
    """Number what was paid or sent back since; how many papers were written.

    0 also while another process is at it. Rows that somebody works on get their number next time.
    """
    if not locks.try_lock("receipts"):
        return 0
    now = timezone.now()
    series = _Series(now)
    paid = list(_locked(PaymentAttempt.objects.filter(_PAID), "confirmed_at", limit))
    for attempt in paid:
        series.write(Kind.RECEIPT, attempt, None, _receipt_content(attempt))
    PaymentAttempt.objects.filter(pk__in=[one.pk for one in paid]).update(receipted_at=now)
    written = series.save()  # a credit note names its receipt
    for refund in _refunds(_SENT, limit):
        _note(series, refund, Kind.CREDIT_NOTE, noted=True)
    for refund in _refunds(_CAME_BACK, limit):
        _note(series, refund, Kind.WITHDRAWN, noted=False)
    return written + series.save()


_PAID: Final = Q(state=PaymentAttempt.State.CONFIRMED, receipted_at__isnull=True)
_SENT: Final = Q(state=Refund.State.DONE, noted=False, attempt__receipted_at__isnull=False)
_CAME_BACK: Final = Q(state=Refund.State.FAILED, noted=True)
_SHOWN: Final = "order__collection__release__artist"


def _locked(rows: Any, by: str, limit: int) -> Any:
    """With their orders, as everybody locks them; what is taken is left for the next time."""
    return (
        rows.select_for_update(of=("self", "order"), skip_locked=True)
        .select_related(_SHOWN)
        .order_by(by, "pk")[:limit]
    )


def _refunds(due: Q, limit: int) -> list[Refund]:
    rows = (
        Refund.objects.select_for_update(of=("self", "attempt__order"), skip_locked=True)
        .select_related(f"attempt__{_SHOWN}")
        .filter(due)
    )
    return list(rows.order_by("done_at", "pk")[:limit])


class _Series:
    """The next numbers of this year, and the papers that took them."""

    def __init__(self, now: datetime) -> None:
        self.now, self.year = now, now.astimezone(UTC).year
        self.made: list[Receipt] = []
        self._last: dict[str, int] = {}

    def write(
        self,
        kind: Receipt.Kind,
        attempt: PaymentAttempt,
        refund: Refund | None,
        content: dict[str, Any],
    ) -> None:
        number = self._next(kind)
        gross, vat = Money.from_json(content["gross"]), Money.from_json(content["vat"])
        self.made.append(
            Receipt(
                kind=kind,
                year=self.year,
                number=number,
                order=attempt.order,
                attempt=attempt,
                refund=refund,
                asset=gross.asset,
                amount=gross.amount,
                vat=vat.amount,
                content={"number": label_of(kind, self.year, number), **content},
                issued_at=self.now,
            )
        )

    def save(self) -> int:
        made, self.made = self.made, []
        return len(Receipt.objects.bulk_create(made))

    def _next(self, kind: Receipt.Kind) -> int:
        if kind not in self._last:
            newest = Receipt.objects.filter(kind=kind, year=self.year).order_by("-number")
            self._last[kind] = newest.values_list("number", flat=True).first() or 0
        self._last[kind] += 1
        return self._last[kind]


def _note(series: _Series, refund: Refund, kind: Receipt.Kind, *, noted: bool) -> None:
    series.write(kind, refund.attempt, refund, _refund_content(refund))
    Refund.objects.filter(pk=refund.pk).update(noted=noted)


# --- what stands on them --------------------------------------------------------------------------


def _receipt_content(attempt: PaymentAttempt) -> dict[str, Any]:
    return {**_common(attempt, Money(attempt.asset, attempt.paid or 0)), "of": ""}


def _refund_content(refund: Refund) -> dict[str, Any]:
    """Names the receipt that it takes back; written after it, so it is there."""
    receipt = Receipt.objects.get(kind=Kind.RECEIPT, attempt=refund.attempt)
    return {
        **_common(refund.attempt, refund.money),
        "of": receipt.label,
        "refund": str(refund.pk),
        "refund_reference": refund.external_id or "",
        "refunded_at": _day(refund.done_at),
    }


def _common(attempt: PaymentAttempt, gross: Money) -> dict[str, Any]:
    order, release = attempt.order, attempt.order.collection.release
    at = attempt.confirmed_at or attempt.created_at
    rules = waterfall.rules_at(method=attempt.provider, asset=attempt.asset, at=at)
    vat = Money(gross.asset, gross.amount * rules.vat_bps // (BPS + rules.vat_bps))
    return {
        "seller": {
            "name": settings.SELLER_NAME,
            "address": settings.SELLER_ADDRESS,
            "tax_id": settings.SELLER_TAX_ID,
        },
        "order": str(order.pk),
        "buyer": friendly(attempt.wallet, bounceable=False) if attempt.wallet else "",
        "country": order.country,
        "goods": [
            {
                "title": release.title,
                "artist": release.artist.name,
                "what": "digital edition (NFT)",
                "quantity": order.quantity,
            }
        ],
        "gross": gross.to_json(),
        "vat": vat.to_json(),
        "vat_bps": rules.vat_bps,
        "method": NAMES.get(attempt.provider, attempt.provider),
        "reference": attempt.external_id or "",
        "paid_at": _day(attempt.confirmed_at),
    }


def _day(at: datetime | None) -> str:
    return at.astimezone(UTC).date().isoformat() if at else ""
