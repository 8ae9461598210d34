"""Staff run the money in a browser: sign, refund, pay out, switch off, compare; all of it recorded.

Everything goes through the desk's pages; what is true afterwards is asked of the database (read
only), the API and the chain.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import expect
from pytoniq_core import Address

from contracts import fees, hub
from deploy.local.customer import Refused
from deploy.local.process import ROOT
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import Outgoing
from deploy.local.world import World
from tests.e2e.books import Books, wait_until
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.money import MINTED, Buyer, Staff, role_wallet, sandbox
from tests.e2e.people import PATIENCE, connect_development_wallet

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
COIN = 10**9


@pytest.fixture
def at_the_desk(open_page: OpenPage, shop: World) -> Any:
    return lambda login, carries="": Staff(open_page(DESKTOP), shop, login, carries)


@pytest.fixture
def by_hand(shop: World) -> Iterator[World]:
    """A person signs what is minted, not the Vault."""
    shop.environ["SETTLEMENT_SIGNER"] = "operator"
    shop.restart("worker")
    yield shop
    shop.environ["SETTLEMENT_SIGNER"] = "vault"
    shop.restart("worker")


@pytest.fixture
def no_clock(shop: World) -> Iterator[World]:
    """Nothing is asked about by itself: what is found is found by who asks."""
    shop.supervisor.stop_all(["beat"])
    yield shop
    shop.start(["beat"])


def recorded(shop: World, action: str, who: str, target: str) -> bool:
    found = Books(shop).ask(
        "SELECT count(*) FROM core_auditrecord WHERE action = %s AND actor_label = %s"
        " AND target_id = %s",
        action, who, target,
    )  # fmt: skip
    return bool(found[0])


# --- (a) an operator signs ------------------------------------------------------------------------


def test_an_operator_signs_what_was_paid_by_card(by_hand: World, at_the_desk: Any) -> None:
    buyer = Buyer(by_hand)
    order = buyer.orders_by_card()
    buyer.pays(order)
    buyer.waits(order, "fulfilling")
    wait_until(
        lambda: (
            buyer.books.ask("SELECT count(*) FROM payments_settlement WHERE state = 'built'")[0]
            == 1
        ),
        "a batch to sign",
    )
    batch, number, digest = buyer.books.ask(
        "SELECT id, number, orders_sha256 FROM payments_settlement WHERE state = 'built'"
    )
    operator = at_the_desk("operator", "minter")
    page = operator.page
    page.locator(".desk-tile", has_text="Settlements that wait for a signature").locator(
        "a"
    ).click()
    page.locator("#result_list tbody th a").first.click()
    operator.follows("Sign")
    said = page.locator("[data-decoded]").inner_text()
    assert f"settle batch {number} of method 3, orders {digest}" in said
    drop = Address(buyer.drop["address"]).to_str()
    assert f"part 0: mint 1 (1 recipients) of {drop}, gross 909" in said
    for shown in (order, "9.09 USD", digest, drop):
        expect(page.locator("#content")).to_contain_text(shown)
    assert decoded(page.locator("[data-boc]").text_content() or "") == said
    operator.signs("Sign with the minter's wallet")
    buyer.waits(order, "fulfilled")
    expect(page.locator("[data-desk-poll]")).to_contain_text("Done", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Sign with the minter's wallet")).to_have_count(0)
    assert buyer.books.sale_of(order)["fulfilments"] == 1
    assert buyer.books.unbalanced() == 0
    assert recorded(by_hand, "payments.settlement_signing", "Operator", str(batch))


def decoded(boc: str) -> str:
    """What `make decode BOC=...` prints; this is the command that it runs."""
    done = subprocess.run(
        [sys.executable, "-m", "contracts.decode", boc],
        cwd=ROOT, capture_output=True, check=True, text=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


# --- (b) finance refunds --------------------------------------------------------------------------


def test_finance_refunds_in_part_and_whole(shop: World, at_the_desk: Any) -> None:
    buyer = Buyer(shop)
    order = buyer.orders_by_card()
    buyer.pays(order)
    buyer.waits(order, "fulfilled")
    finance = at_the_desk("finance")
    for amount, note, gone in (("1.50", "The fan asked for a part", 150), ("", "and for all", 909)):
        finance.opens(f"payments/paymentattempt/{buyer.attempt(order)}/change/")
        finance.follows("Refund")
        finance.page.locator("[name=amount]").fill(amount)
        finance.page.locator("[name=note]").fill(note)
        finance.presses("Refund")
        finance.told("is on its way back")
        wait_until(partial(is_back, buyer, order, gone), f"{gone} cents are back")
    assert buyer.books.unbalanced() == 0
    finance.opens(f"payments/order/{order}/story/")
    expect(finance.page.locator(".desk-story")).to_contain_text("Refund of 1.5 USD done")
    expect(finance.page.locator(".desk-story")).to_contain_text("Refund of 7.59 USD done")
    asked = buyer.books.ask(
        "SELECT count(*) FROM core_auditrecord WHERE action = 'payments.refund_requested'"
        " AND actor_label = 'Finance' AND after ->> 'order' = %s", order,
    )  # fmt: skip
    assert asked == (2,)


def is_back(buyer: Buyer, order: str, cents: int) -> bool:
    return refunded(buyer, order) == cents


def refunded(buyer: Buyer, order: str) -> int:
    found = buyer.books.ask(
        "SELECT coalesce(sum(r.amount), 0) FROM payments_refund r"
        " JOIN payments_paymentattempt a ON a.id = r.attempt_id"
        " WHERE a.order_id = %s AND r.state = 'done'",
        order,
    )
    return int(found[0])


def test_above_the_limit_a_second_person_is_needed_and_not_the_same(
    shop: World, at_the_desk: Any
) -> None:
    """120 dollars by the artist's own list, which finance enters; the limit is 100."""
    buyer = Buyer(shop)
    finance = at_the_desk("finance")
    finance.opens("payments/listprice/add/")
    finance.page.locator("[name=collection]").fill(buyer.drop["id"])
    finance.page.locator("[name=asset]").select_option("USD")
    finance.page.locator("[name=price]").fill("120")
    finance.page.locator("[name=reason]").fill("The artist wrote to us")
    finance.page.locator("[name=_save]").click()
    finance.told("was added successfully")
    order = buyer.orders_by_card()
    buyer.pays(order)
    buyer.waits(order, "fulfilled")
    finance.opens(f"payments/paymentattempt/{buyer.attempt(order)}/refund/")
    finance.page.locator("[name=note]").fill("A gift that came twice")
    finance.presses("Refund")
    finance.told("120 USD waits for a second person")
    [refund] = buyer.books.ask("SELECT id FROM payments_refund WHERE state = 'requested'")
    finance.opens("payments/refund/?state__exact=requested")
    finance.acts("Approve (second person)", finance.page.locator("#result_list tbody tr").first)
    finance.told("Nobody approves what he asked for.")
    assert refunded(buyer, order) == 0
    second = at_the_desk("second")
    second.page.locator(".desk-tile", has_text="Refunds that wait for a second person").locator(
        "a"
    ).click()
    second.acts("Approve (second person)", second.page.locator("#result_list tbody tr").first)
    second.told("120 USD is on its way back")
    wait_until(lambda: refunded(buyer, order) == 12_000, "120 dollars are back")
    assert recorded(shop, "payments.refund_approved", "Second", str(refund))
    assert not recorded(shop, "payments.refund_approved", "Finance", str(refund))
    assert buyer.books.unbalanced() == 0
    seen_in_the_trail(second, "Refund approved", "Second")
    finance.opens("payments/listprice/")
    finance.page.locator("#result_list tbody th a").first.click()
    finance.page.locator("[name=price]").fill("9.09")
    finance.page.locator("[name=reason]").fill("As before")
    finance.page.locator("[name=_save]").click()


