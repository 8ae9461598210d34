"""One-off reads of any account's past, agreed by the quorum."""

from __future__ import annotations

from core.ton import sources
from core.ton.client import RawTransaction


def transactions(address: str, since_utime: int, until_utime: int) -> list[RawTransaction]:
    """Transactions of a raw address with since_utime <= utime < until_utime, oldest first.

    Reads back from the newest one, so keep the window recent. Raises ChainUnavailable.
    core.ton.codec.incoming(tx.boc) gives the inbound message and how it ended.
    """
    return sources.quorum().between(address, since_utime, until_utime)
