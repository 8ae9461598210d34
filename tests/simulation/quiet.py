"""At quiet: no faults any more, every process runs, time passes, and nothing may be left over."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from contracts import collection as contract
from core.outbox.models import OutboxEvent
from core.ton import sources
from nft.models import Item
from payments import ledger
from payments.models import (
    ClaimRight,
    LedgerAccount,
    Order,
    PaymentAttempt,
    PayoutBatch,
    Refund,
    Settlement,
)
from payments.services.reconciliation import reconcile
from tests.payments.off_chain import at_provider
from tests.simulation.house import UNSENT
from tests.simulation.life import Life
from tests.simulation.truths import Truths

Kind = LedgerAccount.Kind
_ROUNDS: Final = 4
_APART: Final = timedelta(days=8)  # four of them are longer than any hold


def quiet(life: Life, truths: Truths) -> None:
    town = life.town
    town.death.per_mille = 0
    for box in town.boxes:
        box.faults = type(box.faults)()
    _tell_all(life)
    for _ in range(_ROUNDS):
        _work_off(life)
        reconcile()
        town.pass_time(_APART)
    _tell_all(life)  # once more, long after: nothing may move
    _work_off(life)
    truths.after_step()
    _ends(life)
    _clearing(life)
    _chain(life)
    _payouts()
    assert [str(one) for one in reconcile()] == []


def _tell_all(life: Life) -> None:
    """Every webhook that was ever sent."""
    life.town.post.waiting.clear()
    for place in life.town.places:
        for delivery in list(place.box.events):
            life.house.hand_over((place.source, delivery))
    life.town.post.waiting.clear()


def _work_off(life: Life) -> None:
    house, now = life.house, life.town.clock.at
    for _ in range(3):
        house.take_up()
        OutboxEvent.objects.filter(state="dead").update(state="pending", attempts=0)
        due = list(OutboxEvent.objects.filter(state__in=("pending", "sent")).order_by("id"))
        for event in due:
            house.run(event)
        PaymentAttempt.objects.filter(poll_at__isnull=False).update(poll_at=now)
        Refund.objects.filter(poll_at__isnull=False).update(poll_at=now)
        house.poll()
        house.expire()
        if not due:
            break
    house.follow()
    for _ in range(12):
        house.settle()
        settlement = Settlement.objects.filter(state__in=UNSENT).first()
        if settlement is not None:
            house.send(settlement)
        house.follow()
        if settlement is None:
            break
    for batch in PayoutBatch.objects.filter(state="approved", channel="ton"):
        house.pay_out_on_chain(batch, 1)
        house.follow()


def _ends(life: Life) -> None:
    states = Counter(Order.objects.values_list("state", flat=True))
    for order in Order.objects.filter(state__in=("awaiting_payment", "paid")):
        tries = order.attempts.values_list("provider", "state", "error", "valid_until")
        print(f"unended: {order} expires {order.expires_at}: {list(tries)}")
    assert not states["awaiting_payment"], states
    assert not states["paid"], states
    unended = ("created", "submitting", "open", "unknown", "processing")
    assert not PaymentAttempt.objects.filter(state__in=unended).exists()
    under_way = ("approved", "submitting", "unknown", "pending")
    assert not Refund.objects.filter(state__in=under_way).exists()
    for claim in ClaimRight.objects.filter(state__in=("open", "settling")):
        wallet = claim.holder is not None and claim.holder.wallets.exists()
        waits = claim.frozen or claim.order.state == "needs_attention"
        assert waits or not wallet, f"{claim} should have been settled"
    for state, number in states.items():
        life.town.counts[f"ended {state}"] += number
    life.town.counts["refunds done"] += Refund.objects.filter(state="done").count()
    life.town.counts["settlements done"] += Settlement.objects.filter(state="done").count()


def _clearing(life: Life) -> None:
    """What the books say stands at a provider is what stands there."""
    town = life.town
    assert at_provider("stars", "XTR") == town.bot.balance
    box = town.stripe
    paid = sum(one["amount"] for one in box.intents.values())
    back = sum(one["amount"] for one in box.refunds.values() if one["status"] == "succeeded")
    taken = sum(
        one["amount"]
        for one in box.disputes.values()
        if one["status"] == "lost" or (one["status"] != "won" and one["balance_transactions"])
    )
    booked = at_provider("stripe", "USD")
    assert booked == paid - back - taken, (booked, paid, back, taken)
    kopecks = sum(
        _minor(one["amount"]["value"], 2) - _minor(one["refunded_amount"]["value"], 2)
        for one in town.bank.payments.values()
        if one["status"] == "succeeded"
    )
    assert at_provider("yookassa", "RUB") == kopecks
    usdt = sum(
        _minor(one["amount"], 6) - _minor(one["refunded"], 6)
        for one in town.pay.orders.values()
        if "transactionId" in one
    )
    assert at_provider("binance", "USDT") == usdt


def _minor(text: str, scale: int) -> int:
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(scale, "0")[:scale])


def _chain(life: Life) -> None:
    """On chain there is what we have recorded, edition by edition."""
    for drop in life.collections():
        told = sources.client().run_get(drop.address, "get_collection_data")
        data = contract.parse_collection_data(told)
        minted = sorted(Item.objects.filter(collection=drop).values_list("index", flat=True))
        assert minted == list(range(data.next_item_index)), (drop.address, data, minted)
        sold = sum(
            Order.objects.filter(collection=drop)
            .exclude(first_index=None)
            .values_list("quantity", flat=True)
        )
        assert sold <= len(minted) <= drop.max_supply, (sold, minted, data)


def _payouts() -> None:
    """What was approved left what is owed exactly once: paid, on its way, or returned."""
    for batch in PayoutBatch.objects.exclude(state="draft"):
        total = sum(batch.payouts.values_list("amount", flat=True))
        in_flight = ledger.owed(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk), batch.asset).amount
        assert in_flight == (total if batch.state == "approved" else 0), batch
    assert not PayoutBatch.objects.filter(state="approved", channel="ton").exists()
