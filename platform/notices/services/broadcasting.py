"""Telling many of one fact, a page of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from notices.models import Broadcast
from notices.services.sending import notices_send

# (place in the list, who stands there), in order, beginning after a place; [] at the end.
Page: TypeAlias = Callable[[UUID | None], Sequence[tuple[UUID, UUID]]]


def broadcast_step(
    *, kind: str, key: str, values: Mapping[str, Any], link: str, page: Page
) -> bool:
    """Promise a fact to the next page of people; False when all have been gone through.

    The page and its notices are one transaction: killed at any line, nobody is left out or told
    twice. Two at once take turns.
    """
    Broadcast.objects.bulk_create([Broadcast(kind=kind, key=key)], ignore_conflicts=True)
    with transaction.atomic():
        row = Broadcast.objects.select_for_update().get(kind=kind, key=key)
        if row.done_at is not None:
            return False
        people = page(row.cursor)
        if people:
            row.cursor = people[-1][0]
            row.told += notices_send(
                user_ids=[user for _, user in people],
                kind=kind,
                key=key,
                values=values,
                link=link,
            )
        else:
            row.done_at = timezone.now()
        row.save(update_fields=["cursor", "told", "done_at"])
    return bool(people)


def broadcasts_done(*, kind: str, keys: Sequence[str]) -> set[str]:
    """Which of these facts everybody has been told of."""
    rows = Broadcast.objects.filter(kind=kind, key__in=keys, done_at__isnull=False)
    return set(rows.values_list("key", flat=True))
