"""Whatever is posted, in whatever order and however often: balances are what was posted."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.money import Money
from payments import ledger
from payments.ledger import LedgerConflict, Line, post
from payments.models import LedgerAccount, LedgerEntry

Kind = LedgerAccount.Kind
AMOUNTS = st.integers(min_value=0, max_value=10**18)
BPS = st.integers(min_value=0, max_value=10_000)


def legs_of(total: int, platform_bps: int, referral_bps: int, asset: str) -> list[Line]:
    platform = Money(asset, total).share(platform_bps)
    artist, reward = Money(asset, total) - platform, platform.share(referral_bps)
    return [
        Line(Kind.TON_HOT, "", platform),
        Line(Kind.ARTIST_DIRECT, "artist", artist),
        Line(Kind.ARTIST_REVENUE, "artist", -artist),
        Line(Kind.PLATFORM_REVENUE, "", reward - platform),
        Line(Kind.REFERRAL_PAYABLE, "fan", -reward),
    ]


class LedgerMachine(RuleBasedStateMachine):
    """A dictionary is the model; the database is the thing."""

    posted = Bundle("posted")

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[tuple[str, str, str], int] = defaultdict(int)
        self.number = 0
        self.frame = transaction.atomic()
        self.frame.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)

    def _post(self, key: str, legs: list[Line]) -> None:
        post(key=key, kind=LedgerEntry.Kind.SALE, legs=legs)

    def _count(self, legs: list[Line]) -> None:
        for line in legs:
            self.model[str(line.kind), line.owner, line.money.asset] += line.money.amount

    @rule(
        target=posted,
        total=AMOUNTS,
        platform=BPS,
        referral=BPS,
        asset=st.sampled_from(["TON", "XTR", "USD"]),
    )
    def sale(self, total: int, platform: int, referral: int, asset: str) -> Any:
        self.number += 1
        legs = legs_of(total, platform, referral, asset)
        self._post(f"sale:{self.number}", legs)
        self._count(legs)
        return f"sale:{self.number}", legs

    @rule(fact=posted)
    def again(self, fact: tuple[str, list[Line]]) -> None:
        self._post(*fact)

    @rule(fact=posted)
    def reverse(self, fact: tuple[str, list[Line]]) -> None:
        key, legs = fact
        back = [Line(line.kind, line.owner, -line.money) for line in legs]
        known = LedgerEntry.objects.filter(key=f"{key}:back").exists()
        self._post(f"{key}:back", back)
        if not known:
            self._count(back)

    @rule(fact=posted, extra=st.integers(min_value=1, max_value=10**6))
    def another_fact_under_the_key(self, fact: tuple[str, list[Line]], extra: int) -> None:
        key, legs = fact
        if not any(line.money for line in legs):
            return
        asset = legs[0].money.asset
        other = [
            *legs,
            Line(Kind.ARTIST_DIRECT, "other", Money(asset, extra)),
            Line(Kind.ARTIST_REVENUE, "other", Money(asset, -extra)),
        ]
        with pytest.raises(LedgerConflict), transaction.atomic():
            self._post(key, other)

    @rule(total=st.integers(min_value=1, max_value=10**9))
    def crooked(self, total: int) -> None:
        with pytest.raises(ValueError, match="sum to zero"):
            self._post("crooked", [Line(Kind.TON_HOT, "", Money("TON", total))])

    @invariant()
    def balances_are_what_was_posted(self) -> None:
        for (kind, owner, asset), amount in self.model.items():
            assert ledger.balance(Kind(kind), owner, asset).amount == amount

    @invariant()
    def nothing_is_out_of_balance(self) -> None:
        assert not any(ledger.imbalance().values())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.django_db
def test_the_ledger_holds_under_any_sequence() -> None:
    run_state_machine_as_test(
        LedgerMachine, settings=settings(max_examples=15, stateful_step_count=12, deadline=None)
    )
