"""TON as a way to pay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from core.ton import history
from core.ton.client import ChainError
from core.ton.models import ChainCursor
from nft.models import Collection
from payments.models import PaymentAttempt
from payments.providers.base import Capabilities, Created, ProviderError, ProviderState
from payments.providers.ton import message
from payments.providers.ton.refusals import Purchase, outcome, purchases

# A message that was signed in time may be processed a little later; clocks differ a little, too.
GRACE: Final = timedelta(seconds=60)


class TonProvider:
    """The buyer's wallet pays the drop's collection; we prepare the message and read the result.

    Nobody can pay too little, too much or in another asset: the contract refuses less than its
    price and returns it, returns what is more, and takes nothing but the network's own coin.
    tests/payments/test_exact_payments.py proves it on the real TVM.
    """

    name = "ton"
    capabilities = Capabilities(
        assets=frozenset({settings.NATIVE_COIN}),
        reserves=False,
        instant=True,
        refunds=False,
        lifetime=settings.ATTEMPT_LIFETIME,
    )

    @property
    def configured(self) -> bool:
        return bool(settings.TON_HUB_ADDRESS)

    def create(self, attempt: PaymentAttempt) -> Created:
        """Nothing is sent anywhere: the wallet does that when its owner signs."""
        try:
            return Created({"kind": "ton_connect", "transaction": message.transaction(attempt)})
        except ChainError as error:
            raise ProviderError("chain_unavailable", str(error), retry=True) from error

    def fetch(self, attempts: Sequence[PaymentAttempt]) -> dict[UUID, ProviderState]:
        """One read of each drop's own transactions: there stands what the hub never sees, refusals.

        An attempt is judged only when the follower has handled all receipts of its time.
        """
        by_drop: dict[UUID, list[PaymentAttempt]] = defaultdict(list)
        for attempt in self._settled(attempts):
            by_drop[attempt.order.collection_id].append(attempt)
        found: dict[UUID, ProviderState] = {}
        for group in by_drop.values():
            seen = self._purchases(group[0].order.collection, group)
            found.update({attempt.pk: outcome(attempt, seen) for attempt in group})
        return found

    def _settled(self, attempts: Sequence[PaymentAttempt]) -> list[PaymentAttempt]:
        hubs = {attempt.order.collection.hub for attempt in attempts}
        synced = dict(
            ChainCursor.objects.filter(pk__in=hubs).values_list("account", "synced_utime")
        )
        return [
            attempt
            for attempt in attempts
            if synced.get(attempt.order.collection.hub, 0)
            >= (attempt.valid_until + GRACE).timestamp()
        ]

    def _purchases(self, drop: Collection, group: Sequence[PaymentAttempt]) -> list[Purchase]:
        since = min(attempt.created_at for attempt in group) - GRACE
        until = max(attempt.valid_until for attempt in group) + GRACE
        try:
            rows = history.transactions(
                drop.address, int(since.timestamp()), int(until.timestamp()) + 1
            )
        except ChainError as error:
            raise ProviderError("chain_unavailable", str(error), retry=True) from error
        return purchases(rows)
