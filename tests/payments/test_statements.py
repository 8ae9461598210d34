"""A payee's month in writing: every leg, a balance that carries over, and bytes that stay."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from core.money import BPS, Money
from payments import ledger
from payments.documents.statement import statement_csv, statement_pdf
from payments.ledger import Line
from payments.models import LedgerAccount, LedgerEntry, Leg, PaymentAttempt, Statement
from payments.services import payouts, statements, waterfall
from payments.services.statements import statement_make, statements_make
from payments.services.waterfall import Rules, Share
from tests.payments.acts import fresh
from tests.payments.conftest import PRICE, Shop
from tests.payments.test_payouts import earn
from tests.people import pages, person

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
MONTH = date(2026, 3, 1)
AFTER = datetime(2026, 4, 2, tzinfo=UTC)


def move_to(at: datetime, **which: Any) -> None:
    """As if it had been posted then: entries are append-only, so past the trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    LedgerEntry.objects.filter(**which).update(posted_at=at)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")


def sell(shop: Shop, day: int, gross: int = 1_000, refunded: int = 0) -> None:
    """A sale for Stars on a day of March: Telegram 30 %, platform 10 % of the rest."""
    order = shop.order(shop.drop())
    attempt = shop.attempt(order)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(provider="stars", asset="XTR")
    attempt.refresh_from_db()
    steps = waterfall.split(
        gross=Money("XTR", gross),
        rules=Rules(vat_bps=2000, telegram_bps=3000),
        acquirer="stars",
        platform_bps=1000,
        referrer="",
        referral_bps=0,
        shares=[
            Share(f"artist:{shop.artist.pk}", 7500),
            Share(f"user:{shop.stranger.pk}", 2500),
        ],
    )
    post(f"sale:{order.pk}", LedgerEntry.Kind.SALE, order, attempt, gross, steps, 1)
    if refunded:
        post(f"refund:{order.pk}", LedgerEntry.Kind.REVERSAL, order, attempt, gross, steps, -1)
    move_to(datetime(2026, 3, day, 12, tzinfo=UTC), order=order)


def post(
    key: str, kind: LedgerEntry.Kind, order: Any, attempt: Any, gross: int, steps: Any, sign: int
) -> None:
    ledger.post(
        key=key,
        kind=kind,
        order=order,
        attempt=attempt,
        legs=[
            Line(Kind.ORDER_LIABILITY, str(order.pk), Money("XTR", gross * sign)),
            *(Line(step.kind, step.owner, step.money * -sign) for step in steps),
        ],
    )


def made(shop: Shop, month: date = MONTH, now: datetime = AFTER) -> Statement:
    found = statement_make(payee=shop.artist.owner, month=month, now=now)
    assert found is not None
    return found


def rows(statement: Statement) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(statement_csv(statement).decode())))


def test_every_leg_of_a_sale_is_a_line_and_together_they_make_the_share(shop: Shop) -> None:
    sell(shop, 5)
    told = {row["line"]: int(row["amount"]) for row in rows(made(shop)) if row["amount"]}
    assert told == {
        "Gross": 1_000,
        "VAT": -166,
        "Telegram's share": -300,
        "Platform": -53,
        "Other shares": -120,
        "Your share": 361,
    }
    assert sum(amount for line, amount in told.items() if line != "Your share") == 361


def test_a_collaborators_statement_tells_his_own_share(shop: Shop) -> None:
    sell(shop, 5)
    found = statement_make(payee=shop.stranger, month=MONTH, now=AFTER)
    assert found is not None
    told = {row["line"]: row["amount"] for row in rows(found)}
    assert (told["Your share"], told["Other shares"]) == ("120", "-361")


def test_what_is_left_of_a_month_is_carried_into_the_next(shop: Shop) -> None:
    sell(shop, 5)
    sell(shop, 6, refunded=1)
    draft = payouts.batch_draft(asset="XTR", actor=shop.fan)
    payouts.batch_approve(batch_id=draft.pk, actor=shop.stranger)
    move_to(datetime(2026, 4, 3, tzinfo=UTC), key__startswith="payout:")
    march = made(shop)
    april = made(shop, date(2026, 4, 1), datetime(2026, 5, 2, tzinfo=UTC))
    (first,), (second,) = march.content["assets"], april.content["assets"]
    assert (first["earned"], first["refund"], first["closing"]) == (722, -361, 361)
    assert (second["opening"], second["payout"], second["closing"]) == (361, -361, 0)
    assert rows(april)[0]["balance"] == "361"
    assert statement_make(
        payee=shop.artist.owner, month=date(2026, 5, 1), now=datetime(2026, 6, 2, tzinfo=UTC)
    ) is None  # fmt: skip


def test_a_sale_on_chain_is_told_beside_the_balance(shop: Shop) -> None:
    order = shop.order(shop.drop())
    shop.pay(order)
    shop.follow()
    move_to(datetime(2026, 3, 9, tzinfo=UTC), order=fresh(order))
    (summary,) = made(shop).content["assets"]
    assert (summary["asset"], summary["on_chain"]) == ("TON", PRICE * 9 // 10)
    assert (summary["earned"], summary["closing"]) == (0, 0)
    line = rows(Statement.objects.get())[-2]
    assert (line["line"], line["amount"]) == ("Your share, paid on chain", "2.25")


def test_a_referrer_is_told_his_reward_and_not_what_others_paid(shop: Shop) -> None:
    earn(str(shop.fan.pk), Kind.REFERRAL_PAYABLE, Money("TON", 10**8))
    move_to(datetime(2026, 3, 9, tzinfo=UTC))
    found = statement_make(payee=shop.fan, month=MONTH, now=AFTER)
    assert found is not None
    assert [row["line"] for row in rows(found)] == [
        "Balance carried over", "Your reward", "Balance",
    ]  # fmt: skip


def test_its_bytes_stay_whatever_is_renamed_later(shop: Shop) -> None:
    sell(shop, 5)
    before = made(shop)
    files = statement_csv(before), statement_pdf(before)
    shop.artist.name = "Somebody Else"
    shop.artist.save()
    sell(shop, 7)  # too late for this paper
    after = Statement.objects.get()
    assert (statement_csv(after), statement_pdf(after)) == files
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(files[1])).pages)
    for words in (after.label, "March 2026", "Telegram's share", "361"):
        assert words in text


