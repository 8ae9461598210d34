"""What happens in the town, one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from celery import current_app
from django.test import Client

from contracts import collection as contract
from core.errors import ApplicationError
from core.inbox import services as inbox
from core.outbox.models import OutboxEvent
from core.ton import codec
from core.ton.addresses import address
from nft.models import Collection
from payments.models import Order, PaymentAttempt, Refund, Settlement
from payments.providers.base import ProviderError
from payments.services import expiry, refreshing, refunds, submitting
from payments.services.events import Cause
from payments.services.orders import Buyer, attempt_create, order_create
from payments.services.quotes import drop_quote
from payments.services.settlement import building
from tests.payments.chain import COIN, MINTER
from tests.payments.off_chain import deliver
from tests.simulation.town import FIRST_ID, METHODS, Crashed, Town

FAULTS: Final = ("error_after_effect", "unavailable", "too_many", "fail_refund")
_REFUSED: Final = (ApplicationError, ProviderError, Crashed)
_QUOTA: Final = 12


class Life:
    """Acts by weight; each is one process that may die in the middle."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.random = town.random
        self.drops = [town.shop.drop(hub_quota=_QUOTA, max_supply=40) for _ in range(2)]
        self.client = Client()
        self._made: PaymentAttempt | None = None
        self.acts: list[tuple[int, Callable[[], None]]] = [
            (12, self.order), (3, self.another_attempt), (14, self.pay), (3, self.leave),
            (10, self.webhook), (12, self.work), (6, self.poll), (3, self.expire),
            (3, self.refund_by_staff), (2, self.refund_outside), (2, self.dispute),
            (5, self.settle), (5, self.follow), (4, self.time), (3, self.fault), (2, self.gift),
        ]  # fmt: skip

    def step(self) -> str:
        weights = [weight for weight, _ in self.acts]
        (act,) = self.random.choices([act for _, act in self.acts], weights)
        try:
            act()
        except _REFUSED:
            self.town.counts["refused"] += 1
        return act.__name__

    # --- buyers -------------------------------------------------------------------------------

    def order(self) -> None:
        method = self.random.choice(METHODS)
        fan = self.random.choice(self.town.fans)
        drop = self.random.choice(self.drops)
        with self.town.request():
            _, self._made = order_create(
                buyer=self._buyer(fan, method),
                collection=drop_quote(drop_id=drop.pk),
                quantity=self.random.choice((1, 1, 1, 2)),
                method=method,
            )
            self.town.counts[f"orders {method}"] += 1
        self._submit()

    def _buyer(self, fan: Any, method: str) -> Buyer:
        return Buyer(fan, "telegram" if method == "stars" else "web", email="fan@example.org")

    def _submit(self) -> None:
        """What the view does after the commit, unless its process died."""
        attempt, self._made = self._made, None
        if attempt is not None and attempt.provider != "ton":
            with self.town.process():
                submitting.attempt_submit(attempt_id=attempt.pk)

    def another_attempt(self) -> None:
        order = self._some(Order.objects.filter(state="awaiting_payment", origin="shop"))
        if order is None or order.user is None:
            return
        method = self.random.choice(METHODS)
        with self.town.request():
            _, self._made = attempt_create(
                buyer=self._buyer(order.user, method), order_id=order.pk, method=method
            )
        self._submit()

    def pay(self) -> None:
        """Somebody pays something that can be paid, however old."""
        place = self.random.choice(METHODS)
        getattr(self, f"_pay_{place}")()

    def _pay_stripe(self) -> None:
        box = self.town.stripe
        if found := self._open(box.sessions, "status", "open"):
            self._quietly(lambda: box.act_pay(id=found))

    def _pay_sbp(self) -> None:
        box = self.town.bank
        if found := self._open(box.payments, "status", "pending"):
            self._quietly(lambda: box.act_pay(id=found))

    def _pay_binance(self) -> None:
        box = self.town.pay
        if found := self._open(box.orders, "status", "INITIAL"):
            self._quietly(lambda: box.act_pay(id=found))

    def _pay_stars(self) -> None:
        """The sheet asks first; now and then the same link is paid again."""
        box = self.town.bot
        if not box.invoices:
            return
        slug = self.random.choice(list(box.invoices))
        attempt = PaymentAttempt.objects.filter(pk=box.invoices[slug]["payload"]).first()
        if attempt is None or attempt.order.user is None:
            return
        user = int(attempt.order.user.telegram_id or FIRST_ID)
        if not self._asked(slug, user) and self.random.randrange(4):
            return
        row = box.act_pay(slug=slug, user=user, silent=True)
        paid = {
            "currency": "XTR", "total_amount": box.invoices[slug]["amount"],
            "invoice_payload": box.invoices[slug]["payload"],
            "telegram_payment_charge_id": row["charge"], "provider_payment_charge_id": "",
        }  # fmt: skip
        box._tell({"message": box._message(user, {"successful_payment": paid})})
        self.town.counts["payments"] += 1

    def _asked(self, slug: str, user: int) -> bool:
        box = self.town.bot
        query = {
            "id": "1", "from": {"id": user}, "currency": "XTR",
            "total_amount": box.invoices[slug]["amount"],
            "invoice_payload": box.invoices[slug]["payload"],
        }  # fmt: skip
        body = box._body({"pre_checkout_query": query})
        headers = box._headers(body)
        kind = headers.pop("Content-Type")
        answer = self.client.post(
            "/webhooks/telegram", data=body, content_type=kind, headers=headers
        )
        return bool(answer.status_code == 200 and answer.json().get("ok"))

    def _pay_ton(self) -> None:
        attempt = self._some(PaymentAttempt.objects.filter(provider="ton", state="open"))
        if attempt is None or not attempt.handoff:
            return
        self.town.shop.world.connect(attempt.handoff["transaction"], address(attempt.wallet))
        self.town.counts["payments"] += 1

    def leave(self) -> None:
        box = self.town.bank
        if found := self._open(box.payments, "status", "pending"):
            box.act_decline(id=found)
            self.town.counts["declines"] += 1

    def gift(self) -> None:
        """Artist's copies: within supply and beside the quota, so no reserved edition is lost."""
        world, drop = self.town.shop.world, self.random.choice(self.drops)
        params = self.town.shop.params[drop.pk]
        world.send(
            params.owner,
            contract.address(params),
            COIN,
            contract.gift_body(recipients=[params.owner]),
        )
        self.town.counts["gifts"] += 1

    # --- what goes wrong ----------------------------------------------------------------------

    def fault(self) -> None:
        box, name = self.random.choice(self.town.boxes), self.random.choice(FAULTS)
        setattr(box.faults, name, 2 if name == "error_after_effect" else 1)
        self.town.counts["faults"] += 1

    def refund_outside(self) -> None:
        box = self.town.stripe
        paid = [one["id"] for one in box.sessions.values() if one["payment_status"] == "paid"]
        if paid:
            self._quietly(lambda: box.act_refund_external(id=self.random.choice(paid)))
            self.town.counts["refunds outside"] += 1

    def dispute(self) -> None:
        box = self.town.stripe
        open_ = [one for one in box.disputes.values() if one["status"] == "needs_response"]
        if open_:
            verdict = self.random.choice(("won", "lost"))
            box.act_dispute_close(id=self.random.choice(open_)["id"], status=verdict)
            return
        free = [
            one["id"]
            for one in box.sessions.values()
            if one["payment_status"] == "paid" and not box._refunded(one["payment_intent"])
        ]
        disputed = {one["payment_intent"] for one in box.disputes.values()}
        free = [one for one in free if box.sessions[one]["payment_intent"] not in disputed]
        if free and not self.random.randrange(3):
            box.act_dispute(id=self.random.choice(free))
            self.town.counts["disputes"] += 1

    def time(self) -> None:
        minutes = self.random.choice((1, 5, 20, 90, 60 * 24 * 8))
        self.town.pass_time(timedelta(minutes=minutes))

    # --- the shop's own processes ---------------------------------------------------------------

    def webhook(self) -> None:
        """One event of one provider: the next, an old one again, or in another order."""
        name, box = self.random.choice(
            (("stripe", self.town.stripe), ("yookassa", self.town.bank),
             ("binance", self.town.pay), ("telegram", self.town.bot))
        )  # fmt: skip
        if not box.events:
            return
        event = self.random.choice(box.events[-4:])
        if self.random.randrange(5):  # one in five is lost
            self._deliver(name, event)

    def _deliver(self, name: str, event: Any) -> None:
        if name == "telegram":
            headers = dict(event.headers(event.body))
            kind = headers.pop("Content-Type")
            self.client.post(
                "/webhooks/telegram", data=event.body, content_type=kind, headers=headers
            )
            return
        deliver(self.client, name, event)

    def work(self) -> None:
        """The relay and the worker: some of what was promised, in any order."""
        waiting = list(OutboxEvent.objects.filter(state__in=("pending", "sent")).order_by("id"))
        self.random.shuffle(waiting)
        for event in waiting[:5]:
            self.run(event)
        inbox.process_due(limit=20)

    def run(self, event: OutboxEvent) -> None:
        try:
            current_app.tasks[event.topic](event_id=str(event.pk), **event.payload)
        except Crashed:
            self.town.counts["crashes"] += 1
        except _REFUSED:
            self.town.counts["refused"] += 1

    def poll(self) -> None:
        with self.town.process():
            refreshing.attempts_poll()
        for refund_id in refunds.refunds_due():
            with self.town.process():
                refunds.refund_submit(refund_id=refund_id)

    def expire(self) -> None:
        with self.town.process():
            expiry.orders_expire()

    def refund_by_staff(self) -> None:
        attempt = self._some(
            PaymentAttempt.objects.filter(state="confirmed").exclude(provider="ton")
        )
        if attempt is None:
            return
        part = None if attempt.provider == "stars" or self.random.randrange(3) else 100
        with self.town.process():
            refunds.refund_request(
                attempt=attempt,
                amount=part,
                reason="staff",
                origin=Refund.Origin.STAFF,
                cause=Cause("staff"),
                actor=self.town.shop.stranger,
            )
            self.town.counts["refunds"] += 1

    def settle(self) -> None:
        """The signer: the message may be lost, or sent twice."""
        with self.town.process():
            settlement = building.settlement_build()
        settlement = Settlement.objects.filter(state__in=("built", "signing", "sent")).first()
        if settlement is None:
            return
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self.send(settlement)

    def send(self, settlement: Settlement) -> None:
        world = self.town.shop.world
        world.send(MINTER, world.hub, settlement.value, codec.plain_cell(bytes(settlement.body)))

    def follow(self) -> None:
        with self.town.process():
            self.town.shop.follow()

    # --- helpers ------------------------------------------------------------------------------

    def _some(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return self.random.choice(found) if found else None

    def _open(self, rows: dict[str, Any], name: str, value: str) -> str:
        found = [key for key, row in rows.items() if row[name] == value]
        return self.random.choice(found) if found else ""

    def _quietly(self, act: Callable[[], Any]) -> None:
        """What a payer's click does; it may be too late."""
        try:
            act()
        except Exception as error:  # noqa: BLE001  the sandbox says no in many ways
            self.town.counts[f"too late: {type(error).__name__}"] += 1
        else:
            self.town.counts["payments"] += 1

    def collections(self) -> list[Collection]:
        return list(Collection.objects.filter(pk__in=[drop.pk for drop in self.drops]))
