"""Fractional indexes: always room between two, in the order in which the database compares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import ranks


@given(st.lists(st.integers(min_value=0, max_value=1000), max_size=60))
def test_wherever_something_is_put_it_lies_there(places: list[int]) -> None:
    order: list[str] = []
    for place in places:
        at = place % (len(order) + 1)
        before = order[at - 1] if at else None
        after = order[at] if at < len(order) else None
        order.insert(at, ranks.between(before, after))
    assert order == sorted(order)
    assert len(set(order)) == len(order)
    assert not any(rank.endswith("0") for rank in order)


def test_ten_thousand_put_at_the_end_stay_short() -> None:
    rank: str | None = None
    for _ in range(10_000):
        rank = ranks.between(rank, None)
    assert rank is not None
    assert len(rank) <= ranks.WIDTH


def test_the_same_gap_halved_too_often_asks_for_new_ranks() -> None:
    low, high = ranks.spread(2)

    def halve(high: str) -> None:
        for _ in range(1000):
            high = ranks.between(low, high)

    with pytest.raises(ranks.Full):
        halve(high)


def test_new_ranks_leave_room_everywhere() -> None:
    fresh = ranks.spread(500)
    assert fresh == sorted(fresh)
    for before, after in [(None, fresh[0]), (fresh[249], fresh[250]), (fresh[-1], None)]:
        assert len(ranks.between(before, after)) <= ranks.WIDTH


def test_ranks_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="out of order"):
        ranks.between("V", "V")
