"""From terms to a live collection: prepared here, deployed by its artist, seen on chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db import transaction
from django.utils import timezone
from pytoniq_core import Cell

from accounts.models import User
from catalog.media.services import pins_ready
from catalog.models import Release
from catalog.permissions import require_manage
from catalog.selectors import assets_shown
from contracts import codes, fees, splitter
from contracts import collection as contract
from core import audit
from core.errors import ApplicationError
from core.ids import random_u63
from core.ton import addresses, connect, sources
from core.ton.client import Account
from nft.models import Collection, Split
from nft.services.splits import split_freeze, split_ready
from nft.services.supply import publish_supply, sale_read
from nft.terms import DropTerms, committed_params, fields_of, params_of, splitter_params

log = structlog.get_logger(__name__)
SIGNING_TIME: Final = timedelta(minutes=5)
# Attached above the least value; the contract keeps its reserve and returns the rest.
DEPLOY_MARGIN: Final = 20_000_000


@transaction.atomic
def collection_prepare(*, actor: User, release: Release, terms: DropTerms) -> Collection:
    """Fix the terms of a release's drop and with them its address. The same terms, the same row.

    With collaborators the payout address is their splitter's, for good, and the sheet is fixed.
    Errors: not_your_artist (403), release_unpublished, terms_invalid, drop_exists (409: abandon
    the prepared one first; a live one stays), split_unconfirmed (409), hub_unset (503).
    """
    release = (
        Release.objects.select_for_update(of=("self",))
        .select_related("artist", "cover", "metadata")
        .get(pk=release.pk)
    )
    require_manage(actor, release.artist)
    if release.state != Release.State.PUBLISHED:
        raise ApplicationError("release_unpublished", detail="Publish the release first.")
    present = release.collections.filter(
        state__in=(Collection.State.PREPARED, Collection.State.LIVE)
    ).first()
    chain_id = present.chain_id if present else random_u63()
    split = split_ready(release)
    if split is not None:
        terms = replace(terms, payout=splitter_address(split), payout_fixed=True)
    params = params_of(release, terms, chain_id=chain_id, master=_master(release))
    address = addresses.raw(contract.address(params))
    if present is not None:
        if present.state == Collection.State.PREPARED and present.address == address:
            return present
        raise ApplicationError("drop_exists", detail="This release has a drop.", status=409)
    collection = _row(release, params, terms, split)
    if split is not None:
        split_freeze(split=split)
    audit.record(
        actor=actor,
        action="nft.collection_prepare",
        target=collection,
        after={"address": address, "price": params.price, "max_supply": params.max_supply},
    )
    return collection


def splitter_address(split: Split) -> str:
    """Raw. Raises ApplicationError terms_invalid (400)."""
    try:
        return addresses.raw(splitter.address(splitter_params(split)))
    except ValueError as error:
        raise ApplicationError("terms_invalid", "Invalid terms", f"{error}.") from None


def _row(
    release: Release, params: contract.CollectionParams, terms: DropTerms, split: Split | None
) -> Collection:
    return Collection.objects.create(
        release=release,
        split=split,
        chain_id=params.release_id,
        address=addresses.raw(contract.address(params)),
        hub=addresses.raw(params.hub),
        code_hash=codes.code_hash("collection"),
        content=params.content.to_boc(),
        state_init=contract.state_init(params).serialize().to_boc(),
        deploy_body=contract.deploy_body().to_boc(),
        platform_bps=params.platform_bps,
        royalty_bps=params.royalty_numerator,
        limited=bool(params.max_supply),
        payout_fixed=params.payout_fixed,
        **_initial(params, terms),
    )


def _initial(params: contract.CollectionParams, terms: DropTerms) -> dict[str, Any]:
    """The terms in whole seconds, as the contract will tell them."""
    ends_at = terms.ends_at
    return {
        "owner": addresses.raw(params.owner),
        "payout": addresses.raw(params.payout),
        "price": params.price,
        "max_supply": params.max_supply,
        "max_per_buy": params.max_per_buy,
        "hub_quota": params.hub_quota,
        "starts_at": terms.starts_at.replace(microsecond=0),
        "ends_at": ends_at.replace(microsecond=0) if ends_at else None,
    }


def _master(release: Release) -> tuple[str, str]:
    track = release.tracks.select_related("recording__master").order_by("position").first()
    master = track.recording.master if track else None
    return (master.sha256, master.cid) if master else ("", "")


def deploy_value() -> int:
    """Nano-coins that a collection's deployment attaches."""
    return fees.collection_deploy_value() + DEPLOY_MARGIN


def splitter_value(prices: fees.Prices = fees.JUNE_2026) -> int:
    """Nano-coins that create a splitter: ten years of storage, which it keeps."""
    return prices.storage(fees.SPLITTER_CELLS, fees.TEN_YEARS) + prices.gas(fees.SPLITTER_GAS_BASE)


def deploy_messages(collection: Collection) -> list[connect.Message]:
    """What the owner's wallet sends at once: the splitter, where there is one, and the drop."""
    messages = []
    if collection.split is not None:
        state = splitter.state_init(splitter_params(collection.split)).serialize()
        messages.append(
            connect.Message(collection.payout, splitter_value(), state_init=state, bounce=False)
        )
    messages.append(
        connect.Message(
            collection.address,
            deploy_value(),
            payload=Cell.one_from_boc(bytes(collection.deploy_body)),
            state_init=Cell.one_from_boc(bytes(collection.state_init)),
        )
    )
    return messages