def seen_in_the_trail(staff: Staff, action: str, who: str) -> None:
    """The audit log, by keyboard, filtered by who; then the record itself."""
    staff.finds("audit")
    page = staff.page
    page.locator("#changelist-filter summary", has_text="who").first.wait_for()
    page.locator("#changelist-filter").get_by_role("link", name=who, exact=True).first.click()
    row = page.locator("#result_list tbody tr", has_text=action).first
    expect(row).to_contain_text(who)
    row.locator("th a").click()
    expect(page.locator("#content")).to_contain_text(f"{who}: {action.lower()}")


# --- (c) a payout ---------------------------------------------------------------------------------


def test_a_payout_is_drafted_approved_by_another_and_signed_by_the_payer(
    shop: World, at_the_desk: Any
) -> None:
    referrer = Buyer(shop).person
    link = str(referrer.call("GET", "referrals/me")["link"]).partition("startapp=")[2]
    buyer = Buyer(shop, link)
    buyer.person.fund(20 * COIN)
    bought = buyer.person.order(buyer.drop["id"], 3)
    buyer.person.sign(bought["attempts"][0]["transaction"])
    buyer.waits(bought["id"], "fulfilled")

    finance = at_the_desk("finance", "payer")
    finance.finds("payout")
    finance.presses("Draft a batch in TON")
    batch, total = buyer.books.ask(
        "SELECT b.id, sum(p.amount) FROM payments_payoutbatch b JOIN payments_payout p"
        " ON p.batch_id = b.id WHERE b.state = 'draft' AND b.asset = 'TON' GROUP BY b.id"
    )
    page = finance.page
    finance.opens("payments/payoutbatch/")
    finance.acts("Approve (second person)", page.locator("#result_list tbody tr").first)
    finance.told("Nobody approves what he asked for.")
    second = at_the_desk("second")
    second.opens("payments/payoutbatch/?state__exact=draft")
    second.acts("Approve (second person)", second.page.locator("#result_list tbody tr").first)
    expect(second.page.locator(".messagelist .success")).to_be_visible()

    finance.opens(f"payments/payoutbatch/{batch}/sign/")
    expect(page.locator("#content")).to_contain_text("put together by Finance")
    expect(page.locator("#content")).to_contain_text("Approved by")
    said = decoded(page.locator("details pre code").text_content() or "")
    [number] = buyer.books.ask("SELECT number FROM payments_payoutbatch WHERE id = %s", batch)
    assert said.splitlines()[0] == f"pay out, number {number}"
    assert f"0.18 to {Address(referrer.wallet.address).to_str()}" in said
    before = NetworkClient(shop.environ["TON_ENDPOINTS"]).balance(referrer.wallet.address)
    finance.signs("Sign with the payer's wallet")
    wait_until(
        lambda: (
            buyer.books.ask("SELECT state FROM payments_payoutbatch WHERE id = %s", batch)
            == ("confirmed",)
        ),
        "the chain has paid it",
        MINTED,
    )
    [got] = buyer.books.ask(
        "SELECT amount FROM payments_payout WHERE batch_id = %s AND address = %s",
        batch, referrer.wallet.address,
    )  # fmt: skip
    after = NetworkClient(shop.environ["TON_ENDPOINTS"]).balance(referrer.wallet.address)
    assert (after - before, 0 < got <= total) == (got, True)
    for action, who in (
        ("payments.payout_drafted", "Finance"), ("payments.payout_approved", "Second"),
        ("payments.payout_confirmed", "follower"),
    ):  # fmt: skip
        assert recorded(shop, action, who, str(batch)), action
    assert buyer.books.unbalanced() == 0
    seen_in_the_trail(finance, "Payout approved", "Second")


