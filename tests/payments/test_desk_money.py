"""The desk's home tells about money what the books and the hub say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from core.desk.registry import Tile, tiles_for
from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import ClaimRight, Dispute, Order, PaymentAttempt
from payments.services import refunds
from tests.payments.chain import World
from tests.payments.conftest import Shop
from tests.payments.off_chain import refresh
from tests.payments.test_off_chain import box, web
from tests.payments.test_refunds import ask, paid
from tests.people import person

pytestmark = pytest.mark.django_db
__all__ = ["box", "paid", "web"]  # fixtures


def tile(label: str) -> Tile:
    cache.clear()
    [found] = [one for one in tiles_for(person("finance")) if one.label == label]
    return found


def test_gross_refunds_and_what_stands_at_the_provider(
    paid: tuple[Order, PaymentAttempt],
) -> None:
    _, attempt = paid
    gross = tile("Gross of a day")
    assert gross.value == "7.58 USD"
    assert gross.rows[0][1:] == ("1", "7.58 USD")
    assert gross.chart is not None
    assert len(gross.chart.bars) == 14
    assert tile("At the providers").rows == [("stripe", "7.58 USD")]
    refund = ask(attempt, 100)
    told = tile("Refunds of a day")
    assert (told.value, told.note) == ("1 USD", "in 24 hours; 1 under way")
    refunds.refund_submit(refund_id=refund.pk)
    assert tile("At the providers").value == "6.58 USD"
    PaymentAttempt.objects.update(confirmed_at=timezone.now() - timedelta(days=3))
    later = tile("Gross of a day")
    assert later.value == "0"
    assert [row[1] for row in later.rows].index("1") == 3


def test_disputes_with_the_day_to_answer_by(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox
) -> None:
    _, attempt = paid
    assert (tile("Open disputes").value, tile("Open disputes").tone) == ("0", "good")
    box.act_dispute(id=str(attempt.reference))
    refresh(attempt)
    told = tile("Open disputes")
    assert (told.value, told.tone) == ("1", "warn")
    assert told.rows[0][1] == "7.58 USD"
    Dispute.objects.update(answer_by=timezone.now() + timedelta(hours=30))
    assert tile("Open disputes").tone == "bad"


@pytest.mark.parametrize(
    ("changes", "why", "tone"),
    [
        ({}, "ready for the next settlement", ""),
        ({"created_at": timedelta(hours=2)}, "ready for the next settlement", "bad"),
        ({"frozen": True}, "a dispute", ""),
        ({"hold_until": timedelta(days=-21)}, "the hold", ""),
    ],
)
def test_why_editions_are_not_minted_yet(
    paid: tuple[Order, PaymentAttempt], changes: dict[str, object], why: str, tone: str
) -> None:
    for name, value in changes.items():
        given = timezone.now() - value if isinstance(value, timedelta) else value
        ClaimRight.objects.update(**{name: given})
    if "created_at" in changes:
        ClaimRight.objects.update(hold_until=timezone.now() - timedelta(hours=2))
    told = tile("Editions paid for, not minted")
    assert (told.value, told.tone) == ("1", tone)
    assert [row[0] for row in told.rows] == [why]


def test_the_hub_and_its_minter_as_the_chain_says(shop: Shop, web: APIClient) -> None:
    hub = tile("The hub")
    assert hub.value.endswith(" TON")
    assert hub.rows[0] == ("Minter, editions", "1000", "1000")
    assert hub.rows[1] == ("Payer", "1000 TON", "1000 TON")
    float_ = tile("The minter's float")
    assert (float_.value, float_.tone) == ("0 TON", "bad")


def test_a_silent_chain_is_told_and_closes_nothing(shop: Shop, world: World) -> None:
    world.silent = True
    assert (tile("The hub").value, tile("The hub").note) == ("?", "the chain does not answer")
