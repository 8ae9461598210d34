"""Ten thousand random messages; after each, the promises still hold.

The seed is printed; ``TONALITY_SEED`` replays it. Coins are counted independently of the sandbox:
what came in equals what accounts hold plus total_fees plus the forward fees that travel in
messages.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field

import pytest
from pytoniq_core import Address, Cell

from contracts import collection, fees, hub, item, receipts
from deploy.local.ton.sandbox import COIN, START, Trace
from tests.contracts.world import (
    ADMIN,
    ARTIST,
    COLLECTOR,
    FAN,
    METHOD,
    MINTER,
    PAYER,
    PRICE,
    STRANGER,
    Shop,
    person,
)

SEED = int(os.environ.get("TONALITY_SEED", "20261122"))
MESSAGES = 10_000
RUNS = 10
PEOPLE = (FAN, COLLECTOR, STRANGER, ARTIST, ADMIN, MINTER, PAYER)


@dataclass
class Book:
    """What we counted ourselves."""

    coins_in: int = 0
    fees: int = 0
    minted_by_hub: int = 0
    lost: list[str] = field(default_factory=list)


def forward_fees(trace: Trace) -> int:
    """Return what travels in the headers of messages that contracts sent."""
    total = 0
    for step in trace.steps:
        for sent in step.outcome.out_messages:
            data = sent.begin_parse()
            if data.load_bit():
                continue
            data.load_bits(3)
            data.load_address()
            data.load_address()
            data.load_coins()
            data.load_bit()
            data.load_coins()
            total += data.load_coins()
    return total


def act(shop: Shop, dice: random.Random) -> tuple[Trace, int]:
    """Send one random message, often a wrong one; return its trace and value."""
    kind = dice.choices(
        ("buy", "settle", "gift", "sale", "pay", "admin", "transfer", "odd", "quota"),
        (40, 12, 6, 10, 6, 8, 10, 6, 2),
    )[0]
    sender = dice.choice(PEOPLE)
    value = dice.choice((0, 10**6, 10**7, COIN, 12 * COIN, 25 * COIN))
    if kind == "buy":
        quantity = dice.choice((1, 1, 1, 2, 5))
        friend = dice.choice((None, None, COLLECTOR, person("friend")))
        exact = dice.random() < 0.5
        gift = friend is not None and friend != sender
        now = shop.sale().price if exact else 0
        cost = fees.mint_cost(quantity, gift=gift, referred=False, price=now) if exact else value
        return shop.buy(
            quantity,
            value=cost,
            sender=sender,
            recipient=friend,
            max_unit_price=dice.choice((PRICE, PRICE, PRICE * 2, 5)),
            bounce=dice.random() < 0.9,
        ), cost
    if kind == "settle":
        counts = [dice.randint(1, 5) for _ in range(dice.randint(1, 3))]
        who = dice.choice((MINTER, MINTER, MINTER, sender))
        amount = fees.settle_cost(counts) + dice.choice((-1, 0, COIN))
        batch = shop.hub_data().next_batch - (dice.random() < 0.1)
        return shop.settle(counts, sender=who, value=amount, batch=max(batch, 0)), amount
    if kind == "transfer":
        which = shop.item(dice.randint(0, 8))
        body = item.transfer_body(
            new_owner=sender, response=FAN, forward_amount=dice.choice((0, 1))
        )
        return shop.sandbox.send(dice.choice(PEOPLE), which, value, body), value
    target, body = {
        "gift": lambda: (
            shop.collection,
            collection.gift_body(recipients=[FAN] * dice.randint(1, 4)),
        ),
        "sale": lambda: (shop.collection, random_terms(shop, dice)),
        "pay": lambda: (
            shop.hub,
            hub.pay_out_body(
                payout_no=shop.hub_data().next_payout,
                entries=[hub.PayoutEntry(FAN, dice.randint(1, 2 * COIN), 1)],
            ),
        ),
        "admin": lambda: (
            shop.hub,
            dice.choice(
                (
                    hub.withdraw_body(amount=dice.randint(0, 3 * COIN)),
                    hub.set_pause_body(paused=dice.random() < 0.3),
                    hub.set_shares_body(method=METHOD, share_bps=dice.randint(0, 10_000)),
                    hub.set_limits_body(minter_cap=dice.randint(50, 900), payer_cap=9 * COIN),
                )
            ),
        ),
        "odd": lambda: (
            dice.choice((shop.collection, shop.hub)),
            dice.choice((collection.top_up_body(), collection.withdraw_surplus_body())),
        ),
        "quota": lambda: (
            shop.hub,
            hub.release_quota_body(collection=shop.collection, count=dice.randint(1, 9)),
        ),
    }[kind]()
    right = {"gift": ARTIST, "sale": ARTIST, "pay": PAYER, "admin": ADMIN, "quota": ADMIN}
    who = right.get(kind, sender) if dice.random() < 0.85 else sender
    return shop.sandbox.send(who, target, value, body, bounce=dice.random() < 0.9), value


def random_terms(shop: Shop, dice: random.Random) -> Cell:
    now = shop.sale()
    return collection.set_sale_body(
        price=dice.choice((PRICE, PRICE, 950, 0)),
        max_supply=max(now.max_supply - dice.choice((0, 0, 1, 40)), 1),
        hub_quota=now.hub_quota + dice.choice((0, 0, 3, 90)),
        max_per_buy=dice.choice((5, 200)),
        paused=dice.random() < 0.1,
    )


def check(shop: Shop, book: Book, trace: Trace, before: tuple[bytes, bytes, int]) -> None:
    after = shop.fingerprint()
    keeps_reserves(shop)
    first = trace.first
    if first.exit_code not in (0, None) or first.action_code not in (0, None):
        if trace.steps[0].account in (shop.collection, shop.hub):
            assert after[:2] == before[:2]
        assert after[2] >= before[2] - first.storage_fees
    if after[:2] == before[:2]:
        return
    sale, totals = shop.sale(), shop.totals()
    assert sale.next_item_index + sale.unused_quota <= sale.max_supply
    assert sale.hub_minted <= sale.hub_quota
    for message in trace.messages_to(shop.hub):
        receipt = receipts.parse_mint_receipt(message.body)
        if receipt is not None and message.source == shop.collection:
            book.minted_by_hub += receipt.count
    assert totals.count == book.minted_by_hub == sale.hub_minted


def keeps_reserves(shop: Shop) -> None:
    """The reserve is there to be used up by storage, which rounds up once a transaction."""
    rent = fees.JUNE_2026.storage(fees.HUB_CELLS, shop.sandbox.now - START + 1) + MESSAGES
    assert shop.sandbox.balance(shop.hub) >= fees.hub_reserve() - rent
    assert shop.sandbox.balance(shop.collection) >= fees.collection_reserve() - rent


def coins_held(shop: Shop) -> int:
    return shop.sandbox.total()


@pytest.mark.parametrize("run", range(RUNS))
def test_any_order_of_messages_keeps_the_promises(run: int) -> None:
    seed = SEED + run
    print(f"TONALITY_SEED={seed}")
    dice = random.Random(seed)
    shop = Shop(max_supply=dice.choice((30, 300)), hub_quota=dice.choice((0, 20)))
    shop.sandbox.fund(shop.hub, 2 * COIN)
    shop.sandbox.now = START + 1
    book = Book(coins_in=coins_held(shop))
    for number in range(MESSAGES // RUNS):
        shop.sandbox.now += dice.choice((0, 0, 1, 60, 4000))
        before = shop.fingerprint()
        trace, value = act(shop, dice)
        book.coins_in += value
        book.fees += sum(step.outcome.total_fees for step in trace.steps) + forward_fees(trace)
        check(shop, book, trace, before)
        if number % 100 == 99:
            assert book.coins_in == coins_held(shop) + book.fees
    assert isinstance(shop.collection, Address)
