"""The other doors: live topics, the desk, the admin, metrics, providers, earnings."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from core import live
from core.celery_app import beat_schedule
from core.desk.registry import Reading, tiles_for
from core.live.topics import may_hear
from core.ton.addresses import friendly, raw
from payments import desk, metrics, reasons
from payments.models import (
    LedgerAccount,
    LedgerEntry,
    Leg,
    Order,
    PaymentAttempt,
    PaymentEvent,
)
from payments.providers import REGISTRY, offered, provider
from payments.providers.base import Provider
from payments.providers.ton.refusals import _REASONS
from referrals.models import Attribution, Code
from tests import people
from tests.payments.conftest import FAN, PRICE, REFERRER, Shop, person, signed_in

pytestmark = pytest.mark.django_db


# --- live -----------------------------------------------------------------------------------------


def test_an_order_is_heard_by_its_owner_alone(shop: Shop) -> None:
    topic = f"order:{shop.order(shop.drop()).pk}"
    assert may_hear(shop.fan, topic) == ""
    for other in (shop.stranger, person("moderator"), None):
        assert may_hear(other, topic) == "forbidden"
    assert may_hear(shop.fan, f"order:{uuid4()}") == "forbidden"
    assert may_hear(shop.fan, "order:nonsense") == "forbidden"


def test_a_sale_is_told_after_its_commit(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[tuple[str, str, Any]] = []
    monkeypatch.setattr(live, "publish", lambda *event: told.append(event))
    order = shop.order(shop.drop())
    shop.pay(order)
    with django_capture_on_commit_callbacks(execute=True):
        shop.follow()
    ((topic, name, data),) = told
    assert (topic, name) == (f"order:{order.pk}", "order.changed")
    assert (data["state"], len(data["items"])) == ("fulfilled", 1)
    body = signed_in(shop.fan).get(f"/api/v1/orders/{order.pk}").json()
    assert str(data["id"]) == body["id"]
    assert set(data) == set(body)


def test_what_nobody_ordered_is_told_to_nobody(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(live, "publish", lambda *event: told.append(event))
    shop.buy(shop.drop())
    with django_capture_on_commit_callbacks(execute=True):
        shop.follow()
    assert not told


# --- the desk -------------------------------------------------------------------------------------


@pytest.fixture
def finance(db: None) -> Client:
    return people.desk(User.objects.create_superuser("finance", "a long password for finance"))


def test_the_desk_tells_orders_and_the_ledger(shop: Shop) -> None:
    shop.pay(shop.order(shop.drop()))
    shop.order(shop.drop())
    shop.follow()
    assert desk.orders_today() == Reading(2, "1 fulfilled")
    assert desk.ledger_imbalance() == Reading(0, "every entry balances", "good")
    assert desk.orders_waiting() == 0
    labels = {tile.label for tile in tiles_for(User(is_superuser=True, is_active=True))}
    assert {"Orders today", "Orders that need attention", "Ledger imbalance"} <= labels
    assert not {tile.label for tile in tiles_for(shop.stranger)} & {"Orders today"}


@pytest.mark.parametrize(
    "model", [Order, PaymentAttempt, PaymentEvent, LedgerEntry, LedgerAccount, Code, Attribution]
)
def test_every_page_of_the_desk_reads_and_refuses_to_write(
    shop: Shop, finance: Client, model: Any
) -> None:
    shop.pay(shop.order(shop.drop()))
    shop.follow()
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    assert finance.get(reverse(f"admin:{name}_changelist")).status_code == 200
    assert finance.get(reverse(f"admin:{name}_add")).status_code == 403
    row = model.objects.first()
    if row is not None:
        page = reverse(f"admin:{name}_change", args=[row.pk])
        assert finance.get(page).status_code == 200
        assert finance.post(page, {"state": "fulfilled"}).status_code == 403
        assert finance.post(reverse(f"admin:{name}_delete", args=[row.pk])).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()
    assert admin.site._registry[model].actions in (None, ())


def test_an_order_is_found_by_what_staff_paste(shop: Shop, finance: Client) -> None:
    order = shop.order(shop.drop())
    shop.pay(order)
    shop.follow()
    other = shop.order(shop.drop(), user=shop.stranger)
    order.refresh_from_db()
    attempt = shop.attempt(order)
    terms = [
        str(order.pk),
        str(order.query_id),
        str(attempt.pk),
        str(attempt.external_id),
        raw(FAN),
        friendly(raw(FAN)),
        order.collection.address,
        "fan",
    ]
    for term in terms:
        page = finance.get(reverse("admin:payments_order_changelist"), {"q": term}).content.decode()
        assert str(order.pk) in page, term
        assert str(other.pk) not in page, term


@pytest.mark.parametrize("model", [Order, PaymentAttempt, PaymentEvent, LedgerEntry, LedgerAccount])
def test_lists_of_the_desk_cost_the_same_however_long(
    shop: Shop, finance: Client, model: Any
) -> None:
    address = reverse(f"admin:payments_{model._meta.model_name}_changelist")
    counts = []
    for _ in range(2):
        for drop in (shop.drop(), shop.drop()):
            shop.pay(shop.order(drop))
        shop.follow()
        with CaptureQueriesContext(connection) as queries:
            finance.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- metrics, tasks, providers --------------------------------------------------------------------


def test_metrics_count_orders_and_prove_the_ledger(shop: Shop) -> None:
    shop.pay(shop.order(shop.drop()))
    shop.follow()
    found = dict(metrics.orders_by_state())  # type: ignore[arg-type]
    assert (found["fulfilled"], found["expired"]) == (1.0, 0.0)
    assert set(found) == set(Order.State.values)
    assert metrics.ledger_imbalance() == {"TON": 0.0}


def test_the_chores_are_on_the_schedule() -> None:
    assert beat_schedule()["payments-orders-expire"]["task"] == "payments.orders_expire"


def test_every_registered_provider_is_whole(settings: Any) -> None:
    settings.TON_HUB_ADDRESS = "0:" + "11" * 32
    for name in REGISTRY:
        made: Provider = provider(name)
        assert made.name == name
        assert made.capabilities.assets
    assert offered() == ["ton"]
    settings.TON_HUB_ADDRESS = ""
    assert offered() == []


def test_every_reason_has_words() -> None:
    for code in {*_REASONS.values(), *reasons.CODES}:
        assert reasons.text(code).endswith(".")
    assert reasons.text("something new") == reasons.text("refused")


# --- earnings -------------------------------------------------------------------------------------


def test_a_referrer_sees_code_link_and_what_it_earned(shop: Shop) -> None:
    friend = person("friend", REFERRER)
    client = signed_in(friend)
    body = client.get("/api/v1/referrals/me").json()
    assert body["link"].endswith(f"startapp=r{body['code']}")
    assert body["earned"] == {"asset": "TON", "amount": "0"}
    signed_in(shop.fan, f"r{body['code']}")
    shop.pay(shop.order(shop.drop()))
    shop.follow()
    again = client.get("/api/v1/referrals/me").json()
    assert again["earned"]["amount"] == str(PRICE // 10 * 2 // 10)
    assert again["code"] == body["code"]


def test_opening_ones_referral_page_attributes_too(shop: Shop) -> None:
    friend = signed_in(person("friend"))
    code = friend.get("/api/v1/referrals/me").json()["code"]
    signed_in(shop.fan, f"r{code}").get("/api/v1/referrals/me")
    assert Attribution.objects.get().user == shop.fan


def test_earnings_are_for_who_is_signed_in(shop: Shop) -> None:
    assert APIClient().get("/api/v1/referrals/me").status_code == 401
    assert not Code.objects.exists()
    assert not Leg.objects.exists()
