"""What holds after every step, and what holds when all is quiet."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum

from contracts import collection as contract
from core.inbox import services as inbox
from core.outbox.models import OutboxEvent
from core.ton import sources
from nft.models import Item
from payments import ledger
from payments.models import (
    ClaimRight,
    DropQuota,
    LedgerAccount,
    Order,
    PaymentAttempt,
    Refund,
    Reservation,
    Settlement,
)
from payments.services.reconciliation import reconcile
from tests.payments.off_chain import at_provider
from tests.simulation.life import Life

Kind = LedgerAccount.Kind
Try = PaymentAttempt.State
_GONE = ("requested", "failed", "cancelled")


class Truths:
    """Remembers what must not change."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.confirmed: dict[UUID, tuple[Any, ...]] = {}

    def after_step(self) -> None:
        assert not any(ledger.imbalance().values()), ledger.imbalance()
        self._confirmed_stays()
        self._quotas()
        self._money_has_a_place()

    def _confirmed_stays(self) -> None:
        rows = PaymentAttempt.objects.filter(state=Try.CONFIRMED)
        now = {row.pk: (row.paid, row.asset, row.external_id) for row in rows}
        for pk, was in self.confirmed.items():
            assert now.get(pk) == was, f"{pk} was confirmed as {was}, and is {now.get(pk)}"
        self.confirmed = now

    def _quotas(self) -> None:
        for quota in DropQuota.objects.all():
            kept = Reservation.objects.filter(collection_id=quota.pk).exclude(state="released")
            total = kept.aggregate(sum=Sum("quantity"))["sum"] or 0
            assert quota.taken == total <= quota.quota, (quota, total)

    def _money_has_a_place(self) -> None:
        """Money in = fulfilled + refunded + held + waiting for a person, payment by payment."""
        paid = PaymentAttempt.objects.filter(state=Try.CONFIRMED).select_related("order")
        for attempt in paid.prefetch_related("refunds", "disputes"):
            refunds = {one.state: one for one in attempt.refunds.all()}
            back = sum(one.amount for one in attempt.refunds.all() if one.state not in _GONE)
            order = attempt.order
            whole = back == attempt.paid
            lost = any(one.state == "lost" for one in attempt.disputes.all())
            waits = order.state in ("fulfilling", "fulfilled", "needs_attention")
            duplicate = "duplicate" in attempt.flags
            failed = "failed" in refunds or "requested" in refunds
            kept = waits and (not duplicate or failed)
            refunds_now = [(one.state, one.amount, one.origin) for one in attempt.refunds.all()]
            assert whole or lost or kept, (
                order.state, order.reason, attempt.provider, attempt.flags, attempt.paid,
                refunds_now, [one.state for one in attempt.disputes.all()],
            )  # fmt: skip

    # --- at quiet -----------------------------------------------------------------------------

    def quiet(self) -> None:
        """No faults any more, every process runs, time passes: nothing may be left over."""
        town = self.life.town
        town.crash_rate = 0
        for box in town.boxes:
            box.faults = type(box.faults)()
        self._tell_all()
        for _ in range(8):
            self._work_off()
            town.pass_time(timedelta(days=8))
        self._tell_all()  # once more, long after: nothing may move
        self._work_off()
        self.after_step()
        self._ends()
        self._clearing()
        self._chain()
        assert [str(one) for one in reconcile()] == []

    def _tell_all(self) -> None:
        """Every event that was ever sent."""
        town = self.life.town
        for name, box in (
            ("stripe", town.stripe), ("yookassa", town.bank),
            ("binance", town.pay), ("telegram", town.bot),
        ):  # fmt: skip
            for event in box.events:
                self.life._deliver(name, event)

    def _work_off(self) -> None:
        life = self.life
        for _ in range(3):
            inbox.process_due(limit=1000)
            for due in OutboxEvent.objects.filter(state__in=("pending", "sent")).order_by("id"):
                life.run(due)
            PaymentAttempt.objects.filter(poll_at__isnull=False).update(
                poll_at=life.town.clock.now()
            )
            Refund.objects.filter(poll_at__isnull=False).update(poll_at=life.town.clock.now())
            life.poll()
            life.expire()
        for _ in range(3):
            life.follow()
            life.settle()
            settlement = Settlement.objects.filter(state__in=("built", "signing", "sent")).first()
            if settlement is not None:
                life.send(settlement)
            life.follow()
        reconcile()

    def _ends(self) -> None:
        states = Counter(Order.objects.values_list("state", flat=True))
        for order in Order.objects.filter(state__in=("awaiting_payment", "paid")):
            tries = order.attempts.values_list("provider", "state", "error", "valid_until")
            print(f"unended: {order} expires {order.expires_at}: {list(tries)}")
        assert not states["awaiting_payment"], states
        assert not states["paid"], states
        unended = ("created", "submitting", "open", "unknown")
        assert not PaymentAttempt.objects.filter(state__in=unended).exists()
        for claim in ClaimRight.objects.filter(state__in=("open", "settling")):
            wallet = claim.holder is not None and claim.holder.wallets.exists()
            waits = claim.frozen or claim.order.state == "needs_attention"
            assert waits or not wallet, f"{claim} should have been settled"
        for state, number in states.items():
            self.life.town.counts[f"ended {state}"] += number

    def _clearing(self) -> None:
        """What the books say stands at a provider is what stands there."""
        town = self.life.town
        assert at_provider("stars", "XTR") == town.bot.balance
        box = town.stripe
        paid = sum(one["amount"] for one in box.intents.values())
        back = sum(one["amount"] for one in box.refunds.values() if one["status"] == "succeeded")
        taken = sum(one["amount"] for one in box.disputes.values() if one["status"] != "won")
        booked = at_provider("stripe", "USD")
        assert booked == paid - back - taken, (booked, paid, back, taken)
        kopecks = sum(
            _kopecks(one["amount"]) - _kopecks(one["refunded_amount"])
            for one in town.bank.payments.values()
            if one["status"] == "succeeded"
        )
        assert at_provider("yookassa", "RUB") == kopecks

    def _chain(self) -> None:
        """On chain there is what we have recorded, and nobody has an edition twice."""
        for drop in self.life.collections():
            told = sources.client().run_get(drop.address, "get_collection_data")
            data = contract.parse_collection_data(told)
            assert data.next_item_index == Item.objects.filter(collection=drop).count()
            sold = Order.objects.filter(collection=drop, state="fulfilled")
            places = [
                index
                for order in sold.exclude(first_index=None)
                for index in range(
                    order.first_index or 0, (order.first_index or 0) + order.quantity
                )
            ]
            assert len(places) == len(set(places))


def _kopecks(amount: dict[str, str]) -> int:
    whole, _, part = amount["value"].partition(".")
    return int(whole) * 100 + int(part)
