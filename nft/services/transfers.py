"""Handing an edition to another wallet: the message for the holder's own, and what came of it.

Our record never says who owns an edition. Each step asks the item itself (`get_nft_data`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import wallet_addresses
from contracts import item as contract
from core.errors import ApplicationError
from core.ton import connect
from core.ton.addresses import BASECHAIN, AddressInvalid, address, parse
from core.ton.client import ChainError
from nft.models import Collection, Item, Transfer
from nft.services.ownership import item_owner_read

log = structlog.get_logger(__name__)
LIFETIME: Final = timedelta(minutes=10)
# A message that was signed in time may be processed a little later; clocks differ a little, too.
GRACE: Final = timedelta(minutes=2)
LOOK_AGE: Final = timedelta(seconds=2)
NOTICE: Final = 1  # nano that go on to the new owner, so that the item tells his wallet
_NOWHERE: Final = "0:" + "0" * 64
State = Transfer.State


def transfer_open(
    *, user: User, item: Item, to: str, owner: str, now: datetime | None = None
) -> Transfer:
    """The holder's wish, once however often it is asked for while it is open.

    to: any form of address. owner: raw, as read from the chain just now (transfer_owner).
    Errors: address_invalid (400), not_owner (403).
    """
    now = now or timezone.now()
    if owner not in wallet_addresses(user):
        raise ApplicationError(
            "not_owner", "Not yours", "The chain says that another wallet holds this edition.", 403
        )
    recipient = _recipient(to, owner)
    with transaction.atomic():
        Item.objects.select_for_update(no_key=True).get(pk=item.pk)
        rows = Transfer.objects.filter(item=item, state=State.OPEN)
        same = rows.filter(sender=owner, recipient=recipient, valid_until__gt=now + GRACE).first()
        if same is not None:
            return same
        for old in rows.filter(sender=owner, recipient=recipient):
            _finish(old, State.EXPIRED, now)
        return Transfer.objects.create(
            item=item,
            user=user,
            sender=owner,
            recipient=recipient,
            amount=contract.transfer_value(NOTICE),
            created_at=now,
            valid_until=now + LIFETIME,
            looked_at=now,
        )


def transfer_owner(*, item: Item) -> str:
    """The raw address that holds an edition now. Errors: chain_unavailable (503)."""
    try:
        owner = item_owner_read(item=item)
    except ChainError as error:
        log.warning("ownership_unknown", address=item.address, error=str(error))
        owner = None
    if owner is None:
        raise ApplicationError(
            "chain_unavailable",
            "The chain does not answer",
            "Who holds this edition cannot be seen right now. Try again in a moment.",
            503,
            headers={"Retry-After": "2"},
        )
    return owner


def transfer_message(transfer: Transfer) -> dict[str, Any]:
    """The TON Connect transaction: one TEP-62 `transfer` to the item, from the holder's wallet."""
    body = contract.transfer_body(
        new_owner=address(transfer.recipient),
        response=address(transfer.sender),
        query_id=transfer.query_id,
        forward_amount=NOTICE,
    )
    return connect.transaction(
        valid_until=int(transfer.valid_until.timestamp()),
        messages=[connect.Message(transfer.item.address, transfer.amount, payload=body)],
        sender=transfer.sender,
    )


def transfer_follow(*, transfer: Transfer, now: datetime | None = None) -> Transfer:
    """Ask the chain where the edition is, at most every two seconds; silence changes nothing.

    Call outside a transaction, with `item` at hand.
    """
    now = now or timezone.now()
    if transfer.state != State.OPEN or now - transfer.looked_at < LOOK_AGE:
        return transfer
    Transfer.objects.filter(pk=transfer.pk).update(looked_at=now)
    try:
        owner = item_owner_read(item=transfer.item)
    except ChainError as error:
        log.warning("transfer_unread", transfer=str(transfer.pk), error=str(error))
        return transfer
    state = _told(transfer, owner, now)
    if state != State.OPEN:
        _finish(transfer, state, now)
    return transfer


def transfers_follow(*, transfers: Iterable[Transfer]) -> int:
    """The same for many; how many are over now."""
    return sum(transfer_follow(transfer=one).state != State.OPEN for one in transfers)


def _told(transfer: Transfer, owner: str | None, now: datetime) -> str:
    """What the owner on chain says of it."""
    if owner == transfer.recipient:
        return State.DONE
    if owner not in {None, transfer.sender}:
        return State.ELSEWHERE
    over = owner is not None and now > transfer.valid_until + GRACE
    return State.EXPIRED if over else State.OPEN


def _finish(transfer: Transfer, state: str, now: datetime) -> None:
    """Once: whoever comes second finds it finished."""
    open_row = Transfer.objects.filter(pk=transfer.pk, state=State.OPEN)
    open_row.update(state=state, finished_at=now)
    transfer.refresh_from_db(fields=["state", "finished_at"])


def _recipient(text: str, owner: str) -> str:
    """A wallet where an edition would not be lost. Refuses contracts of the shop itself."""
    try:
        to = parse(text.strip(), workchain=BASECHAIN)
    except AddressInvalid as error:
        raise _invalid(f"This is no address of a wallet here: {error}.") from error
    if to == owner:
        raise _invalid("The edition is in this wallet already.")
    if to == _NOWHERE:
        raise _invalid("Nobody has this address: the edition would be lost.")
    if to == settings.TON_HUB_ADDRESS or _ours(to):
        raise _invalid("This is a contract, not a wallet: the edition would be lost there.")
    return to


def _ours(to: str) -> bool:
    """A collection, an item, or the splitter of a drop."""
    return (
        Collection.objects.filter(address=to).exists()
        or Item.objects.filter(address=to).exists()
        or Collection.objects.filter(payout=to, split__isnull=False).exists()
    )


def _invalid(detail: str) -> ApplicationError:
    return ApplicationError("address_invalid", "Invalid address", detail, 400, {"to": [detail]})
