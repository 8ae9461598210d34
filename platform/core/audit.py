"""The audit trail: one function writes it, a beat task seals it, one function proves it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import orjson
import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models, transaction

from core.locks import lock
from core.models import AuditRecord, AuditSeal, AuditSealed
from core.wire import plain

GENESIS: Final = "0" * 64
BATCH: Final = 1000

# The desk lets nobody in unknown; the type of its request.user does not say so.
Actor: TypeAlias = models.Model | AnonymousUser | str
Target: TypeAlias = models.Model | tuple[str, str]


class AuditMisuse(RuntimeError):
    """An audit record outside the transaction of what it tells about."""


def record(
    *,
    actor: Actor | None,
    action: str,
    target: Target,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditRecord:
    """Write who did what to which thing, in the transaction that does it.

    `actor` is a user or a name of a part of ours ("follower"); None reads "system". A model may say
    by `audit_label` what it is called in a trail that outlives its account. `action` is
    "<room>.<thing>_<verb>". `target` is a row or ("type", "id"). Raises AuditMisuse outside a
    transaction, because a record may then tell of a change that never happened.
    """
    if not connection.in_atomic_block:
        raise AuditMisuse("write the audit record in the transaction of the change")
    actor_id, actor_label = _actor(actor)
    kind, key, label = _target(target)
    return AuditRecord.objects.create(
        actor_id=actor_id,
        actor_label=actor_label[:160],
        action=action,
        target_type=kind,
        target_id=key,
        target_label=label[:200],
        before=_plain(before),
        after=_plain(after),
        reason=reason,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
    )


def _actor(actor: Actor | None) -> tuple[str, str]:
    if isinstance(actor, models.Model):
        return str(actor.pk), str(getattr(actor, "audit_label", actor))
    return "", str(actor or "system")


def _target(target: Target) -> tuple[str, str, str]:
    if isinstance(target, models.Model):
        return target._meta.label_lower, str(target.pk), str(target)  # noqa: SLF001  Django's public API
    return target[0], target[1], ""


def _plain(value: Mapping[str, Any] | None) -> Any:
    return None if value is None else plain(value)


def seal(*, limit: int = BATCH) -> int:
    """Bind the oldest unsealed records to all sealed before them; the number of records bound.

    digest = sha256(previous digest || each record's canonical JSON), so no sealed record can be
    changed, dropped or reordered without breaking every later seal.
    """
    with transaction.atomic():
        lock("audit-seal")
        records = list(AuditRecord.objects.filter(sealed__isnull=True).order_by("id")[:limit])
        if not records:
            return 0
        last = AuditSeal.objects.order_by("-number").first()
        previous = last.digest if last else GENESIS
        made = AuditSeal.objects.create(
            number=last.number + 1 if last else 1,
            previous=previous,
            digest=_digest(previous, records),
            count=len(records),
        )
        AuditSealed.objects.bulk_create(
            AuditSealed(record=one, seal=made, position=place) for place, one in enumerate(records)
        )
        return len(records)


def broken_seals() -> list[int]:
    """Numbers of the seals that no longer match their records; empty when the trail is whole."""
    broken: list[int] = []
    previous, expected = GENESIS, 1
    for made in AuditSeal.objects.order_by("number").iterator():
        members = AuditSealed.objects.filter(seal=made).select_related("record")
        records = [member.record for member in members.order_by("position")]
        whole = made.number == expected and made.previous == previous
        if not whole or len(records) != made.count or _digest(previous, records) != made.digest:
            broken.append(made.number)
        previous, expected = made.digest, made.number + 1
    return broken


def _digest(previous: str, records: Iterable[AuditRecord]) -> str:
    running = hashlib.sha256(previous.encode())
    for one in records:
        running.update(_canonical(one))
    return running.hexdigest()


def _canonical(one: AuditRecord) -> bytes:
    fields = {
        name: getattr(one, name)
        for name in (
            "id", "at", "actor_id", "actor_label", "action", "target_type", "target_id",
            "target_label", "before", "after", "reason", "request_id",
        )
    }  # fmt: skip
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
