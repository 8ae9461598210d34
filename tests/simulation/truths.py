"""What holds after every step. In SQL of its own, so that it is cheap and trusts no service."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db import connection

from payments.models import PaymentAttempt

# Each row that comes back is a broken promise.
BALANCED: Final = """
    SELECT entry_id, asset, sum(amount) FROM payments_leg
    GROUP BY entry_id, asset HAVING sum(amount) <> 0"""
QUOTAS: Final = """
    SELECT quota.collection_id, quota.taken, quota.quota, coalesce(sum(kept.quantity), 0)
    FROM payments_dropquota quota
    LEFT JOIN payments_reservation kept
      ON kept.collection_id = quota.collection_id AND kept.state <> 'released'
    GROUP BY quota.collection_id, quota.taken, quota.quota
    HAVING quota.taken <> coalesce(sum(kept.quantity), 0) OR quota.taken > quota.quota"""
# Money in = fulfilled + refunded + held + waiting for a person, payment by payment. No more goes
# back than was paid; while one refund has no answer yet, others may have made it impossible
# meanwhile: then a person looks, until the provider says so.
PLACES: Final = """
    WITH back AS (
      SELECT attempt_id,
             coalesce(sum(amount) FILTER
               (WHERE state NOT IN ('requested', 'failed', 'cancelled')), 0) AS amount,
             coalesce(sum(amount) FILTER
               (WHERE state IN ('submitting', 'unknown')), 0) AS unanswered,
             bool_or(state IN ('failed', 'requested')) AS stuck
      FROM payments_refund GROUP BY attempt_id)
    SELECT try.id, try.provider, try.flags, try.paid, back.amount, ordered.state, ordered.reason
    FROM payments_paymentattempt try
    JOIN payments_order ordered ON ordered.id = try.order_id
    LEFT JOIN back ON back.attempt_id = try.id
    WHERE try.state = 'confirmed' AND (
      coalesce(back.amount - back.unanswered, 0) > try.paid
      OR (coalesce(back.amount, 0) > try.paid AND ordered.state <> 'needs_attention')
      OR NOT (
        coalesce(back.amount, 0) = try.paid
        OR EXISTS (SELECT 1 FROM payments_dispute
                   WHERE attempt_id = try.id AND state = 'lost')
        OR (ordered.state IN ('fulfilling', 'fulfilled', 'needs_attention')
            AND (NOT try.flags @> '["duplicate"]' OR back.stuck))))"""
# No edition is sold twice: the ranges of two orders of a drop never meet.
EDITIONS: Final = """
    SELECT one.id, other.id FROM payments_order one
    JOIN payments_order other ON other.collection_id = one.collection_id AND other.id > one.id
    WHERE one.first_index < other.first_index + other.quantity
      AND other.first_index < one.first_index + one.quantity"""
# What is minted is not paid back as if it had never been: a settled claim keeps its order's mint.
CLAIMS: Final = """
    SELECT claim.id, claim.state, ordered.state FROM payments_claimright claim
    JOIN payments_order ordered ON ordered.id = claim.order_id
    WHERE (claim.state = 'settled') <> (ordered.first_index IS NOT NULL
                                        AND ordered.origin = 'shop')
       OR (claim.state = 'revoked' AND ordered.state IN ('fulfilling', 'fulfilled'))"""
PROMISES: Final = {
    "every entry sums to zero per asset": BALANCED,
    "what is reserved is counted, and within the quota": QUOTAS,
    "every payment has its place": PLACES,
    "no edition is sold twice": EDITIONS,
    "claims and mints agree": CLAIMS,
}
_CONFIRMED: Final = """
    SELECT id, paid, asset, external_id FROM payments_paymentattempt WHERE state = 'confirmed'"""
# What the database itself proves at a commit (sum zero, see migration 0002) is proved at each step.
_PROVE: Final = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


class Truths:
    """Remembers what must not change."""

    def __init__(self) -> None:
        self.confirmed: dict[UUID, tuple[Any, ...]] = {}

    def after_step(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_PROVE)
            for name, query in PROMISES.items():
                cursor.execute(query)
                broken = cursor.fetchall()
                assert not broken, f"{name}: {broken} {self._story(broken)}"
            cursor.execute(_CONFIRMED)
            self._stays({row[0]: row[1:] for row in cursor.fetchall()})

    def _stays(self, now: dict[UUID, tuple[Any, ...]]) -> None:
        """Confirmed never turns back, and neither does what was paid."""
        for pk, was in self.confirmed.items():
            assert now.get(pk) == was, f"{pk} was confirmed as {was}, and is {now.get(pk)}"
        self.confirmed = now

    def _story(self, broken: list[tuple[Any, ...]]) -> list[str]:
        """What is known of the payments in question."""
        found = PaymentAttempt.objects.filter(pk__in=[row[0] for row in broken])
        return [
            f"{one.provider} {one.flags} {one.paid}; refunds "
            f"{list(one.refunds.values_list('state', 'amount', 'origin', 'reason'))}; disputes "
            f"{list(one.disputes.values_list('state', 'amount'))}; story "
            f"{list(one.order.events.order_by('id').values_list('to_state', 'cause'))}"
            for one in found.select_related("order")
        ]
