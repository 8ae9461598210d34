"""Promising notices, in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from core.outbox.services import OutboxMisuse, put_many
from core.wire import plain
from notices import selectors
from notices.kinds import kind_of
from notices.models import Notice

DELIVER: Final = "notices.deliver"
# Many at once are spread out, so that one artist's followers do not keep a gift waiting.
SPREAD: Final = 20


def notice_send(
    *, user_id: UUID, kind: str, key: str, values: Mapping[str, Any], link: str = ""
) -> bool:
    """Promise somebody a notice; True if it will be told.

    `key` names the fact within its kind: the same one again changes nothing. `link`: a path of the
    Mini App. Nobody is told what they did not ask for, nor where the bot may not write. Call it in
    the transaction of the change (OutboxMisuse otherwise); KeyError for an unknown kind.
    """
    return notices_send(user_ids=[user_id], kind=kind, key=key, values=values, link=link) == 1


def notices_send(
    *, user_ids: Sequence[UUID], kind: str, key: str, values: Mapping[str, Any], link: str = ""
) -> int:
    """The same notice to many, in a fixed number of queries; how many will be told."""
    if not connection.in_atomic_block:
        raise OutboxMisuse("promise a notice in the transaction of its fact")
    known = kind_of(kind)
    wanted = selectors.wanting(kind=known, user_ids=user_ids)
    rows = [
        Notice(user_id=user_id, kind=kind, key=key, values=plain(dict(values)), link=link)
        for user_id in wanted
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    fresh = Notice.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
    ids = list(fresh.values_list("pk", flat=True))
    put_many(
        DELIVER,
        [{"notice_id": str(one)} for one in ids],
        after=[timedelta(seconds=place // SPREAD) for place in range(len(ids))],
    )
    return len(ids)
