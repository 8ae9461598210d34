"""The ledger proves itself in the database, whoever writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core.ids import uuid7
from core.money import Money
from payments import ledger
from payments.ledger import LedgerConflict, Line, post
from payments.models import LedgerAccount, LedgerEntry, Leg, PaymentEvent
from tests.payments.conftest import Shop

Kind = LedgerAccount.Kind
TABLES = (
    "payments_leg",
    "payments_ledgerentry",
    "payments_ledgeraccount",
    "payments_paymentevent",
)
pytestmark = pytest.mark.django_db


def ton(amount: int) -> Money:
    return Money("TON", amount)


def sale(key: str = "sale:1", total: int = 100, share: int = 10) -> LedgerEntry | None:
    return post(
        key=key,
        kind=LedgerEntry.Kind.SALE,
        legs=[
            Line(Kind.TON_HOT, "", ton(share)),
            Line(Kind.ARTIST_DIRECT, "a", ton(total - share)),
            Line(Kind.ARTIST_REVENUE, "a", ton(share - total)),
            Line(Kind.PLATFORM_REVENUE, "", ton(-share)),
        ],
    )


def raw_entry() -> LedgerEntry:
    return LedgerEntry.objects.create(key=str(uuid7()), kind=LedgerEntry.Kind.SALE)


def raw_leg(entry: LedgerEntry, amount: int, asset: str = "TON", account_asset: str = "") -> None:
    account, _ = LedgerAccount.objects.get_or_create(
        kind=Kind.TON_HOT, owner="", asset=account_asset or asset
    )
    Leg.objects.create(entry=entry, account=account, asset=asset, amount=amount)


def proved() -> None:
    """What is deferred to the commit is checked now, inside the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def committed() -> Iterator[None]:
    with transaction.atomic():
        yield
        proved()


@contextmanager
def refused_at_commit(text: str) -> Iterator[None]:
    with pytest.raises(IntegrityError, match=text), committed():
        yield


def test_a_sale_posts_balanced_legs() -> None:
    entry = sale()
    assert entry is not None
    assert entry.legs.count() == 4
    assert ledger.balance(Kind.TON_HOT) == ton(10)
    assert ledger.owed(Kind.ARTIST_REVENUE, "a") == ton(90)
    assert ledger.imbalance() == {"TON": 0}
    proved()


def test_the_same_key_posts_once() -> None:
    assert sale() == sale()
    assert Leg.objects.count() == 4
    assert ledger.balance(Kind.TON_HOT) == ton(10)


def test_one_key_for_two_facts_is_an_alarm() -> None:
    sale()
    with pytest.raises(LedgerConflict):
        sale(total=101)
    assert Leg.objects.count() == 4


def test_lines_of_zero_are_left_out_and_nothing_at_all_posts_nothing() -> None:
    entry = sale(share=0)
    assert entry is not None
    assert entry.legs.count() == 2
    assert sale(key="free", total=0, share=0) is None
    assert LedgerEntry.objects.count() == 1


def test_lines_that_do_not_balance_are_refused_before_they_are_written() -> None:
    legs = [Line(Kind.TON_HOT, "", ton(1)), Line(Kind.PLATFORM_REVENUE, "", ton(-2))]
    with pytest.raises(ValueError, match="sum to zero"):
        post(key="x", kind=LedgerEntry.Kind.SALE, legs=legs)
    mixed = [Line(Kind.TON_HOT, "", ton(1)), Line(Kind.TON_HOT, "", Money("XTR", -1))]
    with pytest.raises(ValueError, match="sum to zero"):
        post(key="x", kind=LedgerEntry.Kind.SALE, legs=mixed)
    assert not LedgerEntry.objects.exists()


def test_the_database_refuses_an_entry_that_does_not_sum_to_zero() -> None:
    with refused_at_commit("does not sum to zero: TON 1"):
        entry = raw_entry()
        raw_leg(entry, 5)
        raw_leg(entry, -4)