def collection_deploy_transaction(*, collection: Collection) -> dict[str, Any]:
    """What the owner's wallet signs, in TON Connect's form. What it does not need comes back.

    Errors: not_prepared (409), media_unpinned (409: wait until its files are kept on IPFS).
    """
    if collection.state != Collection.State.PREPARED:
        raise ApplicationError("not_prepared", detail="This drop is not to deploy.", status=409)
    if not pins_ready(assets_shown(collection.release)):
        raise ApplicationError(
            "media_unpinned",
            "Not yet",
            "The release's files are still on their way to IPFS. Try again in a moment.",
            409,
            headers={"Retry-After": "2"},
        )
    return connect.transaction(
        valid_until=int((timezone.now() + SIGNING_TIME).timestamp()),
        messages=deploy_messages(collection),
        sender=collection.owner,
    )


def collection_verify(*, collection: Collection) -> Collection:
    """Look for a prepared collection on chain: it becomes live, rejected, or stays as it is.

    Live: our code runs at the address that the committed code and the row's parameters give, and
    it answers with them; with collaborators their splitter is there as well. Call outside a
    transaction. Raises ChainError when no source answers.
    """
    if collection.state != Collection.State.PREPARED:
        return collection
    account = sources.client().account(collection.address)
    if account.status != "active":
        Collection.objects.filter(pk=collection.pk).update(checked_at=timezone.now())
        return collection
    if reason := _foreign(collection, account):
        return _move(collection, Collection.State.REJECTED, reason=reason)
    sale = sale_read(collection.address)
    if reason := _other_terms(collection, sale):
        return _move(collection, Collection.State.REJECTED, reason=reason)
    if not sale.deployed or not _splitter_there(collection):
        Collection.objects.filter(pk=collection.pk).update(checked_at=timezone.now())
        return collection
    return _move(collection, Collection.State.LIVE, sale=sale)


def _foreign(collection: Collection, account: Account) -> str:
    """Why what lives at the address cannot be this collection; empty when it can."""
    if account.code_hash != codes.code_hash("collection"):
        return "other code at the address"
    try:
        address = addresses.raw(contract.address(committed_params(collection)))
    except ValueError as error:
        return f"the parameters are refused: {error}"
    if address != collection.address:
        return "the parameters give another address"
    split = collection.split
    if split is not None and splitter_address(split) != collection.payout:
        return "the shares give another splitter"
    return ""


def _splitter_there(collection: Collection) -> bool:
    """Our code at the address that the fixed sheet gives: it can be nothing but that splitter."""
    if collection.split is None:
        return True
    account = sources.client().account(collection.payout)
    return account.status == "active" and account.code_hash == codes.code_hash("splitter")


def _other_terms(collection: Collection, sale: contract.SaleData) -> str:
    """What nobody may change after deployment; the rest is read and taken over."""
    if sale.release_id != collection.chain_id:
        return "another release"
    if sale.platform_bps != collection.platform_bps:
        return "another platform share"
    if addresses.raw(sale.hub) != collection.hub:
        return "another hub"
    if collection.payout_fixed and addresses.raw(sale.payout) != collection.payout:
        return "another payout address"
    return ""


@transaction.atomic
def collection_abandon(*, actor: User, collection: Collection, reason: str = "") -> Collection:
    """Withdraw terms that were not deployed, so that others can be prepared.

    Errors: not_your_artist (403), not_prepared (409). A transaction that was signed already may
    still reach the chain; the contract then exists, but the shop does not show it.
    """
    require_manage(actor, collection.release.artist)
    moved = _move(collection, Collection.State.ABANDONED, actor=actor, reason=reason)
    if moved.state != Collection.State.ABANDONED:
        raise ApplicationError("not_prepared", detail="This drop is not to deploy.", status=409)
    return moved


@transaction.atomic
def _move(
    collection: Collection,
    state: Collection.State,
    *,
    actor: User | None = None,
    sale: contract.SaleData | None = None,
    reason: str = "",
) -> Collection:
    """The only place where a collection's state changes: out of PREPARED, once."""
    now = timezone.now()
    changes: dict[str, Any] = {"state": state, "checked_at": now}
    if sale is not None:
        changes |= fields_of(sale)
        changes |= {"minted": sale.next_item_index, "live_at": now, "terms_read_at": now}
    elif state == Collection.State.REJECTED:
        changes["rejected_reason"] = reason
    moved = Collection.objects.filter(pk=collection.pk, state=Collection.State.PREPARED).update(
        **changes
    )
    collection.refresh_from_db()
    if moved:
        audit.record(
            actor=actor,
            action=f"nft.collection_{state}",
            target=collection,
            before={"state": Collection.State.PREPARED},
            after={"state": state, "address": collection.address},
            reason=reason,
        )
        if state == Collection.State.LIVE:
            publish_supply(collection)
        log.info("collection", state=str(state), address=collection.address, reason=reason)
    return collection
