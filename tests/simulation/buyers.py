"""What fans and artists do: order, pay on each provider's page, pay twice, leave, buy directly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.test import Client

from contracts import collection as contract
from core.ton.addresses import address
from nft.models import Collection
from payments.models import Order, PaymentAttempt
from payments.services import submitting
from payments.services.orders import Buyer, attempt_create, order_create
from payments.services.quotes import drop_quote
from tests.payments.chain import COIN, wallet
from tests.simulation.town import FIRST_ID, METHODS, Place, Town

_DIRECT: Final = 0xD1EC7


class Buyers:
    """Each act is what one person does once."""

    def __init__(self, town: Town, drops: list[Collection]) -> None:
        self.town, self.random, self.drops = town, town.random, drops
        self.methods: tuple[str, ...] = METHODS
        self.client = Client()

    def acts(self) -> list[tuple[int, Callable[[], None]]]:
        return [
            (13, self.order), (3, self.another_attempt), (22, self.pay), (1, self.leave),
            (2, self.buy_directly), (1, self.artists_copy),
        ]  # fmt: skip

    def order(self) -> None:
        """A gift now and then: who gets it opens a link, and nobody has to."""
        method = self.random.choice(self.methods)
        fan, drop = self.random.choice(self.town.fans), self.random.choice(self.drops)
        made: PaymentAttempt | None = None
        with self.town.death.request():
            _, made = order_create(
                buyer=self._buyer(fan, method),
                collection=drop_quote(drop_id=drop.pk),
                quantity=self.random.choice((1, 1, 1, 2)),
                method=method,
                gift=method != "ton" and not self.random.randrange(12),
            )
            self.town.counts[f"orders {method}"] += 1
        self._submit(made)

    def _buyer(self, fan: Any, method: str) -> Buyer:
        return Buyer(fan, "telegram" if method == "stars" else "web", email="fan@example.org")

    def _submit(self, attempt: PaymentAttempt | None) -> None:
        """What the view does after the commit, unless its process died."""
        if attempt is None or attempt.provider == "ton":
            return
        with self.town.death.process():
            if PaymentAttempt.objects.filter(pk=attempt.pk).exists():
                submitting.attempt_submit(attempt_id=attempt.pk)

    def another_attempt(self) -> None:
        order = self._some(Order.objects.filter(state="awaiting_payment", origin="shop"))
        if order is None or order.user is None:
            return
        method, made = self.random.choice(self.methods), None
        with self.town.death.request():
            _, made = attempt_create(
                buyer=self._buyer(order.user, method), order_id=order.pk, method=method
            )
        self._submit(made)

    # --- paying -------------------------------------------------------------------------------

    def pay(self) -> None:
        """Somebody pays something that can be paid, however old. One in four never pays."""
        choice = self.random.randrange(len(self.town.places) + 1)
        if choice == len(self.town.places):
            self._pay_ton()
            return
        place = self.town.places[choice]
        if place.method == "stars":
            self.pay_stars()
        elif found := self._open(place):
            self.quietly(lambda: place.box.act_pay(id=found, silent=not self.random.randrange(5)))

    def _open(self, place: Place) -> str:
        found = place.open_()
        return self.random.choice(found) if found else ""

    def pay_stars(self) -> None:
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
        answer = None
        with self.town.death.process():
            answer = self.client.post(
                "/webhooks/telegram", data=body, content_type=kind, headers=headers
            )
        return bool(answer is not None and answer.status_code == 200 and answer.json().get("ok"))

    def _pay_ton(self) -> None:
        attempt = self._some(PaymentAttempt.objects.filter(provider="ton", state="open"))
        if attempt is None or not attempt.handoff:
            return
        self.town.shop.world.connect(attempt.handoff["transaction"], address(attempt.wallet))
        self.town.counts["payments"] += 1

    def leave(self) -> None:
        place = next(one for one in self.town.places if one.source == "yookassa")
        if found := self._open(place):
            place.box.act_decline(id=found)
            self.town.counts["declines"] += 1

    def buy_directly(self) -> None:
        """Past the shop, with and without enough value: the contract takes it or returns it."""
        drop = self.random.choice(self.drops)
        price = self.town.shop.params[drop.pk].price
        value = self.random.choice((None, price // 2, 2 * price))
        self.town.shop.buy(drop, value, wallet(_DIRECT + self.random.randrange(5)))
        self.town.counts["direct buys"] += 1

    def artists_copy(self) -> None:
        """Within supply and beside the quota, so no reserved edition is lost."""
        drop = self.random.choice(self.drops)
        params = self.town.shop.params[drop.pk]
        body = contract.gift_body(recipients=[params.owner])
        self.town.shop.world.send(params.owner, contract.address(params), COIN, body)
        self.town.counts["artist's copies"] += 1

    # --- helpers ------------------------------------------------------------------------------

    def _some(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return self.random.choice(found) if found else None

    def quietly(self, act: Callable[[], Any]) -> None:
        """What a payer's click does; it may be too late."""
        try:
            act()
        except Exception as error:  # noqa: BLE001  the sandbox says no in many ways
            self.town.counts[f"too late: {type(error).__name__}"] += 1
        else:
            self.town.counts["payments"] += 1