# --- (e) the kill switch --------------------------------------------------------------------------


def test_a_method_is_off_at_once_and_what_is_open_completes(
    shop: World, at_the_desk: Any, open_page: OpenPage
) -> None:
    buyer = Buyer(shop)
    open_ = buyer.orders_by_card()
    fan = open_page(DESKTOP)
    checkout = f"{shop.environ['PUBLIC_URL']}/drops/{buyer.drop['id']}"
    fan.goto(checkout)
    fan.get_by_role("link", name=re.compile("^Collect - ")).click()
    fan.get_by_role("button", name="Continue with a TON wallet").click()
    connect_development_wallet(fan)
    expect(fan.locator("[name=method][value=stripe]")).to_be_visible(timeout=PATIENCE)

    finance = at_the_desk("finance")
    finance.finds("kill")
    finance.presses("Switch stripe off")  # without a reason the browser itself asks for it
    expect(finance.page.locator("#switch-stripe .desk-yes")).to_be_visible()
    finance.page.locator("#reason-stripe").fill("Their incident of this morning")
    finance.presses("Switch stripe off")
    finance.told("is off for new payments from this moment on.")

    fan.reload()
    expect(fan.locator("[name=method][value=sbp]")).to_be_visible()
    expect(fan.locator("[name=method][value=stripe]")).to_have_count(0)
    with pytest.raises(Refused, match="method_unavailable"):
        buyer.person.order_by(buyer.drop["id"], "stripe", "lena@example.org")
    buyer.pays(open_)
    buyer.waits(open_, "fulfilled")

    finance.presses("Switch stripe on")
    finance.told("is on again")
    fan.reload()
    expect(fan.locator("[name=method][value=stripe]")).to_be_visible()
    for action in ("payments.method_switched_off", "payments.method_switched_on"):
        assert recorded(shop, action, "Finance", "stripe")


