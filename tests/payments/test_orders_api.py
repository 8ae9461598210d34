"""The orders API: what it answers, to whom, how often, and at what price in queries."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from pytoniq_core import Cell
from rest_framework.test import APIClient

from contracts import fees, opcodes
from contracts.cells import Reader
from core.models import IdempotencyKey
from core.ton.addresses import friendly, raw
from nft.models import Collection
from payments.models import Order, PaymentAttempt
from payments.serializers import AttemptSerializer, OrderItemSerializer, OrderSerializer
from referrals.services import code_ensure
from tests.payments.conftest import FAN, GIFTED, PRICE, REFERRER, STRANGER, Shop, person, signed_in
from tests.payments.races import together

URL = "/api/v1/orders"
pytestmark = pytest.mark.django_db


def post(client: APIClient, drop: Collection, key: str = "k1", /, **given: Any) -> Any:
    body = {"drop": str(drop.pk), "quantity": 1, "method": "ton", **given}
    return client.post(URL, body, headers={"Idempotency-Key": key})


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Order.objects.exists()
    assert not IdempotencyKey.objects.exists()


# --- making an order ------------------------------------------------------------------------------


def test_an_order_answers_with_the_message_to_sign(shop: Shop, fan_client: APIClient) -> None:
    drop = shop.drop()
    answer = post(fan_client, drop, quantity=2)
    assert answer.status_code == 201
    body, order = answer.json(), Order.objects.get()
    assert body["state"] == "awaiting_payment"
    assert body["total"] == {"asset": "TON", "amount": str(2 * PRICE)}
    (attempt,) = body["attempts"]
    transaction = attempt["transaction"]
    assert transaction["network"] == "-3"
    assert transaction["from"] == raw(FAN)
    signing_ends = order.created_at + settings.ATTEMPT_LIFETIME
    assert transaction["valid_until"] == int(signing_ends.timestamp())
    (message,) = transaction["messages"]
    assert message["address"] == friendly(drop.address)
    assert int(message["amount"]) == fees.mint_cost(
        2, gift=False, referred=False, price=PRICE, platform_bps=1000
    )
    bits = Reader(Cell.one_from_boc(message["payload"]))
    assert (bits.uint(32), bits.uint(64), bits.uint(8)) == (opcodes.BUY, order.query_id, 2)
    assert bits.coins() == PRICE
    assert (bits.maybe_address(), bits.maybe_address()) == (None, None)


def test_the_answer_has_the_form_of_the_schema(shop: Shop, fan_client: APIClient) -> None:
    order = shop.order(shop.drop(), 2, recipient=raw(GIFTED))
    made = post(fan_client, order.collection).json()
    shop.pay(order)
    shop.follow()
    for body in (made, fan_client.get(f"{URL}/{order.pk}").json()):
        assert set(body) == set(OrderSerializer().fields)
        assert set(body["attempts"][0]) == set(AttemptSerializer().fields)
        for item in body["items"]:
            assert set(item) == set(OrderItemSerializer().fields)


def test_a_gift_and_a_referrer_stand_in_the_message(shop: Shop, fan_client: APIClient) -> None:
    friend = person("friend", REFERRER)
    code = code_ensure(user_id=friend.pk).code
    signed_in(shop.fan, f"r{code}")
    body = post(fan_client, shop.drop(), recipient=friendly(raw(GIFTED), bounceable=False)).json()
    (message,) = body["attempts"][0]["transaction"]["messages"]
    bits = Reader(Cell.one_from_boc(message["payload"]))
    bits.uint(104)
    bits.coins()
    assert (bits.maybe_address(), bits.maybe_address()) == (GIFTED, REFERRER)
    assert int(message["amount"]) == fees.mint_cost(
        1, gift=True, referred=True, price=PRICE, platform_bps=1000
    )
    order = Order.objects.get()
    assert (order.referrer, order.referral_bps) == (friend, 2000)


def test_the_price_is_read_from_the_chain(shop: Shop, fan_client: APIClient) -> None:
    drop = shop.drop()
    Collection.objects.filter(pk=drop.pk).update(price=1)
    assert post(fan_client, drop).json()["unit_price"]["amount"] == str(PRICE)


@pytest.mark.parametrize(
    ("terms", "status", "code"),
    [
        ({"starts_at": 2**31}, 409, "not_started"),
        ({"starts_at": 1, "ends_at": 2}, 409, "ended"),
        ({"paused": True}, 409, "paused"),
        ({"max_supply": 2}, 409, "sold_out"),
        ({"max_supply": 100, "hub_quota": 98}, 409, "sold_out"),
        ({"max_per_buy": 2}, 400, "too_many"),
    ],
)
def test_what_cannot_be_bought_is_refused(
    shop: Shop, fan_client: APIClient, terms: dict[str, Any], status: int, code: str
) -> None:
    refused(post(fan_client, shop.drop(**terms), quantity=3), status, code)


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"quantity": 0}, 400, "invalid"),
        ({"quantity": 201}, 400, "invalid"),
        ({"quantity": "many"}, 400, "invalid"),
        ({"drop": "nonsense"}, 400, "invalid"),
        ({"drop": str(uuid4())}, 404, "drop_not_found"),
        ({"method": "cash"}, 400, "invalid"),
        ({"recipient": "nonsense"}, 400, "address_invalid"),
        ({"recipient": "-1:" + "00" * 32}, 400, "address_invalid"),
        ({"wallet": "nonsense"}, 400, "address_invalid"),
        ({"wallet": raw(STRANGER)}, 403, "wallet_unproved"),
    ],
)
def test_bad_input_is_refused(
    shop: Shop, fan_client: APIClient, given: dict[str, Any], status: int, code: str
) -> None:
    refused(post(fan_client, shop.drop(), **given), status, code)


def test_a_fan_without_a_proved_wallet_is_asked_for_one(shop: Shop) -> None:
    refused(post(signed_in(person("new")), shop.drop()), 403, "wallet_unproved")


@pytest.mark.parametrize("state", ["prepared", "rejected", "abandoned"])
def test_a_drop_that_is_not_live_does_not_exist(
    shop: Shop, fan_client: APIClient, state: str
) -> None:
    drop = shop.drop(live=False)
    Collection.objects.filter(pk=drop.pk).update(state=state)
    refused(post(fan_client, drop), 404, "drop_not_found")


def test_a_method_that_is_not_configured_is_not_offered(
    shop: Shop, fan_client: APIClient, settings: Any
) -> None:
    drop = shop.drop()
    settings.TON_HUB_ADDRESS = ""
    refused(post(fan_client, drop), 400, "method_unavailable")


def test_without_the_chain_there_is_no_price_and_no_order(
    shop: Shop, fan_client: APIClient
) -> None:
    drop = shop.drop()
    shop.world.silent = True
    answer = post(fan_client, drop)
    refused(answer, 503, "chain_unavailable")
    assert answer["Retry-After"]


def test_orders_are_for_who_is_signed_in(shop: Shop) -> None:
    answer = post(APIClient(), shop.drop())
    assert answer.status_code == 401
    assert not Order.objects.exists()
    assert APIClient().get(URL).status_code == 401


# --- once -----------------------------------------------------------------------------------------


def test_a_key_is_required(shop: Shop, fan_client: APIClient) -> None:
    body = {"drop": str(shop.drop().pk), "quantity": 1, "method": "ton"}
    refused(fan_client.post(URL, body), 400, "idempotency_key_required")


def test_the_same_request_twice_is_one_order(shop: Shop, fan_client: APIClient) -> None:
    drop = shop.drop()
    first, second = post(fan_client, drop), post(fan_client, drop)
    assert first.content == second.content
    assert (second.status_code, Order.objects.count()) == (201, 1)


def test_the_answer_is_given_again_when_the_drop_cannot_be_quoted(
    shop: Shop, fan_client: APIClient
) -> None:
    drop = shop.drop()
    first = post(fan_client, drop)
    Collection.objects.update(terms_read_at=None)
    shop.world.silent = True
    assert post(fan_client, drop).content == first.content


def test_another_request_under_the_key_is_refused(shop: Shop, fan_client: APIClient) -> None:
    drop = shop.drop()
    post(fan_client, drop)
    answer = post(fan_client, drop, quantity=2)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.get().quantity == 1


def test_a_strangers_key_is_his_own(shop: Shop, fan_client: APIClient) -> None:
    drop = shop.drop()
    post(fan_client, drop)
    post(signed_in(shop.stranger), drop)
    assert {order.user for order in Order.objects.all()} == {shop.fan, shop.stranger}


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_the_same_time_is_one_order(shop: Shop) -> None:
    drop = shop.drop()
    clients = [signed_in(shop.fan) for _ in range(4)]
    answers = together(*(lambda client=client: post(client, drop) for client in clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Order.objects.count() == PaymentAttempt.objects.count() == 1


# --- lists and their price ------------------------------------------------------------------------


def test_orders_are_paged_newest_first(shop: Shop, fan_client: APIClient) -> None:
    drop = shop.drop()
    made = [str(shop.order(drop).pk) for _ in range(5)]
    first = fan_client.get(URL, {"limit": 3}).json()
    rest = fan_client.get(URL, {"limit": 3, "cursor": first["next"]}).json()
    assert [order["id"] for order in first["results"] + rest["results"]] == made[::-1]
    assert rest["next"] is None


def test_a_list_costs_the_same_however_long(
    shop: Shop, fan_client: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for _ in range(2):
        for drop in (shop.drop(), shop.drop()):
            shop.pay(shop.order(drop, 2))
            shop.order(drop)
        shop.follow()
        with CaptureQueriesContext(connection) as queries:
            assert fan_client.get(URL).status_code == 200
        counts.append(len(queries))
    assert counts == [7, 7]


def test_making_an_order_costs_few_queries(shop: Shop, fan_client: APIClient) -> None:
    drop = shop.drop()
    post(fan_client, drop)
    with CaptureQueriesContext(connection) as queries:
        post(fan_client, drop, "k2")
    ours = [
        query["sql"]
        for query in queries
        if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))
        and "lock_timeout" not in query["sql"]
        and "advisory" not in query["sql"]
    ]
    assert len(ours) == 10
