"""The hub's admin, its payouts, and what each role can lose at most."""

from __future__ import annotations

from contracts import fees, hub, receipts
from contracts.cells import body_of
from deploy.local.ton.sandbox import COIN, START, Trace
from tests.contracts.world import (
    ADMIN,
    HUB_PARAMS,
    MINTER,
    PAYER,
    STRANGER,
    TREASURY,
    Shop,
    person,
    refused,
    succeeded,
)


def entries(*amounts: int) -> list[hub.PayoutEntry]:
    return [hub.PayoutEntry(person(f"payee {n}"), amount, n) for n, amount in enumerate(amounts)]


def pay(shop: Shop, *amounts: int, number: int = 0, value: int = COIN) -> Trace:
    body = hub.pay_out_body(payout_no=number, entries=entries(*amounts))
    return shop.sandbox.send(PAYER, shop.hub, value, body)


def test_payouts_arrive_to_the_nano_with_their_ids(shop: Shop) -> None:
    shop.sandbox.fund(shop.hub, 100 * COIN)
    trace = pay(shop, COIN, 2 * COIN, 3 * COIN)
    assert succeeded(trace)
    for number in range(3):
        message = trace.messages_to(person(f"payee {number}"))[0]
        assert message.value == (number + 1) * COIN
        assert receipts.parse_payout_sent(message.body) == number


def test_a_payout_number_counts_once(shop: Shop) -> None:
    shop.sandbox.fund(shop.hub, 100 * COIN)
    assert succeeded(pay(shop, COIN))
    before = shop.sandbox.balance(shop.hub)
    assert refused(pay(shop, COIN), 472)
    assert refused(pay(shop, COIN, number=2), 472)
    assert shop.sandbox.balance(shop.hub) == before
    assert succeeded(pay(shop, COIN, number=1))


def test_amounts_and_fees_count_against_the_payers_allowance(shop: Shop) -> None:
    shop.sandbox.fund(shop.hub, 500 * COIN)
    lump = fees.JUNE_2026.forward()
    assert refused(pay(shop, 100 * COIN), 473)
    assert succeeded(pay(shop, 100 * COIN - lump))
    assert shop.limits().payer_left == 0
    shop.sandbox.now += hub.DAY // 2
    assert shop.limits().payer_left == 50 * COIN
    assert refused(pay(shop, 50 * COIN, number=1), 473)


def test_a_stolen_payer_key_takes_at_most_its_allowance(shop: Shop) -> None:
    shop.sandbox.fund(shop.hub, 500 * COIN)
    before = shop.sandbox.balance(shop.hub)
    number = 0
    for amount in [30 * COIN] * 5 + [10 * COIN] * 5 + [COIN] * 12:
        number += pay(shop, amount, number=number).first.exit_code == 0
    assert before - shop.sandbox.balance(shop.hub) <= 100 * COIN


def test_payouts_never_touch_the_reserve(shop: Shop) -> None:
    balance = shop.sandbox.balance(shop.hub)
    lump = fees.JUNE_2026.forward()
    room = balance - fees.hub_reserve() - lump
    assert refused(pay(shop, room + 1), 477)
    assert succeeded(pay(shop, room))
    assert shop.sandbox.balance(shop.hub) == fees.hub_reserve()


