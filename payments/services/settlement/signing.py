"""Getting a batch signed and sent. A message that was lost is signed again, with the same body."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.ton import connect
from core.ton.addresses import raw
from core.ton.client import ChainError
from core.ton.codec import plain_cell
from payments import errors
from payments.models import Settlement
from payments.services.settlement import building, states
from payments.signers import SignerError, vault

log = structlog.get_logger(__name__)
State = Settlement.State
# A wallet takes no message after its valid_until; clocks differ a little.
GRACE: Final = timedelta(seconds=60)
VAULT_LIFETIME: Final = timedelta(seconds=90)
OPERATOR_LIFETIME: Final = timedelta(minutes=5)


def settlements_advance() -> str:
    """Build what is due and let the unattended signer sign it; what was done, for the log.

    Reads and writes the chain: not inside a transaction.
    """
    try:
        settlement = building.settlement_build()
        if settlement is None or settlement.state == State.ACCEPTED:
            return "nothing to sign"
        if settings.SETTLEMENT_SIGNER != "vault":
            return "waits for the operator"
        return _sign_by_vault(settlement)
    except (ChainError, SignerError) as error:
        log.warning("settlement_not_sent", error=str(error))
        return "not sent"


def _sign_by_vault(settlement: Settlement) -> str:
    now = timezone.now()
    data, _ = building.hub_read(settlement.hub)
    if data.next_batch > settlement.number:
        return "on chain, not followed yet"
    begun = _begin(settlement.pk, "vault", now, now + VAULT_LIFETIME, "settlement")
    if begun is None:
        return "signed a moment ago"
    try:
        sent = vault.sign_and_send(
            minter=raw(data.minter),
            destination=begun.hub,
            amount=begun.value,
            body=plain_cell(bytes(begun.body)),
            valid_until=int((now + VAULT_LIFETIME).timestamp()),
        )
    except (ChainError, SignerError) as error:
        _failed(begun.pk, str(error), signed=isinstance(error, ChainError))
        raise
    with transaction.atomic():
        row = states.settlement_lock(pk=begun.pk)
        if row is not None and row.state == State.SIGNING:
            states.settlement_move(
                row, State.SENT, message_hash=sent.hex(), sent_at=timezone.now(), error=""
            )
    return "sent"


@transaction.atomic
def _begin(
    settlement_id: UUID, signer: str, now: datetime, until: datetime, actor: object
) -> Settlement | None:
    """Note that a message is about to be signed, before it is. None while an older one may live."""
    row = states.settlement_lock(pk=settlement_id)
    if row is None or row.state not in states.UNSENT:
        return None
    if row.valid_until is not None and row.valid_until + GRACE > now:
        return None
    states.settlement_move(
        row, State.SIGNING, actor=actor, signer=signer, valid_until=until, tries=row.tries + 1
    )
    return row


@transaction.atomic
def _failed(settlement_id: UUID, error: str, *, signed: bool) -> None:
    """Not signed: another try is safe at once. Signed: the message may be on its way after all."""
    row = states.settlement_lock(pk=settlement_id)
    if row is None or row.state != State.SIGNING:
        return
    changes: dict[str, object] = {"error": error[:200]}
    if not signed:
        changes["valid_until"] = None
    states.settlement_move(row, State.SENT if signed else State.BUILT, **changes)


def settlement_for_operator(*, settlement_id: UUID, actor: User) -> dict[str, object]:
    """One TON Connect transaction for the minter's wallet: the operator signs it in the admin.

    Raises ApplicationError settlement_not_open (409) when it is on chain or being signed.
    """
    now = timezone.now()
    row = Settlement.objects.get(pk=settlement_id)
    data, _ = building.hub_read(row.hub)
    if data.next_batch != row.number:
        raise errors.settlement_not_open("The chain has taken this batch already.")
    until = now + OPERATOR_LIFETIME
    begun = _begin(settlement_id, "operator", now, until, actor)
    if begun is None:
        raise errors.settlement_not_open("It was signed a moment ago; wait for the chain.")
    return connect.transaction(
        valid_until=int(until.timestamp()),
        messages=[connect.Message(begun.hub, begun.value, payload=plain_cell(bytes(begun.body)))],
        sender=raw(data.minter),
    )
