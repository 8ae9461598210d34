"""Our books against what providers and the chain say: daily, and whenever somebody asks.

What can be healed is healed by the same door as everything else (outcomes.apply); what cannot
opens a case. A case whose difference is not seen any more closes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.models import User
from contracts import collection as collection_contract
from contracts import hub as hub_contract
from core import audit
from core.ton import sources
from core.ton.client import ChainError
from nft.models import Collection, Item
from payments import errors, ledger
from payments.models import Case, LedgerAccount, PaymentAttempt, SettlementPart
from payments.providers import REGISTRY, off_chain, provider
from payments.providers.base import OffChain, ProviderError, ProviderPayment, Status
from payments.services import outcomes, periods, snapshots
from payments.services.events import Cause

log = structlog.get_logger(__name__)
WINDOW: Final = timedelta(days=3)
_CAUSE: Final = Cause("reconciliation")
_CHAIN: Final = "chain"
_LEDGER: Final = "ledger"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which two sides disagree. healed: it was put right on the spot."""

    kind: Case.Kind
    source: str
    key: str
    ours: str
    theirs: str
    details: Mapping[str, Any] = field(default_factory=dict)
    healed: bool = False


def sides() -> list[str]:
    """Who is asked, in this order: every configured provider, the chain, our own books."""
    asked = [
        name
        for name in REGISTRY
        if isinstance(made := provider(name), OffChain) and made.configured
    ]
    return [*asked, _CHAIN, _LEDGER]


def reconcile(
    *, since: datetime | None = None, tell: Callable[[str, str, int], None] | None = None
) -> list[Case]:
    """Compare everything; the cases that were opened or seen again, healed ones included.

    Asks every provider and the chain: not inside a transaction. A side that does not answer is
    left out, and its open cases stay as they are. tell: hears (side, "asking", 0) before each side
    and (side, "done" or "away", number of differences) after it.
    """
    since = since or timezone.now() - WINDOW
    tell = tell or (lambda _side, _state, _found: None)
    seen: list[Case] = []
    for name in sides():
        tell(name, "asking", 0)
        found = _side(name, lambda name=name: _differences(name, since))
        tell(name, "away" if found is None else "done", len(found or ()))
        seen += found or []
    return seen


def _differences(name: str, since: datetime) -> Iterator[Difference]:
    if name == _CHAIN:
        return _chain_differences()
    return _snapshot_differences() if name == _LEDGER else _provider_differences(name, since)


def _side(name: str, differences: Any) -> list[Case] | None:
    """None when the side does not answer."""
    began = timezone.now()
    try:
        found = list(differences())
    except (ProviderError, ChainError) as error:
        log.warning("not_reconciled", side=name, error=str(error)[:200])
        return None
    cases = [_note(one, began) for one in found]
    sources_ = {name, *(one.source for one in found)}
    gone = Case.objects.filter(source__in=sources_, closed_at__isnull=True, seen_at__lt=began)
    gone.update(closed_at=timezone.now(), note="not seen any more")
    return cases


def _note(one: Difference, now: datetime) -> Case:
    closed = timezone.now() if one.healed else None
    values = {
        "ours": one.ours[:80],
        "theirs": one.theirs[:80],
        "details": dict(one.details),
        "seen_at": now,
        "closed_at": closed,
        "note": "put right by reconciliation" if one.healed else "",
    }
    case, new = Case.objects.update_or_create(
        kind=one.kind, source=one.source, key=one.key, closed_at=None, defaults=values
    )
    if new:
        log.warning("case_opened", kind=one.kind, source=one.source, key=one.key)
    return case


# --- providers ------------------------------------------------------------------------------------


def _provider_differences(name: str, since: datetime) -> Iterator[Difference]:
    for payment in off_chain(name).list_since(since):
        if payment.state.status is Status.PAID:
            difference = _payment_difference(name, payment)
            if difference is not None:
                yield difference
    for acquirer, holds in off_chain(name).holdings().items():
        ours = ledger.balance(LedgerAccount.Kind.PSP_CLEARING, acquirer, holds.asset)
        if ours != holds:
            yield Difference(Case.Kind.BALANCE, acquirer, holds.asset, str(ours), str(holds))


