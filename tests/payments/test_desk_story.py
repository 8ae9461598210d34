"""The page of an order: its whole story, and only what may be done about it, by whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.models import AuditRecord
from core.money import Money
from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import LedgerEntry, Order, PaymentAttempt, Refund
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.deciders import NOTE, failed, short
from tests.payments.off_chain import balanced
from tests.payments.test_off_chain import ASKED, box, web
from tests.payments.test_refunds import paid
from tests.people import pages, person

pytestmark = pytest.mark.django_db
__all__ = ["box", "paid", "web"]  # fixtures


def story(order: Order) -> str:
    return reverse("admin:payments_order_story", args=[order.pk])


def buttons(page: str) -> list[str]:
    return re.findall(r'<input type="hidden" name="act" value="([a-z_]+)">', page)


def decide(client: Client, order: Order, act: str, **fields: Any) -> Any:
    given = {f"{act}-{name}": value for name, value in {"note": NOTE, **fields}.items()}
    return client.post(story(order), {"act": act, **given}, follow=True)


@pytest.fixture
def finance(db: None) -> Client:
    return pages(person("finance"))


def test_the_story_tells_all_that_is_written_down(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: Client
) -> None:
    order, attempt = paid
    refund = failed(box, attempt)
    box.act_dispute(id=str(attempt.reference))
    page = finance.get(story(order)).content.decode()
    assert page.count('<li class="desk-moment desk-moment--ledger">') == order.entries.count()
    assert order.events.count() <= page.count('<li class="desk-moment')
    for said in (
        "the provider could not deliver it",
        "Refund of 7.58 USD asked for",
        str(refund.pk),
        "-7.58 USD",
        "At the provider, not paid out to us yet",
        attempt.provider,
    ):
        assert said in page, said


def test_exactly_the_fitting_ways_are_offered(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: Client
) -> None:
    order = short(shop, web)
    assert buttons(finance.get(story(order)).content.decode()) == ["refund", "accept"]
    listed = finance.get(reverse("admin:payments_order_changelist")).content.decode()
    assert f'<a href="{story(order)}">Decide</a>' in listed


def test_one_click_with_a_note_takes_the_money(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: Client
) -> None:
    order = short(shop, web)
    told = decide(finance, order, "accept").content.decode()
    assert "Taken as paid" in told
    assert fresh(order).state == "fulfilling"
    assert NOTE in told  # it stands in the story now
    assert buttons(told) == []


def test_without_a_note_nothing_happens(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: Client
) -> None:
    order = short(shop, web)
    told = decide(finance, order, "accept", note="").content.decode()
    assert "This field is required" in told
    assert fresh(order).state == "needs_attention"
    assert not AuditRecord.objects.filter(action="payments.order_accepted").exists()


def test_a_way_that_has_closed_meanwhile_is_told_so(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: Client
) -> None:
    order = short(shop, web)
    decide(finance, order, "accept")
    entries = LedgerEntry.objects.count()
    told = decide(finance, order, "refund").content.decode()
    assert "does not wait any more" in told
    assert LedgerEntry.objects.count() == entries
    assert not Refund.objects.exists()


def test_a_failed_refund_is_sent_another_way_by_two_people(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: Client
) -> None:
    order, attempt = paid
    refund = failed(box, attempt)
    told = decide(finance, order, "by_hand", refund=str(refund.pk), reference="SEPA 4711")
    assert "waits for a second person" in told.content.decode()
    made = Refund.objects.latest("id")
    assert (made.acquirer, made.external_id, made.state) == ("by_hand", "SEPA 4711", "requested")
    assert fresh(order).state == "needs_attention"
    assert balanced()


def test_closing_says_where_the_money_stays(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: Client
) -> None:
    order, attempt = paid
    failed(box, attempt)
    page = finance.get(story(order)).content.decode()
    assert f"{Money('USD', ASKED)} stays owed to the buyer" in page
    assert "Closed." in decide(finance, order, "close", booking="owed").content.decode()
    assert fresh(order).state == "cancelled"


@pytest.mark.parametrize(
    ("who", "offered"),
    [("support", ["refund"]), ("operator", []), ("finance", ["refund", "accept"])],
)
def test_each_role_sees_what_it_may_do(
    shop: Shop, web: APIClient, box: StripeSandbox, who: str, offered: list[str]
) -> None:
    order = short(shop, web)
    page = pages(person(who)).get(story(order)).content.decode()
    assert buttons(page) == offered
    if not offered:
        assert "Your role may only look." in page


@pytest.mark.parametrize(("who", "status"), [("moderator", 403), ("stranger", 302)])
def test_others_do_not_even_look(
    shop: Shop, web: APIClient, box: StripeSandbox, who: str, status: int
) -> None:
    order = short(shop, web)
    client = pages(person(who))
    assert client.get(story(order)).status_code == status
    assert client.post(story(order), {"act": "accept", "accept-note": NOTE}).status_code == status
    assert fresh(order).state == "needs_attention"


def test_a_role_that_may_only_look_cannot_post(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    order = short(shop, web)
    assert decide(pages(person("operator")), order, "accept").status_code == 403
    assert fresh(order).state == "needs_attention"
