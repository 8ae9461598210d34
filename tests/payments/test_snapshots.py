"""Kept balances: always the sum of all legs, however late a leg is seen, at a constant price."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.money import Money
from payments import ledger
from payments.ledger import Line
from payments.models import Case, LedgerAccount, LedgerEntry, LedgerSnapshot, Leg
from payments.services import reconciliation
from payments.services.snapshots import snapshots_prove, snapshots_seal
from tests.payments.races import together

pytestmark = pytest.mark.django_db(transaction=True)
Kind = LedgerAccount.Kind
# Other workers' databases live on the same server, and their long transactions would hold our
# horizon back. Only those of this database can have legs here.
HORIZON = """
SELECT least((pg_snapshot_xmax(pg_current_snapshot())::text)::bigint,
    (SELECT min((backend_xid::text)::bigint) FROM pg_stat_activity
     WHERE datname = current_database()))
"""


@pytest.fixture(autouse=True)
def alone_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.services.snapshots._HORIZON", HORIZON)


def move(owner: str, amount: int, asset: str = "USD") -> None:
    money = Money(asset, amount)
    ledger.post(
        key=str(uuid4()),
        kind=LedgerEntry.Kind.SALE,
        legs=[Line(Kind.ARTIST_PAYABLE, owner, -money), Line(Kind.ROUNDING, owner, money)],
    )


def owed(owner: str) -> int:
    return ledger.owed(Kind.ARTIST_PAYABLE, owner, "USD").amount


def summed(owner: str) -> int:
    """What all legs make, without any help."""
    legs = Leg.objects.filter(account__kind=Kind.ARTIST_PAYABLE, account__owner=owner)
    return -int(legs.aggregate(total=Sum("amount"))["total"] or 0)


@contextmanager
def late(owner: str, amount: int) -> Iterator[None]:
    """A leg that is written before the block and seen only after it."""
    written, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            move(owner, amount)
            written.set()
            go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    assert written.wait(20)
    try:
        yield
    finally:
        go_on.set()
        thread.join()


def test_a_balance_is_the_same_before_and_after_it_is_kept() -> None:
    for number in range(10):
        move("a", number + 1)
    assert owed("a") == 55
    assert snapshots_seal(least=1) == 3  # two accounts and the asset
    assert owed("a") == 55
    move("a", 100)
    assert owed("a") == 155
    snapshots_seal(least=1)
    assert owed("a") == 155
    assert ledger.imbalance() == {"USD": 0}
    assert snapshots_prove() == []


def test_a_leg_that_is_seen_late_under_a_lower_id_is_counted() -> None:
    move("a", 1)
    with late("a", 10):
        for _ in range(3):
            move("a", 100)  # higher ids, seen before the late one
        snapshots_seal(least=1)
        assert owed("a") == 301
        assert not LedgerSnapshot.objects.filter(legs__gt=1, account__isnull=False).exists()
    assert owed("a") == 311
    snapshots_seal(least=1)
    assert owed("a") == 311 == summed("a")
    assert snapshots_prove() == []


def test_keeping_up_to_the_highest_id_would_have_lost_it() -> None:
    """What the horizon is for: the same race, told by ids."""
    move("a", 1)  # else both would wait for the account to be made
    with late("a", 10):
        move("a", 100)
        highest = Leg.objects.latest("id").pk
        seen = Leg.objects.filter(pk__lte=highest).count()
    assert Leg.objects.filter(pk__lte=highest).count() == seen + 2


def test_sales_and_sealing_at_once_lose_nothing() -> None:
    def sell(number: int) -> None:
        for _ in range(20):
            with transaction.atomic():
                move("a", number)

    def seal() -> None:
        for _ in range(25):
            snapshots_seal(least=1)
            assert owed("a") >= 0

    results = together(*(lambda n=n: sell(n) for n in (1, 10, 100)), seal, seal)
    assert [one for one in results if one is not None] == []
    snapshots_seal(least=1)
    assert owed("a") == 20 * 111 == summed("a")
    assert ledger.imbalance() == {"USD": 0}
    assert snapshots_prove() == []


def rows_read(owner: str) -> int:
    """Rows of legs and snapshots that PostgreSQL touches for one balance."""
    found = 0

    def walk(node: dict[str, Any]) -> None:
        nonlocal found
        if node.get("Relation Name") in ("payments_leg", "payments_ledgersnapshot"):
            removed = node.get("Rows Removed by Filter", 0)
            found += round((node["Actual Rows"] + removed) * node["Actual Loops"])
        for inner in node.get("Plans", []):
            walk(inner)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON)"
            f" {ledger._BALANCE} account.kind = %s AND account.owner = %s AND account.asset = %s",
            [str(Kind.ARTIST_PAYABLE), owner, "USD"],
        )
        walk(cursor.fetchone()[0][0]["Plan"])
    return found


def many(owner: str, number: int) -> None:
    with transaction.atomic():
        for _ in range(number):
            move(owner, 1)


def test_the_rows_of_a_balance_do_not_grow_with_its_history() -> None:
    many("other", 300)
    for _ in range(2):
        many("a", 100)
        snapshots_seal()
    few = rows_read("a")
    for _ in range(10):
        many("a", 100)
        snapshots_seal()
    assert rows_read("a") <= few + 1 <= 10
    assert owed("a") == 1200


def test_an_account_with_few_legs_is_not_kept_and_still_right() -> None:
    many("a", 5)
    snapshots_seal()
    assert not LedgerSnapshot.objects.filter(account__isnull=False).exists()
    many("a", 70)
    snapshots_seal()
    assert LedgerSnapshot.objects.filter(account__owner="a", legs=75).count() == 2
    assert owed("a") == 75


def test_a_dump_restored_elsewhere_does_not_believe_old_snapshots() -> None:
    move("a", 7)
    account = LedgerAccount.objects.get(kind=Kind.ARTIST_PAYABLE, owner="a")
    LedgerSnapshot.objects.create(
        cluster=1, account=account, asset="USD", up_to=2**62, amount=999, legs=1
    )
    LedgerSnapshot.objects.create(cluster=1, asset="USD", up_to=2**62, amount=999, legs=1)
    assert owed("a") == 7
    assert ledger.imbalance() == {"USD": 0}


def test_a_wrong_snapshot_is_found_and_opens_a_case() -> None:
    move("a", 7)
    snapshots_seal(least=1)
    right = LedgerSnapshot.objects.filter(account__kind=Kind.ARTIST_PAYABLE).get()
    LedgerSnapshot.objects.create(
        cluster=right.cluster, account=right.account, asset="USD", up_to=right.up_to + 1,
        amount=right.amount + 1, legs=right.legs,
    )  # fmt: skip
    assert [(one.name, one.kept, one.summed) for one in snapshots_prove()] == [
        ("artist_payable:a USD", -6, -7)
    ]
    with pytest.raises(SystemExit):
        call_command("ledger_prove")
    assert reconciliation._side("ledger", reconciliation._snapshot_differences)
    case = Case.objects.get()
    assert (case.kind, case.ours, case.theirs) == ("snapshot", "-6", "-7")


def test_legs_cannot_lie_about_their_transaction() -> None:
    move("a", 7)
    leg = Leg.objects.filter(account__owner="a")[0]
    forged = Leg(entry=leg.entry, account=leg.account, asset="USD", amount=1, xact=3)
    back = Leg(entry=leg.entry, account=leg.account, asset="USD", amount=-1, xact=3)
    with transaction.atomic():
        forged.save(force_insert=True)
        back.save(force_insert=True)
    assert not Leg.objects.filter(xact=3).exists()
    for change in ("UPDATE payments_ledgersnapshot SET amount = 0", "DELETE FROM {}"):
        snapshots_seal(least=1)
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change.format("payments_ledgersnapshot"))


@given(
    steps=st.lists(
        st.one_of(st.integers(-(10**12), 10**12).filter(bool), st.just("seal"), st.just("back")),
        max_size=12,
    ),
    least=st.integers(1, 4),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_history_reads_as_its_sum(steps: list[int | str], least: int) -> None:
    """back: a posting that is rolled back after it was written."""
    owner, expected = str(uuid4()), 0
    for step in steps:
        if step == "seal":
            snapshots_seal(least=least)
        elif step == "back":
            with transaction.atomic():
                move(owner, 5)
                transaction.set_rollback(True)
        else:
            move(owner, int(step))
            expected += int(step)
        assert owed(owner) == expected
    assert snapshots_prove() == []
    assert not any(ledger.imbalance().values())
