"""What Stars brought: the share by rule at the sale, the real one when Fragment has paid."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core.errors import ApplicationError
from core.models import AuditRecord
from core.money import Money
from payments import ledger
from payments.models import LedgerAccount, LedgerEntry, PaymentAttempt, Refund, StarsConversion
from payments.reports import bars, stars_rows, stars_total
from payments.services import posting
from payments.services.conversions import conversion_post, shares
from tests.payments.conftest import Shop
from tests.payments.off_chain import balanced
from tests.people import pages, person

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
DAY = datetime(2026, 10, 5, 12, tzinfo=UTC)
ON = DAY.date()
FACE = 1_990_000  # 0.0199 dollars, in millionths of a cent
TON_FACE = 6_633_333 * 10**6  # the same at 3 dollars a coin


def paid(shop: Shop, stars: int = 1000, at: datetime = DAY) -> PaymentAttempt:
    """A Stars payment in the books, confirmed at `at`."""
    order = shop.order(shop.drop())
    attempt = PaymentAttempt.objects.create(
        order=order, provider="stars", acquirer="stars", asset="XTR", amount=stars, paid=stars,
        state="confirmed", external_id=f"charge-{order.pk}", confirmed_at=at, valid_until=at,
    )  # fmt: skip
    posting.payment_post(attempt=attempt)
    return attempt


def sold(shop: Shop, stars: int = 1000, at: datetime = DAY) -> PaymentAttempt:
    attempt = paid(shop, stars, at)
    posting.sale_post(order=attempt.order, at=at)
    return attempt


def convert(**changed: Any) -> StarsConversion:
    given: dict[str, Any] = {
        "stars": 1000, "received": Money("USD", 1300), "face_micros": FACE, "on": ON,
        "reference": "fragment-1", "note": "", "actor": person("finance"),
    }  # fmt: skip
    return conversion_post(**{**given, **changed})


def xtr(kind: LedgerAccount.Kind, owner: str = "") -> int:
    return ledger.balance(kind, owner, "XTR").amount


def test_a_withdrawal_turns_the_provisional_share_into_the_real_one(shop: Shop) -> None:
    sold(shop)
    assert xtr(Kind.TELEGRAM_SHARE) == -300
    row = convert()
    # 13 dollars are worth 653 Stars at face value: Telegram kept 347, 47 more than our rule said.
    assert (row.provisional, row.share, row.rule_bps) == (300, 347, 3000)
    assert xtr(Kind.PSP_CLEARING, "stars") == 0
    assert xtr(Kind.TELEGRAM_SHARE) == 0
    assert xtr(Kind.RULE_DIFFERENCE, "stars") == 47
    assert xtr(Kind.FX) == 653
    assert ledger.balance(Kind.FX, "", "USD") == Money("USD", -1300)
    assert ledger.balance(Kind.BANK, "", "USD") == Money("USD", 1300)
    kinds = LedgerEntry.objects.filter(key__startswith="stars:").order_by("id")
    assert [(one.kind, one.accounting_on) for one in kinds] == [
        ("correction", ON), ("exchange", ON),
    ]  # fmt: skip
    assert balanced()


def test_coins_go_to_the_treasury(shop: Shop) -> None:
    sold(shop)
    convert(received=Money("TON", 4_333_333_333), face_micros=TON_FACE)
    assert ledger.balance(Kind.BANK, "treasury") == Money("TON", 4_333_333_333)
    assert xtr(Kind.RULE_DIFFERENCE, "stars") == 47
    assert balanced()


def test_a_share_smaller_than_the_rule_is_corrected_the_other_way(shop: Shop) -> None:
    sold(shop)
    convert(received=Money("USD", 1990 * 80 // 100))
    assert xtr(Kind.RULE_DIFFERENCE, "stars") == -100
    assert xtr(Kind.TELEGRAM_SHARE) == 0
    assert balanced()


def test_what_the_artist_earned_is_not_touched(shop: Shop) -> None:
    sold(shop)
    legs = LedgerEntry.objects.get(kind="sale").legs.filter(account__kind=Kind.ARTIST_PAYABLE)
    before = [(leg.account.owner, leg.amount) for leg in legs]
    convert()
    for owner, amount in before:
        assert xtr(Kind.ARTIST_PAYABLE, owner) == amount


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"stars": 1001}, "the bot holds 1000 XTR"),
        ({"stars": 0}, "above zero"),
        ({"received": Money("RUB", 5)}, "Fragment pays"),
        ({"received": Money("USD", 0)}, "above zero"),
        ({"received": Money("USD", 130_000)}, "twice the face value"),
        ({"on": datetime.now(UTC).date() + timedelta(days=1)}, "still to come"),
        ({"reference": ""}, "Name Fragment"),
    ],
)
def test_what_cannot_be_is_not_booked(shop: Shop, changed: dict[str, Any], why: str) -> None:
    sold(shop)
    with pytest.raises(ApplicationError) as refusal:
        convert(**changed)
    assert why in refusal.value.detail
    assert not StarsConversion.objects.exists()
    assert xtr(Kind.PSP_CLEARING, "stars") == 1000


def test_a_withdrawal_is_booked_once(shop: Shop) -> None:
    sold(shop)
    convert(stars=400, received=Money("USD", 520))
    with pytest.raises(ApplicationError, match="in the books already"):
        convert(stars=400, received=Money("USD", 520))
    assert xtr(Kind.PSP_CLEARING, "stars") == 600
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        StarsConversion.objects.update(received=1)


def test_shares_are_whole_stars_and_make_the_whole() -> None:
    for cents in range(1, 4000, 37):
        found = shares(stars=1000, received=Money("USD", cents), face_micros=FACE, on=ON)
        worth = 1000 - found.real
        assert abs(worth * FACE - cents * 10**6) * 2 <= FACE
        assert found.difference == found.real - 300


# --- the report -----------------------------------------------------------------------------------


def test_the_report_has_gross_share_and_net_of_each_day_and_month(shop: Shop) -> None:
    sold(shop, 1000)
    sold(shop, 500, DAY + timedelta(days=1))
    paid(shop, 70, DAY + timedelta(days=1))  # not minted yet
    convert()
    days = stars_rows(date(2026, 10, 1), date(2026, 10, 31), "day")
    assert len(days) == 31
    first, second = days[4], days[5]
    assert (first.paid, first.gross, first.share, first.correction, first.net) == (
        1000, 1000, 300, 47, 653,
    )  # fmt: skip
    assert (second.paid, second.gross, second.share, second.net) == (570, 500, 150, 350)
    months = stars_rows(date(2026, 1, 1), date(2026, 12, 31), "month")
    assert months[9] == stars_total(days, date(2026, 10, 1))
    assert sum(month.gross for month in months) == 1500


def test_what_goes_back_after_the_mint_comes_off_gross_and_share(shop: Shop) -> None:
    attempt = sold(shop, 1000)
    refund = Refund.objects.create(
        attempt=attempt, asset="XTR", amount=1000, state="approved", origin="shop",
        reason="refunded", after_mint=True, acquirer="stars",
    )  # fmt: skip
    posting.refund_due_post(refund=refund, order=attempt.order)
    posting.refund_due_reverse(refund=refund, order=attempt.order)  # it failed: no sale again
    today = datetime.now(UTC).date()
    total = stars_total(stars_rows(ON, today, "day"), ON)
    assert (total.gross, total.share, total.net) == (0, 0, 0)


def test_the_chart_stays_in_its_frame() -> None:
    rows = stars_rows(date(2026, 10, 1), date(2026, 10, 31), "day")
    for bar in bars(rows, 640, 160):
        assert 0 <= bar.x < bar.x + bar.width <= 640
        assert 0 <= bar.share_y <= bar.net_y <= 160


@pytest.fixture
def finance() -> Client:
    return pages(person("finance"))


REPORT = "admin:payments_starsconversion_report"
BOOK = "admin:payments_starsconversion_book"
TYPED = {
    "stars": "1000", "asset": "USD", "received": "13.00", "face": "0.0199",
    "happened_on": "2026-10-05", "reference": "fragment-1", "note": "",
}  # fmt: skip


def test_finance_sees_the_report_and_saves_it_as_csv(shop: Shop, finance: Client) -> None:
    sold(shop)
    page = finance.get(reverse(REPORT), {"month": "2026-10"}).content.decode()
    assert "<svg" in page
    assert "style=" not in page.split("<main")[-1].split("desk-sheet")[-1]
    assert "700" in page
    made = finance.get(reverse(REPORT), {"month": "2026-10", "format": "csv"})
    rows = list(csv.DictReader(StringIO(made.content.decode())))
    assert rows[4] == {
        "on": "2026-10-05", "paid_in": "1000", "gross": "1000", "telegram_share": "300",
        "correction": "0", "net": "700",
    }  # fmt: skip
    year = finance.get(reverse(REPORT), {"year": "2026"}).content.decode()
    assert "October" in year
    for odd in ({"month": "x"}, {"year": "0"}, {"month": "2026-13"}):
        assert finance.get(reverse(REPORT), odd).status_code == 200


def test_a_withdrawal_is_shown_before_it_is_booked(shop: Shop, finance: Client) -> None:
    sold(shop)
    page = finance.post(reverse(BOOK), TYPED).content.decode()
    assert "347 Stars" in page
    assert "34.70 %" in page
    assert not StarsConversion.objects.exists()
    told = finance.post(reverse(BOOK), {**TYPED, "sure": "1"}, follow=True)
    assert "are in the books" in told.content.decode()
    assert StarsConversion.objects.get().face_micros == FACE
    assert AuditRecord.objects.filter(action="payments.stars_converted").count() == 1
    again = finance.post(reverse(BOOK), {**TYPED, "sure": "1"}).content.decode()
    assert "bot holds" in again
    assert StarsConversion.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [{"received": "13.001"}, {"face": "1e3"}, {"face": "-1"}, {"stars": "0"}, {"asset": "RUB"},
     {"happened_on": ""}, {"received": ""}],
)  # fmt: skip
def test_a_wrong_entry_is_said_at_the_form(
    shop: Shop, finance: Client, changed: dict[str, str]
) -> None:
    sold(shop)
    told = finance.post(reverse(BOOK), {**TYPED, **changed, "sure": "1"})
    assert "errorlist" in told.content.decode()
    assert not StarsConversion.objects.exists()


def test_a_moderator_neither_sees_nor_books(shop: Shop) -> None:
    sold(shop)
    moderator = pages(person("moderator"))
    assert moderator.get(reverse(REPORT)).status_code == 403
    assert moderator.post(reverse(BOOK), {**TYPED, "sure": "1"}).status_code == 403
    assert not StarsConversion.objects.exists()
