"""Who may send what: every message, from every role. A denial also changes nothing."""

from __future__ import annotations

import pytest
from pytoniq_core import Address, Cell

from contracts import collection, hub
from contracts.cells import body_of
from deploy.local.ton.sandbox import COIN, START
from tests.contracts.world import (
    ADMIN,
    ARTIST,
    CONTENT,
    FAN,
    METHOD,
    MINTER,
    PAYER,
    PRICE,
    STRANGER,
    TREASURY,
    Shop,
    crowd,
    person,
)

HUB = person("stands for the hub itself")
ROLES = [ARTIST, ADMIN, MINTER, PAYER, TREASURY, FAN, STRANGER, HUB]
NEW = person("new")

SALE = collection.set_sale_body(price=PRICE, max_supply=500, hub_quota=250, max_per_buy=9)
COLLECTION_MESSAGES: list[tuple[str, Cell, set[Address]]] = [
    ("set_sale", SALE, {ARTIST}),
    ("set_content", collection.set_content_body(content=CONTENT), {ARTIST}),
    ("lock_content", collection.lock_content_body(), {ARTIST}),
    ("change_owner", collection.change_owner_body(new_owner=NEW), {ARTIST}),
    ("set_payout", collection.set_payout_body(payout=NEW), {ARTIST}),
    ("withdraw_surplus", collection.withdraw_surplus_body(), {ARTIST}),
    ("gift", collection.gift_body(recipients=crowd(2)), {ARTIST}),
    ("release_quota", body_of(0x23FC67D8).store_uint(1, 32).end_cell(), {HUB}),
    ("set_hub", body_of(0x30D56468).store_address(NEW).end_cell(), {HUB}),
    ("buy", collection.buy_body(query_id=1, quantity=1, max_unit_price=PRICE), set(ROLES)),
    ("get_royalty_params", collection.get_royalty_params_body(), set(ROLES)),
    ("top_up", collection.top_up_body(), set(ROLES)),
]

LATER = START + 10**8
HUB_MESSAGES: list[tuple[str, Cell, set[Address]]] = [
    (
        "set_roles",
        hub.set_roles_body(minter=NEW, minter_until=LATER, payer=NEW, payer_until=LATER),
        {ADMIN},
    ),
    ("set_limits", hub.set_limits_body(minter_cap=5, payer_cap=5), {ADMIN}),
    ("set_shares", hub.set_shares_body(method=3, share_bps=5), {ADMIN}),
    ("set_treasury", hub.set_treasury_body(treasury=NEW), {ADMIN}),
    ("set_pause", hub.set_pause_body(paused=True), {ADMIN}),
    ("propose_admin", hub.propose_admin_body(admin=NEW), {ADMIN}),
    ("accept_admin", hub.accept_admin_body(), set()),
    ("propose_hub", hub.propose_hub_body(hub=NEW), {ADMIN}),
    ("withdraw", hub.withdraw_body(amount=COIN), {ADMIN}),
    ("release_quota", hub.release_quota_body(collection=NEW, count=1), {ADMIN}),
    (
        "settle",
        hub.settle_body(
            batch=0,
            orders_sha256=bytes(32),
            method=METHOD,
            parts=[hub.SettlePart(NEW, 0, 1, crowd(1))],
        ),
        {MINTER},
    ),
    (
        "pay_out",
        hub.pay_out_body(payout_no=0, entries=[hub.PayoutEntry(NEW, COIN, 1)]),
        {PAYER},
    ),
]


@pytest.fixture(scope="module")
def early() -> Shop:
    """A shop before its sale starts (content may change), with coins in the hub to spare."""
    shop = Shop(starts_at=START + 1000)
    shop.sandbox.fund(shop.hub, 100 * COIN)
    shop.sandbox.fund(shop.collection, COIN)
    return shop


@pytest.mark.parametrize("role", ROLES, ids=lambda address: address.to_str()[:8])
@pytest.mark.parametrize(("name", "body", "allowed"), COLLECTION_MESSAGES)
def test_collection_messages(
    early: Shop, name: str, body: Cell, allowed: set[Address], role: Address
) -> None:
    state = early.sandbox.snapshot()
    if name == "buy":
        early.sandbox.now = START + 1000
    before = early.fingerprint()
    sender = early.hub if role == HUB else role
    trace = early.sandbox.send(sender, early.collection, 50 * COIN, body)
    if role in allowed:
        assert trace.first.exit_code == trace.first.action_code == 0
    else:
        assert trace.first.exit_code == 401
        assert early.fingerprint() == before
    early.sandbox.restore(state)


@pytest.mark.parametrize("role", ROLES, ids=lambda address: address.to_str()[:8])
@pytest.mark.parametrize(("name", "body", "allowed"), HUB_MESSAGES)
def test_hub_messages(
    early: Shop, name: str, body: Cell, allowed: set[Address], role: Address
) -> None:
    state = early.sandbox.snapshot()
    before = early.fingerprint()
    coins = early.sandbox.balance(early.hub)
    sender = early.collection if role == HUB else role
    trace = early.sandbox.send(sender, early.hub, COIN, body)
    if role in allowed:
        assert trace.first.exit_code == trace.first.action_code == 0, name
    else:
        assert trace.first.exit_code == 401
        assert early.fingerprint()[:2] == before[:2]
        assert early.sandbox.balance(early.hub) == coins
    early.sandbox.restore(state)


@pytest.mark.parametrize("role", ROLES, ids=lambda address: address.to_str()[:8])
def test_only_the_owner_deploys(role: Address) -> None:
    shop = Shop(deploy=False)
    trace = shop.deploy(sender=role, value=COIN)
    assert trace.first.exit_code == (0 if role == ARTIST else 401)
    assert shop.sandbox.account(shop.collection).status != "frozen"


@pytest.mark.parametrize("target", ["collection", "hub"])
def test_an_unknown_operation_is_refused(shop: Shop, target: str) -> None:
    to = shop.collection if target == "collection" else shop.hub
    who = ARTIST if target == "collection" else ADMIN
    body = body_of(0x12345678).store_address(NEW).end_cell()
    before = shop.fingerprint()
    assert shop.sandbox.send(who, to, COIN, body).first.exit_code == 0xFFFF
    assert shop.fingerprint() == before


@pytest.mark.parametrize("words", ["", "00000000", "d53276db0000000000000000", "70df1f91000001cc"])
@pytest.mark.parametrize("bounce", [True, False])
def test_payments_texts_and_answers_are_taken_in_silence(
    shop: Shop, words: str, bounce: bool
) -> None:
    body = Cell.empty() if not words else body_of(0, None).end_cell()
    if words:
        raw = bytes.fromhex(words)
        body = body_of(int.from_bytes(raw[:4], "big"), None).store_bytes(raw[4:]).end_cell()
    for to in (shop.collection, shop.hub):
        before = shop.sandbox.balance(to)
        trace = shop.sandbox.send(STRANGER, to, COIN, body, bounce=bounce)
        assert len(trace.steps) == 1
        assert shop.sandbox.balance(to) > before + COIN * 99 // 100
