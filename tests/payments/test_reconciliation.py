"""Reconciliation finds what was planted, heals what it can, and says the rest."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from contracts import hub as contract
from core.ton.addresses import address
from deploy.local.sandbox.telegram import TelegramSandbox
from payments.models import Case, Order
from payments.services.reconciliation import case_close, reconcile
from tests.payments.acts import fresh
from tests.payments.chain import ADMIN, COIN, MINTER
from tests.payments.conftest import FAN, Shop
from tests.payments.off_chain import at_provider, post, rates
from tests.payments.test_refunds import refused
from tests.people import person

pytestmark = pytest.mark.django_db
PAYER = 777
Kind = Case.Kind


@pytest.fixture
def bot(settings: Settings, shop: Shop) -> Iterator[TelegramSandbox]:
    with TelegramSandbox(token=settings.TELEGRAM_BOT_TOKEN, secret="s") as bot:
        settings.TELEGRAM_API_URL, settings.TELEGRAM_WEBHOOK_SECRET = bot.url, "s"
        shop.fan.telegram_id = PAYER
        shop.fan.save()
        rates(timezone.now())
        yield bot


def found() -> list[tuple[str, str, str]]:
    return [(case.kind, case.source, case.key) for case in reconcile()]


def test_nothing_differs_in_a_quiet_shop(shop: Shop, bot: TelegramSandbox) -> None:
    shop.pay(shop.order(shop.drop()))
    shop.follow()
    assert found() == []


def test_a_missing_webhook_is_found_and_healed(
    shop: Shop, bot: TelegramSandbox, fan_client: APIClient
) -> None:
    answer = post(fan_client, shop.drop(hub_quota=5), "stars")
    (slug,) = bot.invoices
    charge = bot.act_pay(slug=slug, user=PAYER, silent=True)["charge"]
    (case,) = reconcile()
    assert (case.kind, case.key) == (Kind.MISSED, charge)
    assert case.closed_at is not None
    order = Order.objects.get(pk=answer.json()["id"])
    assert fresh(order).state == Order.State.FULFILLING
    assert at_provider("stars", "XTR") == bot.balance
    assert found() == []


def test_an_extra_payment_stays_open_until_a_person_has_settled_it(
    shop: Shop, bot: TelegramSandbox
) -> None:
    charge = bot.act_plant(amount=50)["charge"]
    assert found() == [(Kind.UNKNOWN_PAYMENT, "stars", charge), (Kind.BALANCE, "stars", "XTR")]
    again = reconcile()
    assert Case.objects.count() == 2  # the same two, seen again
    finance = person("finance")
    with refused("not_allowed"):
        case_close(case_id=again[0].pk, actor=person("support"), note="mine")
    with refused("note_required"):
        case_close(case_id=again[0].pk, actor=finance, note=" ")
    assert Case.objects.filter(closed_at__isnull=True).count() == 2
    assert case_close(case_id=again[0].pk, actor=finance, note="refunded by hand")
    assert not case_close(case_id=again[0].pk, actor=finance, note="twice")


def test_a_wrong_balance_is_told_and_closes_when_it_is_right_again(
    shop: Shop, bot: TelegramSandbox
) -> None:
    bot.balance -= 10
    (case,) = reconcile()
    assert (case.kind, case.ours, case.theirs) == (Kind.BALANCE, "0 XTR", "-10 XTR")
    bot.balance += 10
    assert found() == []
    case.refresh_from_db()
    assert case.note == "not seen any more"


def test_a_chain_mint_without_an_order_is_told(shop: Shop, bot: TelegramSandbox) -> None:
    drop = shop.drop(hub_quota=5)
    hub = shop.world.hub
    shop.world.send(ADMIN, hub, COIN, contract.set_shares_body(method=3, share_bps=0))
    body = contract.settle_body(
        batch=0,
        orders_sha256=bytes(32),
        method=3,
        parts=[contract.SettlePart(address(drop.address), 0, 1000, [FAN])],
    )
    shop.world.send(MINTER, hub, COIN, body)
    shop.follow()
    assert found() == [
        (Kind.CHAIN_TOTALS, "chain", "method 3"),
        (Kind.SUPPLY, "chain", drop.address),
    ]


def test_a_provider_that_is_away_keeps_its_cases(shop: Shop, bot: TelegramSandbox) -> None:
    bot.act_plant(amount=50)
    assert len(found()) == 2
    bot.token = "other"
    assert found() == []
    assert Case.objects.filter(closed_at__isnull=True).count() == 2


def test_the_command_tells_each_difference(shop: Shop, bot: TelegramSandbox) -> None:
    bot.act_plant(amount=50)
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert out.getvalue().count("open: ") == 2
    assert out.getvalue().endswith("2 difference(s)\n")
