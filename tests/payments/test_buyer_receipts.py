"""What a buyer gets in writing: one number a payment, none left out, and nothing changes later."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from rest_framework.test import APIClient

from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import Order, PaymentAttempt, Receipt, Refund, ShareRule
from payments.services import refunds
from payments.services.events import Cause
from payments.services.receipts import receipts_issue
from tests.payments.conftest import Shop, signed_in
from tests.payments.off_chain import refresh
from tests.payments.races import together
from tests.payments.test_off_chain import ASKED, box, pay, placed, web
from tests.people import pages, person

pytestmark = pytest.mark.django_db
__all__ = ["box", "web"]  # fixtures


def labels() -> list[str]:
    return [one.label for one in Receipt.objects.order_by("kind", "year", "number")]


def year() -> int:
    return timezone.now().year


@pytest.fixture
def paid(shop: Shop, web: APIClient, box: StripeSandbox) -> PaymentAttempt:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    return order.attempts.get()


def send_back(attempt: PaymentAttempt) -> Refund:
    refund = refunds.refund_request(
        attempt=attempt, amount=None, reason="refunded", origin=Refund.Origin.SHOP,
        cause=Cause("test"),
    )  # fmt: skip
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    return refund


def test_a_card_payment_gets_one_receipt(paid: PaymentAttempt) -> None:
    assert receipts_issue() == 1
    assert receipts_issue() == 0
    row = Receipt.objects.get()
    assert (row.label, row.amount, row.asset) == (f"R-{year()}-000001", ASKED, "USD")
    told = row.content
    assert told["order"] == str(paid.order_id)
    assert told["reference"] == paid.external_id
    assert told["goods"][0]["quantity"] == 1
    assert told["seller"]["name"] == "Tonality"


def test_a_sale_on_chain_gets_one_too_even_past_the_shop(shop: Shop) -> None:
    drop = shop.drop()
    shop.pay(shop.order(drop))
    shop.buy(drop)  # straight to the contract
    shop.follow()
    assert receipts_issue() == 2
    assert labels() == [f"R-{year()}-000001", f"R-{year()}-000002"]
    assert {one.asset for one in Receipt.objects.all()} == {"TON"}
    assert all(one.content["buyer"] for one in Receipt.objects.all())


def test_nothing_unpaid_gets_a_number(shop: Shop) -> None:
    shop.order(shop.drop())
    assert receipts_issue() == 0
    assert not Receipt.objects.exists()


def test_vat_is_what_the_rule_of_the_day_says(paid: PaymentAttempt) -> None:
    ShareRule.objects.create(
        method="stripe", asset="USD", kind="vat", bps=2200, starts_on="2020-01-01", reason="law"
    )
    receipts_issue()
    row = Receipt.objects.get()
    assert row.vat == ASKED * 2200 // 12_200
    ShareRule.objects.create(
        method="stripe", asset="USD", kind="vat", bps=0, starts_on="2020-02-01", reason="law"
    )
    assert Receipt.objects.get().content["vat_bps"] == 2200


def test_what_goes_back_gets_a_credit_note_that_names_the_receipt(paid: PaymentAttempt) -> None:
    refund = send_back(paid)
    assert receipts_issue() == 2  # both at once, the receipt first
    note = Receipt.objects.get(kind="credit_note")
    assert note.label == f"C-{year()}-000001"
    assert (note.refund, note.content["of"]) == (refund, f"R-{year()}-000001")
    assert receipts_issue() == 0


def test_a_refund_that_fails_after_all_withdraws_its_credit_note(paid: PaymentAttempt) -> None:
    refund = send_back(paid)
    receipts_issue()
    Refund.objects.filter(pk=refund.pk).update(state="failed")
    assert receipts_issue() == 1
    assert receipts_issue() == 0
    Refund.objects.filter(pk=refund.pk).update(state="done")
    assert receipts_issue() == 1
    assert labels() == [
        f"C-{year()}-000001", f"C-{year()}-000002", f"R-{year()}-000001", f"W-{year()}-000001",
    ]  # fmt: skip


def test_a_paper_never_changes(paid: PaymentAttempt, settings: Any) -> None:
    receipts_issue()
    row = Receipt.objects.get()
    settings.SELLER_NAME = "Somebody else"
    release = paid.order.collection.release
    release.title = "Another night"
    release.save()
    fan = pages(paid.order.user)
    page = fan.get(f"/orders/{paid.order_id}/receipts/{row.pk}").content.decode()
    assert "Another night" not in page
    assert "Somebody else" not in page
    for change in ("UPDATE payments_receipt SET amount = 1", "DELETE FROM payments_receipt"):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
    assert Receipt.objects.get().amount == ASKED


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_database_refuses_a_gap_and_a_number_twice(paid: PaymentAttempt, number: int) -> None:
    receipts_issue()
    row = Receipt.objects.get()
    row.pk, row.number, row.kind = uuid4(), number, "receipt"
    row._state.adding = True
    with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
        row.save(force_insert=True)
    assert Receipt.objects.count() == 1


def test_the_buyer_reads_and_saves_it_and_nobody_else(paid: PaymentAttempt, shop: Shop) -> None:
    receipts_issue()
    row = Receipt.objects.get()
    there = f"/orders/{paid.order_id}/receipts/{row.pk}"
    fan = pages(shop.fan)
    assert row.label in fan.get(f"/orders/{paid.order_id}").content.decode()
    page = fan.get(there).content.decode()
    assert "7.58 USD" in page
    assert "Night by Night Shift" in page
    made = fan.get(f"{there}.pdf")
    assert made["Content-Type"] == "application/pdf"
    printed = " ".join(PdfReader(BytesIO(made.content)).pages[0].extract_text().split())
    for words in (row.label, "7.58 USD", str(paid.order_id), "Night by Night Shift"):
        assert words in printed
    assert fan.get(f"{there}.pdf").content == made.content
    for other in (pages(shop.stranger), pages(person("moderator"))):
        assert other.get(there).status_code == 404
        assert other.get(f"{there}.pdf").status_code == 404
    assert Client().get(there).status_code == 302


def test_the_api_tells_of_it_and_gives_the_file(paid: PaymentAttempt, shop: Shop) -> None:
    receipts_issue()
    row = Receipt.objects.get()
    mine, other = signed_in(shop.fan), signed_in(shop.stranger)
    (told,) = mine.get(f"/api/v1/orders/{paid.order_id}").json()["receipts"]
    assert (told["number"], told["kind"]) == (row.label, "receipt")
    assert told["amount"] == {"asset": "USD", "amount": str(ASKED)}
    file = mine.get(f"/api/v1/orders/{paid.order_id}/receipts/{told['id']}")
    assert file.content.startswith(b"%PDF")
    assert other.get(f"/api/v1/orders/{paid.order_id}/receipts/{told['id']}").status_code == 404


def test_finance_reads_them_on_the_desk_and_a_moderator_does_not(paid: PaymentAttempt) -> None:
    receipts_issue()
    row = Receipt.objects.get()
    file = reverse("admin:payments_receipt_file", args=[row.pk])
    shown = reverse("admin:payments_receipt_changelist")
    finance, moderator = pages(person("finance")), pages(person("moderator"))
    assert row.label in finance.get(shown).content.decode()
    assert finance.get(file).content.startswith(b"%PDF")
    assert moderator.get(file).status_code == 403
    assert moderator.get(shown).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_several_hands_at_once_leave_no_gap(shop: Shop) -> None:
    drop = shop.drop()
    for _ in range(12):
        shop.buy(drop)
    shop.follow()
    together(*[lambda: receipts_issue(limit=5)] * 6)
    while receipts_issue(limit=5):
        pass
    assert [one.number for one in Receipt.objects.order_by("number")] == list(range(1, 13))
    assert Order.objects.filter(receipts__isnull=True).count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_order_that_somebody_works_on_gets_its_number_next_time(shop: Shop) -> None:
    shop.buy(shop.drop())
    shop.follow()
    with transaction.atomic():
        Order.objects.select_for_update().get()
        assert together(receipts_issue) == [0]
    assert receipts_issue() == 1
