"""The one door through which gateways are added, judged, put away and let in again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from catalog.media import gateways
from catalog.media.models import Gateway, GatewayEvent, GatewayMinute
from core import audit
from core.errors import ApplicationError
from core.ipfs.gateways import News
from core.ipfs.gateways.shared import minutes_take

log = structlog.get_logger(__name__)
CHANGE: Final = "media.change_gateway"
RELEASE: Final = "media.release_gateway"
Kind = GatewayEvent.Kind
_FILES: Final = ":files"  # of a gateway that gives no single blocks


@transaction.atomic
def gateways_sync() -> int:
    """Rows for IPFS_GATEWAYS, in its order of tiers; how many are new.

    The address follows the setting; what staff have decided (tier, enabled, quarantine) stays.
    """
    new = 0
    for tier, word in enumerate(settings.IPFS_GATEWAYS):
        name, url, trustless = _parsed(word)
        row, created = Gateway.objects.get_or_create(
            name=name, defaults={"url": url, "tier": tier, "trustless": trustless}
        )
        new += created
        if (row.url, row.trustless) != (url, trustless):
            Gateway.objects.filter(pk=row.pk).update(url=url, trustless=trustless)
    gateways.sources_changed()
    return new


def _parsed(word: str) -> tuple[str, str, bool]:
    name, equals, url = word.partition("=")
    parts = urlsplit(url)
    if not equals or not name or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"IPFS_GATEWAYS is a list of name=https://host, not {word!r}.")
    return name.removesuffix(_FILES)[:32], url.rstrip("/"), not name.endswith(_FILES)


def news_note() -> int:
    """Write down what this process has found out about gateways; how many things it was."""
    told = gateways.fetcher().drain()
    for one in told:
        if one.kind == "wrong":
            gateway_quarantine(name=one.gateway, detail=one.detail)
        else:
            _circuit_note(one)
    return len(told)


def _circuit_note(news: News) -> None:
    row = Gateway.objects.filter(name=news.gateway).first()
    if row is None:
        return
    kind = Kind.OPENED if news.kind == "opened" else Kind.CLOSED
    GatewayEvent.objects.create(gateway=row, kind=kind, detail=news.detail[:300])
    log.warning("gateway_circuit", gateway=row.name, now=str(kind), detail=news.detail)


@transaction.atomic
def gateway_quarantine(*, name: str, detail: str) -> bool:
    """It gave wrong bytes once: nobody asks it until a person lets it in again.

    False: it is unknown, or away already.
    """
    changed = Gateway.objects.filter(name=name, quarantined_at__isnull=True).update(
        quarantined_at=timezone.now(), quarantine_reason=f"wrong bytes: {detail}"[:300]
    )
    if changed:
        row = Gateway.objects.get(name=name)
        GatewayEvent.objects.create(gateway=row, kind=Kind.QUARANTINED, detail=detail[:300])
        audit.record(actor="gateways", action="media.gateway_quarantined", target=row)
        log.error("gateway_quarantined", gateway=name, detail=detail)
    transaction.on_commit(lambda: gateways.distrust(name))
    return bool(changed)


@transaction.atomic
def gateway_release(*, actor: User, gateway: Gateway, reason: str) -> None:
    """A person lets a gateway in again. Errors: forbidden, reason_missing, not_in_quarantine."""
    _require(actor, RELEASE)
    row = Gateway.objects.select_for_update().get(pk=gateway.pk)
    if not reason.strip():
        raise ApplicationError("reason_missing", detail="Say why it can be trusted again.")
    if row.quarantined_at is None:
        raise ApplicationError("not_in_quarantine", detail="It is not in quarantine.", status=409)
    before = {"quarantined_at": row.quarantined_at, "reason": row.quarantine_reason}
    row.quarantined_at, row.quarantine_reason = None, ""
    row.save(update_fields=["quarantined_at", "quarantine_reason"])
    GatewayEvent.objects.create(
        gateway=row, kind=Kind.RELEASED, detail=f"{actor}: {reason.strip()}"[:300]
    )
    audit.record(
        actor=actor,
        action="media.gateway_released",
        target=row,
        before=before,
        after={"quarantined_at": None},
        reason=reason.strip()[:300],
    )
    transaction.on_commit(lambda: _anew(row.name))


def _anew(name: str) -> None:
    gateways.fetcher().health.forget(name)
    gateways.believe(name)
    gateways.sources_changed()


@transaction.atomic
def gateway_change(*, actor: User, gateway: Gateway, tier: int, enabled: bool) -> bool:
    """Another tier, in use or not. False: it was so already. Errors: forbidden, tier_invalid."""
    _require(actor, CHANGE)
    if not 0 <= tier <= 99:
        raise ApplicationError("tier_invalid", detail="A tier is a number from 0 to 99.")
    row = Gateway.objects.select_for_update().get(pk=gateway.pk)
    before = {"tier": row.tier, "enabled": row.enabled}
    after = {"tier": tier, "enabled": enabled}
    if before == after:
        return False
    row.tier, row.enabled = tier, enabled
    row.save(update_fields=["tier", "enabled"])
    audit.record(
        actor=actor, action="media.gateway_changed", target=row, before=before, after=after
    )
    transaction.on_commit(gateways.sources_changed)
    return True


def _require(actor: User, permission: str) -> None:
    if not (actor.is_active and actor.is_staff and actor.has_perm(permission)):
        raise ApplicationError("forbidden", detail="Your role does not allow this.", status=403)


def minutes_flush() -> int:
    """Bring the counts of finished minutes from Redis into the database; how many rows."""
    gateways.fetcher().health.flush()
    rows = dict(Gateway.objects.values_list("name", "pk"))
    this_minute = int(timezone.now().timestamp() // 60)
    taken = minutes_take(rows, before=this_minute)
    for (name, minute), counts in taken.items():
        row, created = GatewayMinute.objects.get_or_create(
            gateway_id=rows[name],
            minute=datetime.fromtimestamp(minute * 60, UTC),
            defaults=counts,
        )
        if not created:
            more = {field: F(field) + number for field, number in counts.items()}
            GatewayMinute.objects.filter(pk=row.pk).update(**more)
    return len(taken)


def minutes_sweep(*, days: int = 30) -> int:
    """Old history goes; how many rows."""
    old = timezone.now() - timedelta(days=days)
    return GatewayMinute.objects.filter(minute__lt=old).delete()[0]
