"""Sharing out what a splitter holds. Anyone may ask; the contract decides who gets what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from contracts import fees, splitter
from core.errors import ApplicationError
from core.ton import connect, sources
from nft.models import Collection, Split
from nft.terms import splitter_params

SIGNING_TIME: Final = timedelta(minutes=5)
# Above the least value; the contract returns all that it does not need.
MARGIN: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What a splitter holds, in nano. free: above its reserve; least: from where on it shares."""

    free: int
    least: int

    @property
    def ready(self) -> bool:
        return self.free >= self.least


def splitter_standing(*, collection: Collection) -> Standing:
    """Read from the chain: outside a transaction. Raises not_split (409), ChainError."""
    split = _split(collection)
    balance = sources.client().account(collection.payout).balance
    reserve = fees.JUNE_2026.storage(fees.SPLITTER_CELLS, fees.TEN_YEARS)
    return Standing(max(0, balance - reserve), split.threshold)


def distribute_message(collection: Collection) -> connect.Message:
    """The message that shares it out. It carries the splitter's code, in case it is not there yet.

    Raises ApplicationError not_split (409).
    """
    params = splitter_params(_split(collection))
    return connect.Message(
        collection.payout,
        splitter.distribute_value(len(params.shares)) + MARGIN,
        payload=splitter.distribute_body(),
        state_init=splitter.state_init(params).serialize(),
    )


def splitter_transaction(*, collection: Collection) -> dict[str, Any]:
    """What any wallet may sign (TON Connect). Reads the chain: outside a transaction.

    Raises ApplicationError not_split, nothing_to_share (409), ChainError.
    """
    standing = splitter_standing(collection=collection)
    if not standing.ready:
        raise ApplicationError(
            "nothing_to_share", detail="There is not enough to share out yet.", status=409
        )
    return connect.transaction(
        valid_until=int((timezone.now() + SIGNING_TIME).timestamp()),
        messages=[distribute_message(collection)],
    )


def _split(collection: Collection) -> Split:
    if collection.split is None:
        raise ApplicationError("not_split", detail="This drop has no collaborators.", status=409)
    return collection.split
