"""What goes wrong, and what time and markets do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from contracts import hub
from core.ton.addresses import address
from nft.models import Collection
from tests.payments.chain import ADMIN, COIN
from tests.simulation.town import Town

# Each is a knob of the sandboxes (deploy/local/sandbox/frame.py), and how often it then strikes.
FAULTS: Final = {
    "error_after_effect": 2, "unavailable": 1, "too_many": 1, "fail_refund": 1,
    "drop": 2, "duplicate": 1, "reorder": True,
}  # fmt: skip
_DAY: Final = 60 * 24
_NIGHTS: Final = 3
_MINUTES: Final = (1, 2, 5, 5, 10, 20, 40, 90, _DAY + 120, _DAY * 8)


class Trouble:
    """None of it is the shop's doing, but for the admin who gives quota back too early."""

    def __init__(self, town: Town, doomed: Collection, daily: Callable[[], None]) -> None:
        self.town, self.random, self.doomed, self.daily = town, town.random, doomed, daily

    def acts(self) -> list[tuple[int, Callable[[], None]]]:
        return [
            (6, self.fault), (1, self.hang), (2, self.refund_outside), (2, self.refund_comes_back),
            (2, self.dispute), (2, self.chargeback), (4, self.time), (4, self.rates),
            (1, self.quota_given_back), (1, self.old_news),
        ]  # fmt: skip

    def fault(self) -> None:
        box, name = self.random.choice(self.town.boxes), self.random.choice(list(FAULTS))
        setattr(box.faults, name, FAULTS[name])
        self.town.counts["faults"] += 1
        self.town.counts[f"faults {name}"] += 1

    def hang(self) -> None:
        self.town.hang(self.random.choice(self.town.boxes))
        self.town.counts["faults"] += 1
        self.town.counts["faults hang_after_effect"] += 1

    def refund_outside(self) -> None:
        """Somebody presses the button in the provider's dashboard: all of it, or a part."""
        box = self.town.stripe
        paid = [one for one in box.sessions.values() if one["payment_status"] == "paid"]
        if not paid:
            return
        one = self.random.choice(paid)
        part = self.random.choice((None, one["amount_total"] // 3))
        self._quietly("refunds outside", lambda: box.act_refund_external(id=one["id"], amount=part))

    def refund_comes_back(self) -> None:
        """A refund that had succeeded fails days later."""
        done = [one for one in self.town.stripe.refunds.values() if one["status"] == "succeeded"]
        if done and not self.random.randrange(3):
            found = self.random.choice(done)["id"]
            self._quietly(
                "refunds come back", lambda: self.town.stripe.act_refund_late_fail(id=found)
            )

    def dispute(self) -> None:
        box = self.town.stripe
        open_ = [one for one in box.disputes.values() if one["status"] == "needs_response"]
        if open_:
            verdict = self.random.choice(("won", "lost"))
            box.act_dispute_close(id=self.random.choice(open_)["id"], status=verdict)
            self.town.counts[f"disputes {verdict}"] += 1
            return
        disputed = {one["payment_intent"] for one in box.disputes.values()}
        free = [
            one["id"]
            for one in box.sessions.values()
            if one["payment_status"] == "paid"
            and not box._refunded(one["payment_intent"])
            and one["payment_intent"] not in disputed
        ]
        if free:
            taken = bool(self.random.randrange(4))
            box.act_dispute(id=self.random.choice(free), withdraw=taken)
            self.town.counts["disputes"] += 1

    def chargeback(self) -> None:
        """Telegram takes Stars back; usually nobody is told of it."""
        box = self.town.bot
        back = {row["id"] for row in box.transactions if "receiver" in row}
        paid = [row["id"] for row in box.transactions if row["id"] not in back]
        if paid and not self.random.randrange(3):
            silent = bool(self.random.randrange(3))
            box.act_chargeback(charge=self.random.choice(paid), silent=silent)
            self.town.counts["chargebacks"] += 1

    def time(self) -> None:
        minutes = self.random.choice(_MINUTES)
        for _ in range(_NIGHTS if minutes > _NIGHTS * _DAY else 0):
            self.daily()  # a provider may be away one night; the next one looks back further
            self.town.pass_time(timedelta(days=1))
            minutes -= _DAY
        self.town.pass_time(timedelta(minutes=minutes))
        if self.random.randrange(8):  # else nothing is quoted until the market speaks again
            self.town.rates(300)
        self.town.counts["time passed"] += 1

    def rates(self) -> None:
        self.town.rates(500)
        self.town.counts["rates moved"] += 1

    def quota_given_back(self) -> None:
        """The hub's admin releases quota that was promised: the drop refuses what is minted."""
        target = address(self.doomed.address)
        body = hub.release_quota_body(collection=target, count=1)
        self.town.shop.world.send(ADMIN, self.town.shop.world.hub, COIN, body)
        self.town.counts["quota given back"] += 1

    def old_news(self) -> None:
        """A provider sends once more what it told long ago."""
        place = self.random.choice(self.town.places)
        if place.box.events:
            letter = (place.source, self.random.choice(place.box.events))
            self.town.post.waiting.append(letter)

    def _quietly(self, name: str, act: Callable[[], Any]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  the sandbox says no in many ways
            self.town.counts[f"too late: {type(error).__name__}"] += 1
        else:
            self.town.counts[name] += 1
