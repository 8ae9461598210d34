"""The shop's own processes, each of which may die: web, worker, beat, follower, and its staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from celery import current_app
from django.test import Client

from core.errors import ApplicationError
from core.inbox import services as inbox
from core.inbox.models import InboxEvent
from core.outbox.models import OutboxEvent
from core.ton import codec
from core.ton.client import ChainError
from payments.models import PaymentAttempt, PayoutBatch, Refund, Settlement
from payments.providers.base import ProviderError
from payments.services import earnings, expiry, payouts, reconciliation, refreshing, refunds
from payments.services.events import Cause
from payments.services.settlement import building
from tests.payments.chain import MINTER, PAYER
from tests.payments.off_chain import deliver
from tests.simulation.post import Letter
from tests.simulation.town import Town

REFUSED: Final = (ApplicationError, ProviderError, ChainError)
UNSENT: Final = ("built", "signing", "sent")
ASSETS: Final = ("TON", "USD", "RUB", "USDT", "XTR")


class House:
    """What celery, the follower and people at the desk do, in any order."""

    def __init__(self, town: Town) -> None:
        self.town, self.random = town, town.random
        self.client = Client()

    def acts(self) -> list[tuple[int, Callable[[], None]]]:
        return [
            (12, self.webhook), (12, self.work), (6, self.poll), (3, self.expire),
            (4, self.refund_by_staff), (2, self.approve_refund), (5, self.settle),
            (5, self.follow), (4, self.pay_out), (1, self.reconcile),
        ]  # fmt: skip

    # --- machines -----------------------------------------------------------------------------

    def webhook(self) -> None:
        if letter := self.town.post.take():
            self.hand_over(letter)

    def hand_over(self, letter: Letter) -> None:
        """To the web process, which may die over it; then the sender tries again."""
        with self.town.death.process():
            answer = deliver(self.client, *letter)
            if letter[1].accepted(answer.status_code, answer.content):
                return
        self.town.post.refused(letter)

    def work(self) -> None:
        """The relay and the worker: some of what was promised, in any order."""
        waiting = list(OutboxEvent.objects.filter(state__in=("pending", "sent")).order_by("id"))
        self.random.shuffle(waiting)
        for event in waiting[:5]:
            self.run(event)
        self.take_up()

    def take_up(self) -> None:
        """What a request left behind when it died counts as old enough: the database's clock
        does not follow the town's."""
        left = InboxEvent.objects.filter(state__in=("received", "verified"))
        left.update(received_at=self.town.clock.at - timedelta(minutes=1))
        with self.town.death.process():
            inbox.process_due(limit=50)

    def run(self, event: OutboxEvent) -> None:
        with self.town.death.process():
            try:
                current_app.tasks[event.topic](event_id=str(event.pk), **event.payload)
            except REFUSED:
                self.town.counts["refused"] += 1

    def poll(self) -> None:
        with self.town.death.process():
            refreshing.attempts_poll()
        due = []
        with self.town.death.process():
            due = refunds.refunds_due()
        for refund_id in due:
            with self.town.death.process():
                self._tried(partial(refunds.refund_submit, refund_id=refund_id))

    def expire(self) -> None:
        with self.town.death.process():
            expiry.orders_expire()

    def follow(self) -> None:
        with self.town.death.process():
            self.town.shop.follow()

    def reconcile(self) -> None:
        with self.town.death.process():
            self.town.counts["cases"] += len(reconciliation.reconcile())

    # --- people -------------------------------------------------------------------------------

    def refund_by_staff(self) -> None:
        rows = PaymentAttempt.objects.filter(state="confirmed").exclude(provider="ton")
        attempt = self._some(rows)
        if attempt is None:
            return
        part = None if attempt.provider == "stars" or self.random.randrange(3) else 100
        with self.town.death.request():
            refunds.refund_request(
                attempt=attempt,
                amount=part,
                reason="staff",
                origin=Refund.Origin.STAFF,
                cause=Cause("staff"),
                actor=self.town.staff,
            )
            self.town.counts["refunds"] += 1

    def approve_refund(self) -> None:
        refund = self._some(Refund.objects.filter(state="requested"))
        if refund is None:
            return
        with self.town.death.request():
            if self.random.randrange(4):
                refunds.refund_approve(refund_id=refund.pk, actor=self.town.second)
            else:
                refunds.refund_cancel(refund_id=refund.pk, actor=self.town.second, reason="no")

    def settle(self) -> None:
        """Build what is due; the signed message may be lost, underpaid, or sent twice."""
        with self.town.death.process():
            building.settlement_build()
        settlement = Settlement.objects.filter(state__in=UNSENT).first()
        if settlement is None:
            return
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self.send(settlement)
        if not self.random.randrange(6):
            self.send(settlement, settlement.value // 3)
            self.town.counts["settlements underpaid"] += 1

    def send(self, settlement: Settlement, value: int = 0) -> None:
        world = self.town.shop.world
        body = codec.plain_cell(bytes(settlement.body))
        world.send(MINTER, world.hub, value or settlement.value, body)
        self.town.counts["settlements sent"] += 1

    def pay_out(self) -> None:
        """Draft, approve, sign or withdraw: the next thing that a batch waits for."""
        batch = self._some(PayoutBatch.objects.filter(state__in=("draft", "approved")))
        if batch is None:
            due = [one for one in ASSETS if earnings.payouts_due(one)]
            asset = self.random.choice(due or ASSETS)
            with self.town.death.request():
                payouts.batch_draft(asset=asset, actor=self.town.staff)
        elif batch.state == "draft" and self.random.randrange(5):
            with self.town.death.process():
                payouts.batch_approve(batch_id=batch.pk, actor=self.town.second)
        elif batch.channel == "ton" and batch.state == "approved":
            self.pay_out_on_chain(batch, self.random.choice((0, 1, 1, 2)))
        elif batch.state == "draft" or not self.random.randrange(3):
            with self.town.death.request():
                payouts.batch_cancel(batch_id=batch.pk, actor=self.town.staff, reason="back")
        else:
            with self.town.death.request():
                payouts.batch_paid(batch_id=batch.pk, reference="bank", actor=self.town.staff)
                self.town.counts["payouts"] += 1

    def pay_out_on_chain(self, batch: PayoutBatch, times: int) -> None:
        """Signed by the payer: lost, sent once, or twice; the hub takes the number once."""
        transaction = payouts.batch_transaction(batch_id=batch.pk)
        for _ in range(times):
            self.town.shop.world.connect(transaction, PAYER)
        self.town.counts["payouts"] += bool(times)

    # --- helpers ------------------------------------------------------------------------------

    def _some(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return self.random.choice(found) if found else None

    def _tried(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except REFUSED:
            self.town.counts["refused"] += 1
