"""Keys of recordings: made, opened and wrapped anew. Their secrets are stored only wrapped."""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.media.models import AccessKey
from core.errors import ApplicationError
from core.ids import uuid7

SECRET: Final = 32
_NONCE: Final = 12


def key_create() -> AccessKey:
    """A fresh random secret. Errors: media_keys_missing (503: MEDIA_MASTER_KEYS is empty)."""
    key = AccessKey(pk=uuid7())
    _wrap(key, secrets.token_bytes(SECRET))
    key.save(force_insert=True)
    return key


def key_secret(key: AccessKey) -> bytes:
    """32 bytes. Errors: media_key_lost (503: its master key is not among MEDIA_MASTER_KEYS)."""
    master = settings.MEDIA_MASTER_KEYS.get(key.master)
    wrapped = bytes(key.wrapped)
    if master is not None:
        try:
            return AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _bound(key.pk))
        except InvalidTag:
            pass
    raise ApplicationError(
        "media_key_lost", "Not playable now", "The key of this recording cannot be read.", 503
    )


def keys_rewrap(*, batch: int = 500) -> int:
    """Wrap every key by the first of MEDIA_MASTER_KEYS; the number of those that were not yet.

    Small transactions: it may be stopped and run again at any time.
    """
    current, done = _current(), 0
    while rows := list(AccessKey.objects.exclude(master=current).values_list("pk")[:batch]):
        with transaction.atomic():
            keys = AccessKey.objects.select_for_update().filter(pk__in=[pk for (pk,) in rows])
            for key in keys.exclude(master=current):
                _wrap(key, key_secret(key))
                key.rewrapped_at = timezone.now()
                key.save(update_fields=["wrapped", "master", "rewrapped_at"])
                done += 1
    return done


def _wrap(key: AccessKey, secret: bytes) -> None:
    key.master = _current()
    nonce = secrets.token_bytes(_NONCE)
    master = settings.MEDIA_MASTER_KEYS[key.master]
    key.wrapped = nonce + AESGCM(master).encrypt(nonce, secret, _bound(key.pk))


def _current() -> str:
    for name in settings.MEDIA_MASTER_KEYS:
        return str(name)
    raise ApplicationError(
        "media_keys_missing", "Not possible now", "No master key is configured.", 503
    )


def _bound(key: UUID) -> bytes:
    """A wrapped secret opens only in its own row."""
    return key.bytes
