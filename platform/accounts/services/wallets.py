"""Wallets: proved, linked, unlinked, and as a way to sign in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import errors
from accounts.metrics import WALLETS_LINKED
from accounts.models import Session, User, Wallet, WalletNonce
from accounts.services.sessions import Tokens, session_open
from core import audit
from core.ids import uuid7
from core.locks import lock
from core.ton import sources
from core.ton.proof import ProofInvalid, ProvenWallet, verify_proof

log = structlog.get_logger(__name__)


def wallet_nonce_issue(*, session: Session) -> WalletNonce:
    """A payload for ton_proof, good once, in this session, for WALLET_NONCE_LIFETIME."""
    return WalletNonce.objects.create(
        session=session,
        payload=secrets.token_hex(32),
        expires_at=timezone.now() + settings.WALLET_NONCE_LIFETIME,
    )


def wallet_link(
    *, session: Session, account: Mapping[str, Any], proof: Mapping[str, Any]
) -> Wallet:
    """Link the wallet that signed our nonce to the session's user.

    Whoever holds the key decides: a fresh proof moves the address from another user (the former
    link is revoked, both are audited). Raises ApplicationError proof_* (400).
    """
    _nonce_use(session, str(proof.get("payload", "")))
    proven = _proven(account, proof)
    with transaction.atomic():
        lock(f"wallet:{proven.address}")
        wallet = _wallet_bind(session.user, proven.address, proven.public_key)
    WALLETS_LINKED.inc()
    return wallet


def web_nonce_issue() -> WalletNonce:
    """A payload for signing in by a wallet, good once, for WALLET_NONCE_LIFETIME."""
    return WalletNonce.objects.create(
        payload=secrets.token_hex(32),
        expires_at=timezone.now() + settings.WALLET_NONCE_LIFETIME,
    )


def web_session_open(
    *, account: Mapping[str, Any], proof: Mapping[str, Any], device: str = ""
) -> Tokens:
    """Sign in on the web by a wallet that signed our nonce: its user, else a new one.

    Raises ApplicationError proof_* (400), account_disabled (403).
    """
    _nonce_use(None, str(proof.get("payload", "")))
    proven = _proven(account, proof)
    with transaction.atomic():
        lock(f"wallet:{proven.address}")
        known = Wallet.objects.filter(address=proven.address, revoked_at__isnull=True).first()
        user = known.user if known else _wallet_user(proven.address)
        if not user.is_active:
            raise errors.account_disabled()
        _wallet_bind(user, proven.address, proven.public_key)
        return session_open(
            user=user, kind=Session.Kind.WEB, context=Session.Context.WEB, device=device
        )


def _wallet_user(address: str) -> User:
    """Somebody whom we know by a wallet alone. Unlinked, the address does not come back to him."""
    name = f"{address[2:6]}...{address[-4:]}"
    login = f"wallet-{uuid7().hex}"
    return User.objects.create_user(login=login, first_name=name)


def _proven(account: Mapping[str, Any], proof: Mapping[str, Any]) -> ProvenWallet:
    try:
        return verify_proof(
            dict(account),
            dict(proof),
            domains=_domains(),
            network=settings.TON_NETWORK,
            now=int(timezone.now().timestamp()),
            client=sources.client(),
        )
    except ProofInvalid as error:
        log.info("wallet_proof_refused", code=error.code)
        raise errors.proof_invalid(error.code) from error


def _domains() -> set[str]:
    """What wallets may have signed: our host, with and without its port."""
    ours = urlsplit(settings.PUBLIC_URL)
    return {ours.netloc, ours.hostname or "", *settings.TON_PROOF_DOMAINS}


def _nonce_use(session: Session | None, payload: str) -> None:
    """One UPDATE decides: of two requests with the same nonce one wins. Spent even if it fails."""
    if not payload.isalnum():  # ours are hex; PostgreSQL would choke on NUL
        raise errors.proof_invalid("payload")
    now = timezone.now()
    used = WalletNonce.objects.filter(
        payload=payload, session=session, used_at__isnull=True, expires_at__gt=now
    ).update(used_at=now)
    if used != 1:
        raise errors.proof_invalid("payload")


def _wallet_bind(user: User, address: str, public_key: str) -> Wallet:
    now = timezone.now()
    former = Wallet.objects.filter(address=address, revoked_at__isnull=True).first()
    if former is not None and former.user_id == user.id:
        former.proved_at, former.public_key = now, public_key
        former.save(update_fields=["proved_at", "public_key"])
        return former
    if former is not None:
        _wallet_end(former, "moved", actor=user)
    wallet = Wallet.objects.create(user=user, address=address, public_key=public_key, proved_at=now)
    audit.record(
        actor=user,
        action="accounts.wallet_linked",
        target=wallet,
        before={"user": former.user_id} if former else None,
        after={"user": user.id, "address": address},
    )
    return wallet


def wallet_unlink(
    *, user: User, wallet_id: UUID, actor: audit.Actor | None = None, reason: str = "unlinked"
) -> None:
    """Revoke a link of the user's. Raises ApplicationError wallet_not_found (404)."""
    with transaction.atomic():
        wallet = (
            Wallet.objects.select_for_update()
            .filter(id=wallet_id, user=user, revoked_at__isnull=True)
            .first()
        )
        if wallet is None:
            raise errors.wallet_not_found()
        _wallet_end(wallet, reason, actor=actor or user)


def _wallet_end(wallet: Wallet, reason: str, *, actor: audit.Actor) -> None:
    wallet.revoked_at = timezone.now()
    wallet.revoked_reason = reason[:40]
    wallet.save(update_fields=["revoked_at", "revoked_reason"])
    audit.record(
        actor=actor,
        action="accounts.wallet_unlinked",
        target=wallet,
        before={"user": wallet.user_id, "address": wallet.address},
        reason=reason,
    )
