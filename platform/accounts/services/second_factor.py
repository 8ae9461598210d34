"""The second factor of staff: codes of an authenticator (TOTP, RFC 6238), ten recovery codes.

django-otp keeps the devices, slows guessing down (1, 2, 4, 8 ... seconds after each miss) and takes
no code twice. Recovery codes are kept as MACs, so that reading the table gives none of them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import errors
from accounts.models import User
from core import audit

RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_DIGITS: Final = 6


def second_factor_begin(*, user: User, device_id: int | None = None) -> Any:
    """A device that waits for its first code: the one of `device_id`, else with a key of its own.

    A key that was shown in another session is forgotten: who saw it may not be who confirms it.
    Raises ApplicationError second_factor_enrolled (409).
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if TOTPDevice.objects.filter(user=user, confirmed=True).exists():
            raise errors.second_factor_enrolled()
        waiting = TOTPDevice.objects.filter(user=user, confirmed=False)
        shown = waiting.filter(pk=device_id).first() if device_id else None
        if shown is not None:
            return shown
        waiting.delete()
        return TOTPDevice.objects.create(user=user, name="Authenticator", confirmed=False)


def second_factor_confirm(*, user: User, device_id: int, code: str) -> tuple[Any, list[str]]:
    """The first right code makes the device count; the device, and recovery codes to be shown once.

    Raises ApplicationError: second_factor_gone (410), second_factor_wrong (400),
    second_factor_wait (429).
    """
    with transaction.atomic():
        waiting = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False)
        device = waiting.filter(pk=device_id).first()
        if device is None:
            raise errors.second_factor_gone()
        good = _try(user, device, _plain(code), "enrolment")
        fresh = _enrol(user, device) if good else []
    if not good:
        raise errors.second_factor_wrong()
    return device, fresh


def _enrol(user: User, device: Any) -> list[str]:
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    StaticDevice.objects.filter(user=user).delete()
    recovery = StaticDevice.objects.create(user=user, name="Recovery codes")
    fresh = [_recovery_code() for _ in range(RECOVERY_CODES)]
    for code in fresh:
        recovery.token_set.create(token=_kept(user, code))
    audit.record(actor=user, action="accounts.second_factor_enrolled", target=user)
    return fresh


def second_factor_verify(*, user: User, code: str) -> Any:
    """The device that a code of the authenticator, or a recovery code, belongs to. Used once.

    Raises ApplicationError: second_factor_wrong (400), second_factor_wait (429).
    """
    given = _plain(code)
    by_code = given.isascii() and given.isdigit() and len(given) == _DIGITS
    kind = TOTPDevice if by_code else StaticDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            raise errors.second_factor_wrong()
        token = given if by_code else _kept(user, given)
        good = _try(user, device, token, "authenticator" if by_code else "recovery code")
    if not good:
        raise errors.second_factor_wrong()
    return device


def _try(user: User, device: Any, token: str, means: str) -> bool:
    """Counts, slows down and records; the caller commits a miss as well as a hit."""
    allowed, why = device.verify_is_allowed()
    if not allowed:
        raise errors.second_factor_wait(why["locked_until"])
    good = bool(device.verify_token(token))
    audit.record(
        actor=user,
        action=f"accounts.second_factor_{'verified' if good else 'failed'}",
        target=user,
        after={"by": means},
    )
    return good


def second_factor_reset(*, user: User, actor: User, reason: str) -> int:
    """Forget somebody's devices: every session of theirs has to prove itself anew; how many there
    were. By another superuser only. Raises ApplicationError second_factor_not_yours (403).
    """
    if not (actor.is_active and actor.is_staff and actor.is_superuser) or actor.pk == user.pk:
        raise errors.second_factor_not_yours()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        held = [*TOTPDevice.objects.filter(user=user), *StaticDevice.objects.filter(user=user)]
        for device in held:
            device.delete()
        audit.record(
            actor=actor,
            action="accounts.second_factor_reset",
            target=user,
            before={"devices": len(held)},
            reason=reason,
        )
    return len(held)


def _plain(code: str) -> str:
    return "".join(one for one in code.lower() if one.isalnum())[:32]


def _recovery_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def _kept(user: User, code: str) -> str:
    """What is stored of a recovery code: 16 characters fit the table."""
    key = hashlib.sha256(f"accounts.recovery:{settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, f"{user.pk}:{code}".encode(), "sha256").hexdigest()[:16]
