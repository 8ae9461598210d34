"""Twenty-one days between a payment and its mint, and everybody else buys what he can meanwhile.

Fans pay with Stars and wait. Others buy the same drops with TON, past the shop, and the artist
takes copies, until the contract gives no more. What was promised is minted all the same: no mint
is ever refused, because the hub's quota is kept apart on chain.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from contracts import collection as contract
from core.ton import sources
from payments.models import ClaimRight, Order, SettlementPart
from payments.providers import provider
from tests.simulation.life import Life
from tests.simulation.lived import lived
from tests.simulation.quiet import quiet
from tests.simulation.town import Town
from tests.simulation.truths import Truths

DAYS, ACTS, FANS = 21, 5, 10


def months(town: Town, days: int, story: list[str]) -> None:
    life, truths = Life(town), Truths()
    life.buyers.methods = ("stars",)
    paying = [life.buyers.order, life.buyers.pay_stars, life.house.webhook]
    running = [
        life.buyers.buy_directly, life.buyers.buy_directly, life.buyers.artists_copy,
        life.house.follow, life.house.settle, *paying,
    ]  # fmt: skip
    story += [life.done(act) for act in paying * FANS]
    for _ in range(days):
        story += [life.done(act) for act in town.random.choices(running, k=ACTS)]
        truths.after_step()
        town.pass_time(timedelta(days=1))
        town.rates(300)
    waiting = ClaimRight.objects.filter(state="open").count()
    quiet(life, truths)
    assert waiting >= 3  # the hold was long enough for a run on the drops
    assert not SettlementPart.objects.filter(state="returned").exists()
    assert not Order.objects.filter(reason="mint_refused").exists()
    held = ClaimRight.objects.filter(holder__wallets__isnull=False).exclude(state="revoked")
    assert set(held.values_list("state", flat=True)) == {"settled"}
    assert any(_sold_out(drop.address) for drop in life.collections())


def _sold_out(drop: str) -> bool:
    """To the public: all that is left belongs to the hub."""
    told = contract.parse_sale_data(sources.client().run_get(drop, "get_sale_data"))
    promised = told.hub_quota - told.hub_minted
    return bool(told.next_item_index + promised >= told.max_supply)


@pytest.mark.django_db
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(2))
def test_no_mint_is_refused_after_the_hold(seed: int, settings: Settings) -> None:
    assert provider("stars").capabilities.hold == timedelta(days=21)
    lived(seed, DAYS, settings, months)