def _payment_difference(name: str, payment: ProviderPayment) -> Difference | None:
    """Every paid object of theirs is a confirmed attempt of ours, with all its refunds."""
    external = payment.state.external_id
    known = PaymentAttempt.objects.filter(provider=name, external_id=external).first()
    attempt_id = known.pk if known else payment.attempt_id
    exists = attempt_id and PaymentAttempt.objects.filter(pk=attempt_id, provider=name).exists()
    if attempt_id is None or not exists:
        money = str(payment.state.paid or "")
        return Difference(Case.Kind.UNKNOWN_PAYMENT, name, external, "", money)
    outcomes.apply(attempt_id=attempt_id, state=payment.state, cause=_CAUSE)
    if known is not None:
        return None
    return Difference(
        Case.Kind.MISSED,
        name,
        external,
        "unpaid",
        str(payment.state.paid or ""),
        {"attempt": str(attempt_id)},
        healed=True,
    )


# --- the chain ------------------------------------------------------------------------------------


def _chain_differences() -> Iterator[Difference]:
    if settings.TON_HUB_ADDRESS:
        yield from _totals()
    yield from _supplies()


def _totals() -> Iterator[Difference]:
    """The hub's own totals are those of the parts that we know to be minted or on their way."""
    hub = settings.TON_HUB_ADDRESS
    rows = (
        SettlementPart.objects.filter(settlement__hub=hub, settlement__accepted_at__isnull=False)
        .exclude(state=SettlementPart.State.RETURNED)
        .values("settlement__method")
        .annotate(count_=Sum("count"), gross_=Sum("gross"))
    )
    ours = {row["settlement__method"]: (row["count_"], row["gross_"]) for row in rows}
    for method in sorted({*_methods(), *ours}):
        found = hub_contract.parse_totals(sources.client().run_get(hub, "get_totals", [method]))
        expected = ours.get(method, (0, 0))
        if (found.count, found.gross) != expected:
            yield Difference(
                Case.Kind.CHAIN_TOTALS,
                _CHAIN,
                f"method {method}",
                f"{expected[0]} editions, {expected[1]}",
                f"{found.count} editions, {found.gross}",
            )


def _methods() -> set[int]:
    return {
        number for name in REGISTRY for number in provider(name).capabilities.hub_methods.values()
    }


def _supplies() -> Iterator[Difference]:
    """A drop has as many items as we have recorded."""
    known = dict(Item.objects.order_by().values_list("collection_id").annotate(number=Count("pk")))
    for drop in Collection.objects.filter(state=Collection.State.LIVE).iterator():
        data = collection_contract.parse_collection_data(
            sources.client().run_get(drop.address, "get_collection_data")
        )
        ours = known.get(drop.pk, 0)
        if data.next_item_index != ours:
            yield Difference(
                Case.Kind.SUPPLY,
                _CHAIN,
                drop.address,
                f"{ours} editions",
                f"{data.next_item_index} editions",
            )


# --- our own books --------------------------------------------------------------------------------


def _snapshot_differences() -> Iterator[Difference]:
    for one in snapshots.snapshots_prove():
        yield Difference(Case.Kind.SNAPSHOT, _LEDGER, one.name, str(one.kept), str(one.summed))
    for month in periods.periods_prove(newest=1):
        yield Difference(Case.Kind.SNAPSHOT, _LEDGER, month, "closed", "its entries differ")


@transaction.atomic
def case_close(*, case_id: Any, actor: User, note: str) -> bool:
    """A person has settled it. False when it is closed already.

    Raises ApplicationError not_allowed (403), note_required (400).
    """
    if not actor.has_perm("payments.change_case"):
        raise errors.not_allowed()
    if not note.strip():
        raise errors.note_required()
    row = Case.objects.select_for_update().get(pk=case_id)
    if row.closed_at is not None:
        return False
    row.closed_at, row.closed_by, row.note = timezone.now(), actor, note[:300]
    row.save(update_fields=["closed_at", "closed_by", "note"])
    audit.record(actor=actor, action="payments.case_closed", target=row, reason=note)
    return True