def test_numbers_have_no_gap_and_a_month_is_written_once(shop: Shop) -> None:
    sell(shop, 5)
    assert statements_make(now=AFTER) == 2
    assert statements_make(now=AFTER) == 0
    assert sorted(Statement.objects.values_list("number", flat=True)) == [1, 2]
    with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
        Statement.objects.create(
            year=2026, number=9, payee=shop.fan, month=MONTH, content={}, issued_at=AFTER
        )
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Statement.objects.update(content={})


def test_nothing_is_written_before_the_month_is_surely_over(shop: Shop) -> None:
    sell(shop, 5)
    assert statements_make(now=datetime(2026, 4, 1, 0, 59, tzinfo=UTC)) == 0
    with pytest.raises(ValueError, match="over"):
        made(shop, now=datetime(2026, 4, 1, 0, 59, tzinfo=UTC))
    assert not Statement.objects.exists()


def test_a_title_is_never_a_formula(shop: Shop) -> None:
    sell(shop, 5)
    found = made(shop)
    found.content["entries"][0]["what"] = "=HYPERLINK(1)"
    assert "'=HYPERLINK(1)" in statement_csv(found).decode()


@given(
    gross=st.integers(1, 10**12),
    vat=st.integers(0, 3_000),
    telegram=st.integers(0, 4_000),
    platform=st.integers(0, 3_000),
    cut=st.integers(1, BPS - 1),
)
def test_lines_of_any_sale_make_the_share(
    gross: int, vat: int, telegram: int, platform: int, cut: int
) -> None:
    steps = waterfall.split(
        gross=Money("XTR", gross),
        rules=Rules(vat_bps=vat, telegram_bps=telegram),
        acquirer="stars",
        platform_bps=platform,
        referrer="r",
        referral_bps=2_000,
        shares=[Share("artist:a", cut), Share("user:b", BPS - cut)],
    )
    legs = [
        Leg(account=LedgerAccount(kind=one.kind, owner=one.owner), amount=-one.money.amount)
        for one in steps
    ]
    own = statements.Own(frozenset({(str(Kind.ARTIST_PAYABLE), "artist:a")}), frozenset())
    share = sum(
        one.money.amount
        for one in steps
        if (one.kind, one.owner) == (Kind.ARTIST_PAYABLE, "artist:a")
    )
    lines = statements._lines(legs, own, share)
    if share:
        assert lines[0] == ["Gross", gross]
        assert sum(amount for _, amount in lines) == share


# --- in the portal and on the desk ---------------------------------------------------------------


def test_a_payee_sees_balances_payouts_and_statements_and_saves_them(shop: Shop) -> None:
    sell(shop, 5)
    statement = made(shop)
    owner = pages(shop.artist.owner)
    told = owner.get(reverse("portal-earnings")).content.decode()
    for words in ("361 Stars", statement.label, "March 2026", "Held"):
        assert words in told
    for form, start in (("csv", b"date,entry"), ("pdf", b"%PDF")):
        answer = owner.get(reverse("portal-statement", args=[statement.pk, form]))
        assert answer.content.startswith(start)
        assert answer["Content-Disposition"].endswith(f'{statement.label}.{form}"')
    other = reverse("portal-statement", args=[statement.pk, "csv"])
    assert pages(shop.stranger).get(other).status_code == 404


def test_finance_finds_a_statement_and_others_do_not(shop: Shop) -> None:
    sell(shop, 5)
    page = reverse("admin:payments_statement_file", args=[made(shop).pk, "csv"])
    assert pages(person("finance")).get(page).content.startswith(b"date,entry")
    assert pages(person("moderator")).get(page).status_code == 403
    listed = reverse("admin:payments_statement_changelist")
    assert "S-2026-000001" in pages(person("finance")).get(listed).content.decode()


def test_a_payee_chooses_coins_only_with_a_wallet(shop: Shop) -> None:
    user = person("collector")
    choose = reverse("portal-earnings-choice")
    told = pages(user).post(choose, {"paid": "coins"}, follow=True).content.decode()
    assert "Connect a wallet first" in told
    assert not hasattr(user, "payout_choice")
    pages(shop.artist.owner).post(choose, {"paid": "coins"})
    assert shop.artist.owner.payout_choice.in_coins
    told = pages(shop.artist.owner).get(reverse("portal-earnings")).content.decode()
    assert 'value="coins" checked' in told


def test_a_dispute_and_a_hold_are_said_on_the_earnings_page(shop: Shop) -> None:
    sell(shop, 5)
    PaymentAttempt.objects.update(
        state="confirmed", confirmed_at=timezone.now() - timedelta(1), paid=1_000, external_id="x"
    )
    told = pages(shop.artist.owner).get(reverse("portal-earnings")).content.decode()
    assert "all of it free on" in told