def test_two_hundred_and_fifty_payouts_fit_one_message(shop: Shop) -> None:
    shop.sandbox.fund(shop.hub, 90 * COIN)
    trace = pay(shop, *[COIN // 10] * 250, value=fees.pay_out_cost(250))
    assert succeeded(trace)
    assert shop.sandbox.balance(person("payee 249")) == COIN // 10


def test_dust_is_not_paid_out(shop: Shop) -> None:
    assert refused(pay(shop, fees.JUNE_2026.forward() - 1), 468)


def test_a_payout_needs_the_value_that_we_compute(shop: Shop) -> None:
    cost = fees.pay_out_cost(2)
    assert refused(pay(shop, 10**6, 10**6, value=cost - 1), 402)
    assert succeeded(pay(shop, 10**6, 10**6, value=cost))


def test_withdrawals_go_to_the_treasury_only(shop: Shop) -> None:
    shop.sandbox.fund(shop.hub, 100 * COIN)
    shop.admin(hub.withdraw_body(amount=10 * COIN))
    assert 10 * COIN < shop.sandbox.balance(TREASURY) < 11 * COIN
    shop.admin(hub.withdraw_body())
    assert shop.sandbox.balance(shop.hub) == fees.hub_reserve()
    assert refused(shop.admin(hub.withdraw_body()), 477)
    assert refused(shop.admin(hub.withdraw_body(amount=1)), 477)


def test_roles_lapse_on_their_date(shop: Shop) -> None:
    shop.sandbox.fund(shop.hub, 10 * COIN)
    shop.sandbox.now = HUB_PARAMS.minter_until
    assert refused(shop.settle(), 471)
    assert refused(pay(shop, COIN), 471)
    later = shop.sandbox.now + hub.DAY
    renewed = hub.set_roles_body(minter=MINTER, minter_until=later, payer=PAYER, payer_until=later)
    assert succeeded(shop.admin(renewed, value=2 * COIN))
    assert succeeded(shop.settle())
    assert succeeded(pay(shop, COIN))


def test_a_pause_stops_the_roles_and_not_the_sales(shop: Shop) -> None:
    shop.admin(hub.set_pause_body(paused=True))
    assert shop.hub_data().paused
    assert refused(shop.settle(), 460)
    assert refused(pay(shop, COIN // 100), 460)
    assert succeeded(shop.buy())
    shop.admin(hub.set_pause_body(paused=False))
    assert succeeded(shop.settle())


def test_new_roles_replace_the_old(shop: Shop) -> None:
    new = person("new minter")
    later = START + 10**7
    shop.admin(hub.set_roles_body(minter=new, minter_until=later, payer=new, payer_until=later))
    assert refused(shop.settle(), 401)
    assert succeeded(shop.settle(sender=new))
    data = shop.hub_data()
    assert (data.minter, data.payer, data.minter_until, data.payer_until) == (
        new,
        new,
        later,
        later,
    )


def test_lower_limits_hold_at_once_and_higher_ones_fill_slowly(shop: Shop) -> None:
    shop.admin(hub.set_limits_body(minter_cap=10, payer_cap=COIN))
    assert shop.limits() == hub.Limits(10, 10, COIN, COIN)
    assert refused(shop.settle([11]), 473)
    shop.admin(hub.set_limits_body(minter_cap=1000, payer_cap=100 * COIN))
    assert shop.limits() == hub.Limits(1000, 10, 100 * COIN, COIN)


def test_shares_are_per_method_and_keep_the_totals(shop: Shop) -> None:
    shop.settle([2], gross=100)
    shop.admin(hub.set_shares_body(method=1, share_bps=0))
    shop.settle([1], gross=100)
    assert shop.totals() == hub.Totals(0, 3, 300, 60)
    assert shop.totals(2) == hub.Totals(0, 0, 0, 0)
    for method, bps in ((2, 10_001), (32, 5)):
        body = body_of(0x2B8AC61D).store_uint(method, 8).store_uint(bps, 16)
        assert refused(shop.admin(body.end_cell()), 468)


def test_a_share_changed_in_flight_is_taken_back_as_it_was_counted(shop: Shop) -> None:
    shop.settle([3], gross=77, collections=[person("refuses")])
    assert shop.totals() == hub.Totals(3000, 0, 0, 0)


def test_the_admin_is_handed_over_in_two_steps(shop: Shop) -> None:
    new = person("new admin")
    shop.admin(hub.propose_admin_body(admin=new))
    assert shop.hub_data().admin == ADMIN
    assert refused(shop.admin(hub.accept_admin_body(), sender=STRANGER), 401)
    assert succeeded(shop.admin(hub.accept_admin_body(), sender=new))
    assert (shop.hub_data().admin, shop.hub_data().proposed_admin) == (new, None)
    assert refused(shop.admin(hub.set_pause_body(paused=True)), 401)
    assert refused(shop.admin(hub.accept_admin_body(), sender=new), 401)


def test_a_new_hub_takes_over_after_seven_days(shop: Shop) -> None:
    new = person("new hub")
    move = hub.move_collections_body(collections=[shop.collection])
    assert refused(shop.admin(move), 476)
    shop.admin(hub.propose_hub_body(hub=new))
    assert shop.hub_data().proposed_hub == new
    shop.sandbox.now += hub.HUB_NOTICE - 1
    assert refused(shop.admin(move), 475)
    shop.sandbox.now += 1
    own = shop.sandbox.balance(shop.hub)
    assert succeeded(shop.admin(move))
    assert shop.sale().hub == new
    assert shop.sandbox.balance(shop.hub) >= own - COIN // 1000
    trace = shop.buy()
    assert receipts.parse_sale_receipt(trace.messages_to(new)[0].body) is not None
    back = body_of(0x30D56468).store_address(shop.hub).end_cell()
    assert refused(shop.sandbox.send(shop.hub, shop.collection, COIN, back), 401)


def test_released_quota_is_for_everyone(shop: Shop) -> None:
    assert shop.sale().left_for_public() == 250
    assert succeeded(shop.admin(hub.release_quota_body(collection=shop.collection, count=100)))
    assert shop.sale().left_for_public() == 350
    trace = shop.admin(hub.release_quota_body(collection=shop.collection, count=151))
    assert trace.at(shop.collection)[0].outcome.exit_code == 465


def test_the_collection_gives_no_quota_back_to_anyone_else(shop: Shop) -> None:
    body = body_of(0x23FC67D8).store_uint(1, 32).end_cell()
    assert refused(shop.owner(body), 401)


def test_a_message_without_bounce_is_returned_by_hand(shop: Shop) -> None:
    body = hub.set_pause_body(paused=True)
    trace = shop.sandbox.send(STRANGER, shop.hub, COIN, body, bounce=False)
    back = trace.messages_to(STRANGER)[0]
    assert receipts.parse_refused(back.body) == receipts.Refused(401)
    assert not shop.hub_data().paused


def test_an_admins_message_needs_its_gas(shop: Shop) -> None:
    body = hub.set_treasury_body(treasury=STRANGER)
    assert refused(shop.admin(body, value=fees.admin_message_value() - 1), 402)
    assert succeeded(shop.admin(body, value=fees.admin_message_value()))
    assert shop.hub_data().treasury == STRANGER
