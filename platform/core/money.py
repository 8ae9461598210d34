"""Money as an asset and a whole number of its minor units. No floats, no sums across assets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# Digits after the point: how many minor units make one (10 ** digits).
DECIMALS: Final[Mapping[str, int]] = {"TON": 9, "XTR": 0, "USD": 2, "RUB": 2, "USDT": 6}
# In which people may read prices beside the coin's own.
CURRENCIES: Final = ("USD", "RUB")
BPS: Final = 10_000
_DECIMAL: Final = re.compile(r"(-?)(\d{1,30})(?:\.(\d{1,18}))?", re.ASCII)

__all__ = ["BPS", "CURRENCIES", "DECIMALS", "AssetMismatch", "Money", "total"]


class AssetMismatch(TypeError):
    """Two assets met in one sum or comparison."""


@dataclass(frozen=True, slots=True)
class Money:
    """`Money("TON", 2_500_000_000)` is 2.5 of the native coin. The amount may be negative."""

    asset: str
    amount: int

    def __post_init__(self) -> None:
        if self.asset not in DECIMALS:
            raise ValueError(f"unknown asset {self.asset!r}")
        if type(self.amount) is not int:
            raise TypeError(f"an amount is a whole number, not {type(self.amount).__name__}")

    def _same(self, other: Money) -> int:
        if self.asset != other.asset:
            raise AssetMismatch(f"{self.asset} and {other.asset} do not mix")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.asset, self.amount + self._same(other))

    def __sub__(self, other: Money) -> Money:
        return Money(self.asset, self.amount - self._same(other))

    def __neg__(self) -> Money:
        return Money(self.asset, -self.amount)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            raise TypeError("money is multiplied by whole numbers only")
        return Money(self.asset, self.amount * times)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.decimal()} {self.asset}"

    @classmethod
    def parse(cls, asset: str, text: str) -> Money:
        """From a decimal string in whole units ("2.5"). ValueError if it is not exact."""
        places = cls(asset, 0).decimals
        match = _DECIMAL.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a decimal number")
        sign, whole, fraction = match[1], match[2], match[3] or ""
        if len(fraction.rstrip("0")) > places:
            raise ValueError(f"{asset} has {places} decimals, {text!r} has more")
        amount = int(whole + fraction[:places].ljust(places, "0"))
        return cls(asset, -amount if sign else amount)

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> Money:
        """The API's form: {"asset": "TON", "amount": "2500000000"} (minor units as text)."""
        asset, amount = value.get("asset"), value.get("amount")
        if not isinstance(asset, str) or not isinstance(amount, str):
            raise ValueError("money is {asset, amount}, both text")
        if not re.fullmatch(r"-?\d{1,38}", amount, re.ASCII):
            raise ValueError(f"{amount!r} is not a whole number")
        return cls(asset, int(amount))

    @property
    def decimals(self) -> int:
        return DECIMALS[self.asset]

    def decimal(self) -> str:
        """In whole units, without trailing zeros: "2.5", "0.000000001", "-3"."""
        digits = str(abs(self.amount)).rjust(self.decimals + 1, "0")
        cut = len(digits) - self.decimals
        fraction = digits[cut:].rstrip("0")
        return (
            ("-" if self.amount < 0 else "") + digits[:cut] + (f".{fraction}" if fraction else "")
        )

    def to_json(self) -> dict[str, str]:
        return {"asset": self.asset, "amount": str(self.amount)}

    def share(self, bps: int) -> Money:
        """The part of `bps` basis points, rounded towards zero."""
        if not 0 <= bps <= BPS:
            raise ValueError(f"{bps} is not a share in basis points")
        part = abs(self.amount) * bps // BPS
        return Money(self.asset, -part if self.amount < 0 else part)

    def split(self, shares: Sequence[int]) -> list[Money]:
        """By basis points that make 10000, largest remainder first: parts sum to the whole.

        Equal remainders go to the earlier share, so the result depends on nothing but the input.
        """
        if any(type(bps) is not int or bps < 0 for bps in shares) or sum(shares) != BPS:
            raise ValueError("shares are whole basis points that make 10000")
        whole = abs(self.amount)
        parts = [whole * bps // BPS for bps in shares]
        order = sorted(range(len(shares)), key=lambda place: -(whole * shares[place] % BPS))
        for place in order[: whole - sum(parts)]:
            parts[place] += 1
        return [Money(self.asset, -part if self.amount < 0 else part) for part in parts]


def total(asset: str, amounts: Iterable[Money]) -> Money:
    """The sum of amounts of one asset; zero when there are none."""
    result = Money(asset, 0)
    for amount in amounts:
        result += amount
    return result