def test_the_database_refuses_two_assets_that_only_sum_to_zero_together() -> None:
    with refused_at_commit("does not sum to zero"):
        entry = raw_entry()
        raw_leg(entry, 5, "TON")
        raw_leg(entry, -5, "XTR")


def test_the_database_refuses_an_entry_without_legs() -> None:
    with refused_at_commit("has 0 leg"):
        raw_entry()


def test_the_database_refuses_a_leg_in_an_asset_that_is_not_its_accounts() -> None:
    with refused_at_commit("not the account's"):
        entry = raw_entry()
        raw_leg(entry, 5, "TON", account_asset="XTR")
        raw_leg(entry, -5, "TON", account_asset="XTR")


def test_the_database_refuses_a_leg_of_nothing() -> None:
    with pytest.raises(IntegrityError, match="leg_moves_something"), transaction.atomic():
        raw_leg(raw_entry(), 0)


def test_legs_added_to_an_old_entry_must_keep_it_balanced() -> None:
    entry = sale()
    assert entry is not None
    proved()
    with refused_at_commit("does not sum to zero: TON 7"):
        raw_leg(entry, 7)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "change", ["UPDATE {0} SET id = id", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"]
)
def test_history_cannot_be_changed_even_by_its_owner(shop: Shop, table: str, change: str) -> None:
    sale()
    shop.order(shop.drop())
    proved()
    counts = [Leg.objects.count(), PaymentEvent.objects.count()]
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table))
    assert [Leg.objects.count(), PaymentEvent.objects.count()] == counts


@pytest.fixture
def app_role() -> Iterator[None]:
    """The application's own role: may write rows everywhere, owns no table."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE shop_app_test NOLOGIN")
        cursor.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shop_app_test"
        )
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shop_app_test")
        cursor.execute("SET ROLE shop_app_test")
        yield
        cursor.execute("RESET ROLE")


@pytest.mark.usefixtures("app_role")
def test_the_application_posts_and_its_entries_are_proved() -> None:
    sale()
    proved()
    assert ledger.balance(Kind.TON_HOT) == ton(10)
    with refused_at_commit("at least two are needed"):
        raw_leg(raw_entry(), 5)


@pytest.mark.usefixtures("app_role")
def test_the_application_cannot_fool_the_proof_with_a_table_of_its_own() -> None:
    with refused_at_commit("has 0 leg"), connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "CREATE TEMPORARY TABLE payments_leg (LIKE public.payments_leg INCLUDING DEFAULTS)"
        )
        cursor.execute("GRANT ALL ON pg_temp.payments_leg TO shop_app_test")
        cursor.execute("SET ROLE shop_app_test")
        entry = raw_entry()
        cursor.execute(
            "INSERT INTO pg_temp.payments_leg (id, entry_id, account_id, asset, amount)"
            " VALUES (1, %s, 1, 'TON', 1), (2, %s, 1, 'TON', -1)",
            [str(entry.pk), str(entry.pk)],
        )


@pytest.mark.usefixtures("app_role")
@pytest.mark.parametrize(
    "change",
    [
        *map("UPDATE {} SET id = id".format, TABLES[:3]),
        *map("DELETE FROM {}".format, TABLES[:3]),
        *map("TRUNCATE {} CASCADE".format, TABLES),
        *map("ALTER TABLE {} DISABLE TRIGGER ALL".format, TABLES),
        "SET session_replication_role = replica",
        "ALTER FUNCTION payments_entry_must_balance() RENAME TO gone",
    ],
)
def test_the_application_cannot_change_history(change: str) -> None:
    sale()
    proved()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert Leg.objects.count() == 4


def test_a_confirmed_attempt_stays_confirmed_with_its_payment(shop: Shop) -> None:
    drop = shop.drop()
    order = shop.order(drop)
    shop.pay(order)
    shop.follow()
    attempt = shop.attempt(order)
    assert attempt.state == "confirmed"
    for change in ({"state": "failed"}, {"paid": 1}, {"external_id": "x"}, {"asset": "XTR"}):
        with pytest.raises(IntegrityError, match="is confirmed"), transaction.atomic():
            order.attempts.update(**change)
