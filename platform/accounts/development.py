"""Development logins: initData that we sign ourselves, as Telegram would for our bot.

Everything here refuses to run outside development, and a deploy check refuses a production start
with the development bot's token or key.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone
from django_otp.oath import hotp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.people import Person
from core.errors import ApplicationError
from core.telegram.init_data import sign, signed_message

# Stands in for Telegram's own key; settings.dev trusts its public half.
_SIGNER: Final = Ed25519PrivateKey.from_private_bytes(
    hashlib.sha256(b"tonality development launches").digest()
)
PUBLIC_KEY: Final = _SIGNER.public_key().public_bytes_raw().hex()


def refuse_outside_development() -> None:
    """Raises ApplicationError not_found (404): production does not even say that this exists."""
    if not settings.DEVELOPMENT:
        raise ApplicationError("not_found", "Not Found", status=404)


def init_data_make(*, person: Person, start_param: str = "", may_write: bool = False) -> str:
    """Signed initData for a made-up person, with both of Telegram's signatures."""
    refuse_outside_development()
    user = {
        "id": person.telegram_id,
        "first_name": person.first_name,
        "username": person.username,
        "language_code": person.language,
        **({"allows_write_to_pm": True} if may_write else {}),
    }
    fields = {
        "auth_date": str(int(timezone.now().timestamp())),
        "query_id": f"DEV{person.telegram_id}",
        "user": orjson.dumps(user).decode(),
    }
    if start_param:
        fields["start_param"] = start_param
    token: str = settings.TELEGRAM_BOT_TOKEN
    if PUBLIC_KEY in settings.TELEGRAM_PUBLIC_KEYS:
        signature = _SIGNER.sign(signed_message(fields, token.partition(":")[0]))
        fields["signature"] = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    fields["hash"] = sign(fields, token)
    return urlencode(fields)


def launch_fragment(init_data: str) -> str:
    """What Telegram puts behind the # of the Mini App's address."""
    return (
        f"tgWebAppData={quote(init_data, safe='')}"
        "&tgWebAppVersion=9.6&tgWebAppPlatform=weba&tgWebAppThemeParams=%7B%7D"
    )


# --- the second factor of the demo logins -------------------------------------------------------

DEMO_DEVICE: Final = "Demo"
_AHEAD: Final = 20  # half minutes: the same login may be used again at once


class DemoCode(NamedTuple):
    """What an authenticator app would show, and the key that it would show it for."""

    code: str
    key: str
    step: int


def second_factor_seed(*, user: User) -> None:
    """A demo login's authenticator, made once. Its codes are shown where they are asked for."""
    refuse_outside_development()
    if not TOTPDevice.objects.filter(user=user).exists():
        TOTPDevice.objects.create(user=user, name=DEMO_DEVICE, tolerance=_AHEAD)


def second_factor_shown(user: User) -> DemoCode | None:
    """The next code of a demo login that has not been used; None for everybody else, always
    outside development."""
    if not settings.DEVELOPMENT:
        return None
    device = TOTPDevice.objects.filter(user=user, name=DEMO_DEVICE, confirmed=True).first()
    if device is None:
        return None
    now = int(timezone.now().timestamp()) // device.step
    code = hotp(device.bin_key, max(now, device.last_t + 1), device.digits)
    key = base64.b32encode(device.bin_key).decode()
    return DemoCode(f"{code:0{device.digits}}", key, device.step)
