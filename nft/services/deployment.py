"""From terms to a live collection: prepared here, deployed by its artist, seen on chain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import structlog
from django.db import transaction
from django.utils import timezone
from pytoniq_core import Cell

from accounts.models import User
from catalog.models import Release
from catalog.permissions import require_manage
from contracts import codes, fees
from contracts import collection as contract
from core import audit
from core.errors import ApplicationError
from core.ids import random_u63
from core.ton import addresses, connect, sources
from core.ton.client import Account
from nft.models import Collection
from nft.services.supply import publish_supply, sale_read
from nft.terms import DropTerms, committed_params, fields_of, params_of

log = structlog.get_logger(__name__)
SIGNING_TIME: Final = timedelta(minutes=5)
# Attached above the least value; the contract keeps its reserve and returns the rest.
DEPLOY_MARGIN: Final = 20_000_000


@transaction.atomic
def collection_prepare(*, actor: User, release: Release, terms: DropTerms) -> Collection:
    """Fix the terms of a release's drop and with them its address. The same terms, the same row.

    Errors: not_your_artist (403), release_unpublished, terms_invalid, drop_exists (409: abandon
    the prepared one first; a live one stays), hub_unset (503).
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
    params = params_of(release, terms, chain_id=chain_id, master=_master(release))
    address = addresses.raw(contract.address(params))
    if present is not None:
        if present.state == Collection.State.PREPARED and present.address == address:
            return present
        raise ApplicationError("drop_exists", detail="This release has a drop.", status=409)
    collection = _row(release, params, terms)
    audit.record(
        actor=actor,
        action="nft.collection_prepare",
        target=collection,
        after={"address": address, "price": params.price, "max_supply": params.max_supply},
    )
    return collection


def _row(release: Release, params: contract.CollectionParams, terms: DropTerms) -> Collection:
    return Collection.objects.create(
        release=release,
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
    track = release.tracks.select_related("master").order_by("position").first()
    return (track.master.sha256, track.master.cid) if track else ("", "")


def deploy_value() -> int:
    """Nano-coins that a deployment attaches."""
    return fees.collection_deploy_value() + DEPLOY_MARGIN


def collection_deploy_transaction(*, collection: Collection) -> dict[str, Any]:
    """What the owner's wallet signs, in TON Connect's form. What it does not need comes back.

    Errors: not_prepared (409).
    """
    if collection.state != Collection.State.PREPARED:
        raise ApplicationError("not_prepared", detail="This drop is not to deploy.", status=409)
    message = connect.Message(
        collection.address,
        deploy_value(),
        payload=Cell.one_from_boc(bytes(collection.deploy_body)),
        state_init=Cell.one_from_boc(bytes(collection.state_init)),
    )
    return connect.transaction(
        valid_until=int((timezone.now() + SIGNING_TIME).timestamp()),
        messages=[message],
        sender=collection.owner,
    )


def collection_verify(*, collection: Collection) -> Collection:
    """Look for a prepared collection on chain: it becomes live, rejected, or stays as it is.

    Live: our code runs at the address that the committed code and the row's parameters give, and
    it answers with them. Call outside a transaction. Raises ChainError when no source answers.
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
    if not sale.deployed:
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
    return "" if address == collection.address else "the parameters give another address"


def _other_terms(collection: Collection, sale: contract.SaleData) -> str:
    """What nobody may change after deployment; the rest is read and taken over."""
    if sale.release_id != collection.chain_id:
        return "another release"
    if sale.platform_bps != collection.platform_bps:
        return "another platform share"
    if addresses.raw(sale.hub) != collection.hub:
        return "another hub"
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
