from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import BPS, DECIMALS, AssetMismatch, Money, total

amounts = st.integers(min_value=-(10**24), max_value=10**24)


def test_assets_have_their_fixed_scale() -> None:
    assert dict(DECIMALS) == {"TON": 9, "XTR": 0, "USD": 2, "RUB": 2, "USDT": 6}


@pytest.mark.parametrize("bad", [1.0, "1", True, None])
def test_only_whole_numbers_are_amounts(bad: object) -> None:
    with pytest.raises(TypeError):
        Money("TON", bad)  # type: ignore[arg-type]


def test_an_unknown_asset_is_refused() -> None:
    with pytest.raises(ValueError, match="GRAM"):
        Money("GRAM", 1)


def test_assets_never_mix() -> None:
    one, other = Money("TON", 1), Money("USD", 1)
    for mixed in (lambda: one + other, lambda: one - other, lambda: one < other):
        with pytest.raises(AssetMismatch):
            mixed()
    assert one != other


def test_multiplying_by_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        Money("TON", 1) * 0.5  # type: ignore[operator]


@pytest.mark.parametrize(
    ("asset", "text", "amount"),
    [
        ("TON", "2.5", 2_500_000_000),
        ("TON", "0.000000001", 1),
        ("TON", "-3", -3_000_000_000),
        ("XTR", "250", 250),
        ("USD", "9.90", 990),
        ("USDT", "1.2300000", 1_230_000),
    ],
)
def test_decimal_text_is_read_exactly(asset: str, text: str, amount: int) -> None:
    assert Money.parse(asset, text) == Money(asset, amount)


@pytest.mark.parametrize("text", ["", ".5", "1.", "1e9", "0.0000000001", "1,5", "٣", " 1", "NaN"])
def test_what_is_no_exact_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        Money.parse("TON", text)


@given(st.sampled_from(sorted(DECIMALS)), amounts)
def test_text_and_json_give_the_same_money_back(asset: str, amount: int) -> None:
    money = Money(asset, amount)
    assert Money.parse(asset, money.decimal()) == money
    assert Money.from_json(money.to_json()) == money


@pytest.mark.parametrize(
    "value", [{}, {"asset": "TON", "amount": 1}, {"asset": "TON", "amount": "1.5"}]
)
def test_malformed_json_money_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"text|whole"):
        Money.from_json(value)


@st.composite
def shares(draw: st.DrawFn) -> list[int]:
    cuts = sorted(draw(st.lists(st.integers(0, BPS), max_size=12)))
    return [after - before for before, after in zip([0, *cuts], [*cuts, BPS], strict=True)]


@given(amounts, shares())
def test_parts_of_a_split_sum_to_the_whole(amount: int, by: list[int]) -> None:
    parts = Money("TON", amount).split(by)
    assert total("TON", parts) == Money("TON", amount)
    for part, bps in zip(parts, by, strict=True):
        assert abs(abs(part.amount) * BPS - abs(amount) * bps) < BPS


def test_the_largest_remainder_gets_the_last_unit() -> None:
    parts = Money("XTR", 100).split([3333, 3333, 3334])
    assert [part.amount for part in parts] == [33, 33, 34]
    assert [part.amount for part in Money("XTR", 1).split([5000, 5000])] == [1, 0]


@pytest.mark.parametrize("by", [[], [9999], [5000, 5001], [-1, 10_001]])
def test_shares_that_do_not_make_the_whole_are_refused(by: list[int]) -> None:
    with pytest.raises(ValueError, match="10000"):
        Money("TON", 100).split(by)