# --- (f) reconciliation ---------------------------------------------------------------------------


def test_what_was_planted_is_found_at_the_press_of_a_button(
    no_clock: World, at_the_desk: Any
) -> None:
    """A lost webhook, a payment that nobody knows, a wrong balance, a mint without an order."""
    shop = no_clock
    buyer = Buyer(shop)
    order = buyer.orders_by_card()
    buyer.pays(order, silent=True)
    planted = sandbox(shop, "stripe", "plant", amount=4_200)
    sandbox(shop, "telegram", "balance", by=-10)
    mint_past_us(shop, buyer)
    assert buyer.state(order) == "awaiting_payment"

    finance = at_the_desk("finance")
    finance.finds("reconciliation")
    page = finance.page
    finance.presses("Run now")
    expect(page.get_by_text(re.compile("differences open"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Run now")).to_be_enabled(timeout=PATIENCE)
    assert buyer.state(order) in ("fulfilling", "fulfilled")  # healed on the spot

    for what, ours, theirs in (
        ("A payment that nobody told us of", "unpaid", "9.09 USD"),
        ("A provider's payment that we do not know", "nothing", "42 USD"),
        ("A balance that differs from the ledger", "0 XTR", "-10 XTR"),
        ("The hub counts other settlements than we", "editions", "editions"),
        ("A drop has minted more or less than we know of", "editions", "editions"),
    ):
        finance.opens("payments/case/")
        page.locator("#result_list").get_by_role("link", name=what).first.click()
        both = page.locator(".desk-sides-both dd")
        expect(both.nth(0)).to_contain_text(ours)
        expect(both.nth(1)).to_contain_text(theirs)
        for heading in ("What it means", "What to do"):
            expect(page.get_by_role("heading", name=heading)).to_be_visible()

    finance.opens("payments/case/?kind__exact=unknown_payment&closed_at__isempty=1")
    page.locator("#result_list tbody a").first.click()
    page.locator("[name=note]").fill(f"Sent back in their dashboard: {planted['id']}")
    finance.presses("Close the case")
    finance.told("Closed.")
    sandbox(shop, "telegram", "balance", by=10)
    finance.presses("Run now")
    wait_until(
        lambda: buyer.books.ask(
            "SELECT note FROM payments_case WHERE kind = 'balance' ORDER BY opened_at DESC LIMIT 1"
        ) == ("not seen any more",),
        "the balance agrees again",
    )  # fmt: skip
    closed = buyer.books.ask("SELECT id FROM payments_case WHERE closed_by_id IS NOT NULL")
    assert recorded(shop, "payments.case_closed", "Finance", str(closed[0]))


def mint_past_us(shop: World, buyer: Buyer) -> None:
    """Somebody with the minter's key settles something that is none of our batches."""
    network = NetworkClient(shop.environ["TON_ENDPOINTS"])
    address = shop.environ["TON_HUB_ADDRESS"]
    number = hub.parse_hub_data(network.run_get(address, "get_hub_data")).next_batch
    assert buyer.books.ask(
        "SELECT count(*) FROM payments_settlement"
        " WHERE state IN ('built', 'signing', 'sent', 'accepted')"
    ) == (0,)
    body = hub.settle_body(
        batch=number,
        orders_sha256=bytes(32),
        method=4,
        parts=[
            hub.SettlePart(
                Address(buyer.drop["address"]), 0, 1000, [Address(buyer.person.wallet.address)]
            )
        ],
    )
    value = fees.settle_cost([1]) * 2
    sent = role_wallet(shop, "minter").transfer(network, [Outgoing(address, value, payload=body)])
    network.wait_for_message(sent.hash)
    wait_until(
        lambda: hub.parse_hub_data(network.run_get(address, "get_hub_data")).next_batch > number,
        "the hub has taken it",
    )
