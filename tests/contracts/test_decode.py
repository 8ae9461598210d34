"""Before signing: what a message would do, in words."""

from __future__ import annotations

import base64

import pytest
from pytoniq_core import Cell, begin_cell

from contracts import collection, hub, item
from contracts.decode import describe, load_boc, main
from contracts.errors import MalformedCell
from deploy.local.ton.payers import W5Payer, outgoing
from deploy.local.ton.sandbox import COIN, START, Sandbox, external_message, internal_message
from tests.contracts.world import ADMIN, COLLECTOR, FAN, HUB_PARAMS, Shop, crowd

HUB = hub.address(HUB_PARAMS)


def test_a_purchase_is_told_with_its_terms() -> None:
    body = collection.buy_body(query_id=7, quantity=3, max_unit_price=COIN, recipient=COLLECTOR)
    told = describe(body)
    assert "buy 3 edition(s) at up to 1 each, order 7" in told
    assert COLLECTOR.to_str() in told
    assert "send 4.5" in describe(internal_message(FAN, HUB, 4_500_000_000, body))


def test_a_wallets_external_message_shows_what_is_inside() -> None:
    sandbox = Sandbox()
    wallet = W5Payer(sandbox, b"\x05" * 32, COIN)
    settle = hub.settle_body(
        batch=4,
        orders_sha256=b"\x02" * 32,
        method=1,
        parts=[hub.SettlePart(COLLECTOR, 0, 60, crowd(4)), hub.SettlePart(FAN, 1, 5, crowd(1))],
    )
    pay = hub.pay_out_body(payout_no=0, entries=[hub.PayoutEntry(FAN, COIN, 9)])
    signed = wallet.body(outgoing(HUB, COIN, settle), outgoing(HUB, 2 * COIN, pay))
    told = describe(external_message(wallet.address, signed))
    for part in ("settle batch 4", "mint 4 (4 recipients)", "mint 1", "payout 9", "send 2 to"):
        assert part in told
    assert told.index("send 1 to") < told.index("send 2 to")


def test_a_wallet_v4_is_read_too() -> None:
    inner = outgoing(HUB, COIN, hub.set_pause_body(paused=True))
    body = begin_cell().store_uint(0, 512).store_uint(698983191, 32).store_uint(START, 32)
    body.store_uint(3, 32).store_uint(0, 8).store_uint(3, 8).store_ref(inner)
    assert "set_pause" in describe(external_message(ADMIN, body.end_cell()))


def test_a_deployment_is_recognised() -> None:
    params = Shop(deploy=False).params
    init = collection.state_init(params)
    assert describe(init.serialize()) == "deploys our collection"
    message = outgoing(collection.address(params), COIN, collection.deploy_body(), init=init)
    assert "deploys our collection; deploy the collection" in describe(message)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (collection.set_payout_body(payout=FAN), "pay sales and royalties to"),
        (collection.change_owner_body(new_owner=FAN), "give the collection to"),
        (collection.gift_body(recipients=crowd(2)), "2 artist's"),
        (
            collection.set_sale_body(price=5, max_supply=9, hub_quota=1, max_per_buy=2),
            "set the sale: price 0.000000005",
        ),
        (hub.withdraw_body(), "everything above the reserve"),
        (hub.set_limits_body(minter_cap=5, payer_cap=COIN), "5 editions a day, 1 coins a day"),
        (
            hub.set_roles_body(minter=FAN, minter_until=1, payer=FAN, payer_until=2),
            "set roles: minter",
        ),
        (hub.propose_hub_body(hub=FAN), "seven days"),
        (item.transfer_body(new_owner=COLLECTOR, response=FAN), "give the item to"),
        (begin_cell().store_uint(0, 32).end_cell(), "a payment with a text"),
        (begin_cell().store_uint(0x70DF1F91, 32).store_uint(460, 32).end_cell(), "refused: paused"),
        (Cell.empty(), "a payment without words"),
        (begin_cell().store_uint(0x11111111, 32).end_cell(), "unknown operation 11111111"),
    ],
)
def test_every_message_has_words(body: Cell, words: str) -> None:
    assert words in describe(body)


@pytest.mark.parametrize("text", ["", "zz", "b5ee9c72", "AAAA", "00" * 40, "b5ee9c7201010101"])
def test_what_is_no_bag_of_cells_ends_with_one_line_and_code_2(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([text]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1


def test_a_broken_body_is_malformed() -> None:
    body = collection.buy_body(query_id=7, quantity=3, max_unit_price=COIN)
    cut = begin_cell().store_bits(body.bits[:60]).end_cell()
    with pytest.raises(MalformedCell):
        describe(cut)


def test_base64_of_both_alphabets_and_hex_are_read() -> None:
    boc = collection.deploy_body().to_boc()
    plain = base64.b64encode(boc).decode()
    for text in (boc.hex(), plain, plain.replace("+", "-").replace("/", "_")):
        assert load_boc(text) == collection.deploy_body()
