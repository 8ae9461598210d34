"""A drop of several people on the real TVM: two messages deploy it, every sale is everybody's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytoniq_core import Address

from accounts.models import User
from contracts import collection as contract
from contracts import splitter
from contracts.codes import code_hash
from core.errors import ApplicationError
from core.money import BPS, Money
from core.ton.addresses import address, raw
from nft.models import Collection
from nft.selectors import split_current
from nft.services import (
    collection_deploy_transaction,
    collection_prepare,
    collection_verify,
    share_confirm,
    share_join,
    split_save,
    splitter_standing,
    splitter_transaction,
)
from nft.services.splits import Part, share_secret
from nft.terms import DropTerms
from payments import ledger
from payments.models import LedgerAccount, LedgerEntry
from tests.catalog.people import published
from tests.payments.chain import COIN, wallet
from tests.payments.conftest import ARTIST, FAN, STRANGER, Shop, person
from tests.payments.off_chain import balanced
from tests.people import pages

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
HELPER = wallet(0xFA77)
PRICE = 5 * COIN


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def helper(shop: Shop) -> User:
    return person("helper", HELPER)


@pytest.fixture
def prepared(shop: Shop, helper: User) -> Collection:
    """60 % the artist's, 40 % a helper's, both agreed."""
    owner, release = shop.artist.owner, published(shop.artist)
    split_save(actor=owner, release=release, artist_bps=6000, parts=[Part("Vera", 4000)])
    split = split_current(release)
    assert split is not None
    first, second = split.shares.order_by("position")
    share_join(actor=helper, share_id=second.pk, secret=share_secret(second))
    for user, share, place in ((owner, first, ARTIST), (helper, second, HELPER)):
        share_confirm(actor=user, share_id=share.pk, version=1, wallet=raw(place))
    terms = DropTerms(owner=raw(ARTIST), price=PRICE, max_supply=10, starts_at=timezone.now())
    return collection_prepare(actor=owner, release=release, terms=terms)


@pytest.fixture
def live(shop: Shop, prepared: Collection) -> Collection:
    shop.world.connect(collection_deploy_transaction(collection=prepared), ARTIST)
    shop.later(60)
    found = collection_verify(collection=prepared)
    assert found.state == Collection.State.LIVE
    return found


def buy(shop: Shop, drop: Collection, sender: Address = FAN) -> None:
    body = contract.buy_body(query_id=0, quantity=1, max_unit_price=PRICE)
    shop.world.send(sender, address(drop.address), PRICE + COIN, body)
    shop.follow()


def balance(shop: Shop, whose: Address) -> int:
    return shop.world.sandbox.account(whose).balance


def test_one_signature_deploys_splitter_and_drop(shop: Shop, live: Collection) -> None:
    account = shop.world.sandbox.account(address(live.payout))
    assert account.code is not None
    assert account.code.hash.hex() == code_hash("splitter")
    found = shop.world.sandbox.run_method(address(live.payout), "get_payee", 0)
    assert splitter.parse_payee(list(found.stack)) == splitter.Share(HELPER, 4000)


def test_a_drop_whose_splitter_is_missing_is_not_live_until_it_is_there(
    shop: Shop, prepared: Collection
) -> None:
    asked = collection_deploy_transaction(collection=prepared)
    first, second = asked["messages"]
    shop.world.connect({"messages": [second]}, ARTIST)
    shop.later(60)
    assert collection_verify(collection=prepared).state == Collection.State.PREPARED
    shop.world.connect({"messages": [first]}, STRANGER)  # anybody may make it
    assert collection_verify(collection=prepared).state == Collection.State.LIVE


def test_a_sale_is_booked_for_everybody_as_the_chain_paid_their_splitter(
    shop: Shop, live: Collection, helper: User
) -> None:
    before = balance(shop, address(live.payout))
    buy(shop, live)
    part = Money("TON", PRICE * 9 // 10)
    burned = before + part.amount - balance(shop, address(live.payout))
    assert 0 <= burned < COIN // 1000  # what receiving it costs the splitter
    artist = str(live.release.artist_id)
    assert ledger.balance(Kind.ARTIST_DIRECT, artist) == part
    assert ledger.owed(Kind.ARTIST_REVENUE, artist) == part.share(6000)
    assert ledger.owed(Kind.ARTIST_REVENUE, f"user:{helper.pk}") == part.share(4000)
    assert balanced()
    assert LedgerEntry.objects.get().legs.count() == 6


def test_the_splitter_pays_what_the_books_say_but_for_its_fees(
    shop: Shop, live: Collection, helper: User
) -> None:
    buy(shop, live)
    had = {who: balance(shop, who) for who in (ARTIST, HELPER)}
    shop.world.connect(splitter_transaction(collection=live), STRANGER)
    got = {who: balance(shop, who) - had[who] for who in (ARTIST, HELPER)}
    whole = sum(got.values())
    assert abs(got[HELPER] - whole * 4000 // BPS) <= 1
    assert abs(PRICE * 9 // 10 - whole) < COIN // 100
    assert not splitter_standing(collection=live).ready


def test_too_little_is_not_shared_out(shop: Shop, live: Collection) -> None:
    with pytest.RaisesExc(ApplicationError, check=lambda error: error.code == "nothing_to_share"):
        splitter_transaction(collection=live)


def test_a_helper_shares_out_from_his_own_page_and_a_stranger_may_not(
    shop: Shop, live: Collection, helper: User
) -> None:
    buy(shop, live)
    split = live.split
    assert split is not None
    page = reverse("portal-share", args=[split.shares.get(position=1).pk])
    told = pages(helper).get(page).content.decode()
    assert "4.50" in told
    assert "share out what the splitter holds above its reserve" in told
    asked = reverse("portal-splitter-transaction", args=[live.pk])
    answer = pages(helper).post(asked)
    had = balance(shop, HELPER)
    shop.world.connect(answer.json(), HELPER)
    assert balance(shop, HELPER) > had + COIN
    assert pages(helper).post(asked).status_code == 409  # it is empty now
    assert pages(shop.stranger).post(asked).status_code == 404


def test_a_silent_chain_is_said_and_not_an_error(
    shop: Shop, live: Collection, helper: User
) -> None:
    split = live.split
    assert split is not None
    shop.world.silent = True
    page = reverse("portal-share", args=[split.shares.get(position=1).pk])
    assert "The chain does not answer" in pages(helper).get(page).content.decode()
    asked = reverse("portal-splitter-transaction", args=[live.pk])
    assert pages(helper).post(asked).status_code == 503


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=50), st.integers(0, 2**62))
def test_any_sale_is_shared_to_the_last_nano(weights: list[int], amount: int) -> None:
    shares = _bps(weights)
    parts = Money("TON", amount).split(shares)
    assert sum(one.amount for one in parts) == amount
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.amount - amount * share // BPS) <= 1


def _bps(weights: list[int]) -> list[int]:
    """Weights as basis points of together 10 000."""
    whole = sum(weights)
    made = [one * BPS // whole for one in weights]
    made[0] += BPS - sum(made)
    return made
