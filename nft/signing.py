"""A message that somebody is asked to sign, in words and numbers, and as bytes to check it by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from contracts.decode import describe
from core.money import Money
from core.ton import codec, connect
from core.ton.addresses import friendly


@dataclass(frozen=True, slots=True)
class Shown:
    """words: one line each, as `make decode` says them; bags: the bags of cells in hex."""

    to: str
    value: str
    words: list[str]
    bags: list[str]


def shown(messages: Iterable[connect.Message]) -> list[Shown]:
    """As the page tells them. Raises MalformedCell for cells that are not ours."""
    return [_one(message) for message in messages]


def _one(message: connect.Message) -> Shown:
    cells = [one for one in (message.state_init, message.payload) if one is not None]
    amount = Money(settings.NATIVE_COIN, message.amount)
    return Shown(
        to=friendly(message.address, bounceable=message.bounce),
        value=f"{amount.decimal()} {settings.NATIVE_COIN_LABEL}",
        words=[line for one in cells for line in describe(one).splitlines()],
        bags=[codec.to_boc(one).hex() for one in cells],
    )
