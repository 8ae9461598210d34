from __future__ import annotations

import pytest

from core.ton import door
from core.ton.codec import Malformed
from core.ton.door import HANDLED, Inbound, Verdict, ignored, on_message, parked
from core.ton.models import ChainCursor
from tests.core.ton.scripted import HUB, Chain

SALE = 0x5A1E


class Till:
    """A room: notes each order in the database, in the transaction that moves the cursor."""

    def __init__(self) -> None:
        self.fails = 0
        self.unknown: set[int] = set()
        self.seen: list[Inbound] = []

    def sale(self, message: Inbound) -> Verdict:
        if message.body.remaining_bits != 64:
            raise Malformed("a sale has an order of 64 bits")
        order = message.body.load_uint(64)
        self.seen.append(message)
        # A row of another account serves as the effect: it is committed or not, like any other.
        ChainCursor.objects.create(pk=f"order:{order}", lt=message.lt)
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the handler broke after it wrote")
        if order in self.unknown:
            ChainCursor.objects.filter(pk=f"order:{order}").delete()
            return parked("its collection is not verified yet")
        return HANDLED if message.value else ignored("no value")

    @property
    def orders(self) -> list[int]:
        names = ChainCursor.objects.filter(pk__startswith="order:").order_by("lt")
        return [int(name.removeprefix("order:")) for name in names.values_list("pk", flat=True)]


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch) -> Till:
    monkeypatch.setattr(door, "_handlers", {})
    made = Till()
    on_message(SALE)(made.sale)
    return made


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def cursor(transactional_db: None) -> ChainCursor:
    return ChainCursor.objects.create(pk=HUB)
