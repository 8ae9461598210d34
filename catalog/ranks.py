"""Fractional indexes: the place of a row in a list as text, so that moving one writes one row.

A rank is a fraction between 0 and 1 written in base 62 without its "0." and without zeros at its
end; ranks compare byte by byte, as the collation "C" does. Between any two there is room for
another, which is longer the more often the same gap was halved: `Full` says that it is time to
give all rows of the list new ranks by `spread`.
"""

from __future__ import annotations

from typing import Final

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE: Final = len(DIGITS)
LONGEST: Final = 24  # the column holds more: nothing has to be exact here
WIDTH: Final = 6  # of the ranks at either end: as whole numbers they are STEP apart
STEP: Final = BASE**3
_END: Final = BASE**WIDTH


class Full(Exception):
    """No rank of a sensible length is left at that place."""


def between(before: str | None, after: str | None) -> str:
    """A rank after `before` (None: the list begins here) and before `after` (None: it ends).

    Raises Full; ValueError when the two are not in order.
    """
    if before is not None and after is not None:
        if before >= after:
            raise ValueError("ranks out of order")
        return _checked(_middle(before, after))
    if before is None and after is None:
        return _written(_END // 2)
    end = _number(before or after or "") + (STEP if after is None else -STEP)
    if 0 < end < _END:
        return _written(end)
    return _checked(_middle(before or "", after))


def spread(count: int) -> list[str]:
    """That many ranks in order, evenly, with room at both ends and between them."""
    first = _END // 2 - count // 2 * STEP
    return [_written(first + place * STEP) for place in range(count)]


def _middle(before: str, after: str | None) -> str:
    """The shortest rank near the middle; `after` None is one, the end of all fractions."""
    shared = 0
    if after is not None:
        while shared < len(after) and (before[shared : shared + 1] or "0") == after[shared]:
            shared += 1
        if shared:
            return after[:shared] + _middle(before[shared:], after[shared:])
    low = DIGITS.index(before[0]) if before else 0
    high = DIGITS.index(after[0]) if after else BASE
    if high - low > 1:
        return DIGITS[(low + high) // 2]
    if after is not None and len(after) > 1:
        return after[0]
    return DIGITS[low] + _middle(before[1:], None)


def _number(rank: str) -> int:
    value = 0
    for digit in rank[:WIDTH].ljust(WIDTH, "0"):
        value = value * BASE + DIGITS.index(digit)
    return value


def _written(number: int) -> str:
    text = ""
    for _ in range(WIDTH):
        number, digit = divmod(number, BASE)
        text = DIGITS[digit] + text
    return text.rstrip("0")


def _checked(rank: str) -> str:
    if len(rank) > LONGEST:
        raise Full
    return rank
