"""Writes of accounts: signing in, sessions, wallets."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import errors, tokens
from accounts.metrics import INIT_DATA_REFUSED, REFRESH_REUSED, WALLETS_LINKED
from accounts.models import Session, User, Wallet, WalletNonce
from core import audit
from core.ids import uuid7
from core.locks import lock
from core.telegram.init_data import InitDataInvalid, TelegramUser, verify
from core.ton import sources
from core.ton.proof import ProofInvalid, ProvenWallet, verify_proof

log = structlog.get_logger(__name__)
# The secret of a gift's link (see referrals.start_param): not for whoever reads the database.
_GIFT: Final = re.compile(r"(?:^|-)g[0-9a-f]{40}(?=-|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets: both tokens, the access token's life in seconds, and the session."""

    access: str
    refresh: str
    expires_in: int
    session: Session


def session_open_by_telegram(*, init_data: str) -> Tokens:
    """Sign in with a Mini App's initData; a first visit makes the user.

    Raises ApplicationError: init_data_invalid, init_data_stale (401), account_disabled (403).
    """
    try:
        launch = verify(
            init_data,
            token=settings.TELEGRAM_BOT_TOKEN,
            public_keys=settings.TELEGRAM_PUBLIC_KEYS,
            now=timezone.now(),
            max_age=settings.INIT_DATA_MAX_AGE,
            max_skew=settings.INIT_DATA_MAX_SKEW,
        )
    except InitDataInvalid as error:
        INIT_DATA_REFUSED.labels(error.code).inc()
        log.info("init_data_refused", code=error.code)
        raise errors.init_data_invalid(error.code) from error
    with transaction.atomic():
        opened = session_open(
            user=_user_remember(launch.user),
            kind=Session.Kind.MINIAPP,
            context=Session.Context.TELEGRAM,
            start_param=_GIFT.sub("", launch.start_param),
            auth_date=launch.auth_date,
        )
    opened.session.start_param = launch.start_param  # told to its client, not kept
    return opened


def _user_remember(person: TelegramUser) -> User:
    """The user of a Telegram id, made or brought up to date with what Telegram says now."""
    facts = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "language": person.language,
        "photo_url": person.photo_url,
    }
    user, made = User.objects.get_or_create(
        telegram_id=person.id, defaults={**facts, "login": f"tg:{person.id}", "password": "!"}
    )
    changed = [name for name, value in facts.items() if getattr(user, name) != value]
    if changed and not made:
        for name in changed:
            setattr(user, name, facts[name])
        user.save(update_fields=changed)
    return user


def session_open(
    *,
    user: User,
    kind: Session.Kind,
    context: Session.Context,
    start_param: str = "",
    auth_date: datetime | None = None,
) -> Tokens:
    """Open a session for a user who has proved who they are. Raises account_disabled (403)."""
    if not user.is_active:
        raise errors.account_disabled()
    now = timezone.now()
    session = Session(
        user=user,
        kind=kind,
        context=context,
        start_param=start_param,
        auth_date=auth_date,
        created_at=now,
        refreshed_at=now,
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
    )
    refresh = tokens.refresh_make(session.id, session.generation)
    session.refresh_hash = tokens.digest(refresh)
    session.save(force_insert=True)
    return _tokens(session, refresh, now)


def session_refresh(*, refresh: str) -> Tokens:
    """Turn a refresh token into a new pair. Used twice, it ends the session (a copy is about).

    Raises ApplicationError refresh_invalid (401).
    """
    try:
        claim = tokens.refresh_read(refresh)
    except tokens.TokenInvalid as error:
        raise errors.refresh_invalid() from error
    with transaction.atomic():
        result = _session_turn(claim, tokens.digest(refresh))
    if result is None:
        raise errors.refresh_invalid()
    return result


def _session_turn(claim: tokens.Refresh, hashed: str) -> Tokens | None:
    """Under the row's lock; None (not an exception) so that a revocation is committed."""
    now = timezone.now()
    session = (
        Session.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(id=claim.session_id)
        .first()
    )
    if session is None or session.revoked_at is not None or session.expires_at <= now:
        return None
    if not secrets.compare_digest(session.refresh_hash, hashed):
        REFRESH_REUSED.inc()
        log.warning("refresh_reused", session_id=str(session.id), user_id=str(session.user_id))
        _session_end(session, "refresh_reused", actor="accounts")
        return None
    if not session.user.is_active:
        _session_end(session, "account_disabled", actor="accounts")
        return None
    session.generation += 1
    fresh = tokens.refresh_make(session.id, session.generation)
    session.refresh_hash = tokens.digest(fresh)
    session.refreshed_at = now
    session.expires_at = now + settings.REFRESH_TOKEN_LIFETIME
    session.save(update_fields=["generation", "refresh_hash", "refreshed_at", "expires_at"])
    return _tokens(session, fresh, now)


def session_revoke(
    *, session: Session, actor: audit.Actor | None = None, reason: str = "logout"
) -> None:
    """End a session: its tokens stop working at once. Ending an ended one changes nothing."""
    with transaction.atomic():
        locked = Session.objects.select_for_update().get(pk=session.pk)
        if locked.revoked_at is None:
            _session_end(locked, reason, actor=actor)
    session.revoked_at = locked.revoked_at


def _session_end(session: Session, reason: str, *, actor: audit.Actor | None) -> None:
    session.revoked_at = timezone.now()
    session.revoked_reason = reason[:40]
    session.save(update_fields=["revoked_at", "revoked_reason"])
    audit.record(actor=actor, action="accounts.session_revoked", target=session, reason=reason)


def _tokens(session: Session, refresh: str, now: datetime) -> Tokens:
    life = settings.ACCESS_TOKEN_LIFETIME
    return Tokens(
        access=tokens.access_make(session.id, now + life),
        refresh=refresh,
        expires_in=int(life.total_seconds()),
        session=session,
    )


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


def web_session_open(*, account: Mapping[str, Any], proof: Mapping[str, Any]) -> Tokens:
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
        return session_open(user=user, kind=Session.Kind.WEB, context=Session.Context.WEB)


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
