"""Order, sign, receipt, fulfilled: the whole thread on the real contracts."""

from __future__ import annotations

from rest_framework.test import APIClient

from payments import ledger
from payments.models import LedgerAccount, Order
from tests.payments.conftest import FAN, PRICE, Shop

Kind = LedgerAccount.Kind


def test_a_paid_order_is_fulfilled_and_booked_to_the_nano(
    shop: Shop, fan_client: APIClient
) -> None:
    drop = shop.drop()
    answer = fan_client.post(
        "/api/v1/orders",
        {"drop": str(drop.pk), "quantity": 2, "method": "ton"},
        headers={"Idempotency-Key": "one"},
    )
    assert answer.status_code == 201, answer.content
    body = answer.json()
    shop.world.connect(body["attempts"][0]["transaction"], FAN)
    shop.follow()
    told = fan_client.get(f"/api/v1/orders/{body['id']}").json()
    assert (told["state"], told["money_status"]) == ("fulfilled", "paid")
    assert [item["edition"] for item in told["items"]] == [1, 2]
    order = Order.objects.get(pk=body["id"])
    artist = str(shop.artist.pk)
    assert ledger.balance(Kind.ARTIST_DIRECT, artist).amount == PRICE * 2 * 9 // 10
    assert ledger.owed(Kind.ARTIST_REVENUE, artist).amount == PRICE * 2 * 9 // 10
    assert ledger.owed(Kind.PLATFORM_REVENUE, "").amount == PRICE * 2 // 10
    assert ledger.imbalance() == {"TON": 0}
    assert order.entries.count() == 1
