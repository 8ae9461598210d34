"""One signed request to Binance Pay. What is signed is what is sent, byte for byte.

A request's time may be a second off theirs. When it is refused for that, the Date of the refusal
tells how far our clock is from theirs, and the request goes out once more by their time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import orjson
import structlog
from django.conf import settings
from django.core.cache import cache

from core import http
from payments.providers.base import ProviderError
from payments.providers.binance import signature

CERTIFICATES: Final = "/binancepay/openapi/certificates"
OK: Final = "000000"
BAD_TIME: Final = "400003"
# Of which nobody knows whether they had an effect, or which may succeed later.
_LATER: Final = frozenset({"400000", "50001", "500001"})


_OFFSET: Final = "payments.binance.offset"  # milliseconds from our clock to theirs
_KEEP: Final = 3600
log = structlog.get_logger(__name__)


def call(path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """`data` of the answer. Raises ProviderError with Binance's code."""
    try:
        return _once(path, given)
    except ProviderError as error:
        if error.code != BAD_TIME:
            raise
    return _once(path, given)


def _once(path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    body = orjson.dumps(dict(given))
    at, nonce = str(_now() + int(cache.get(_OFFSET, 0))), signature.nonce()
    headers = {
        "Content-Type": "application/json",
        "BinancePay-Timestamp": at,
        "BinancePay-Nonce": nonce,
        "BinancePay-Certificate-SN": settings.BINANCE_API_KEY,
        "BinancePay-Signature": signature.sign(settings.BINANCE_API_SECRET, at, nonce, body),
    }
    try:
        with http.Client(base_url=settings.BINANCE_API_URL, headers=headers) as client:
            answer = client.request("POST", path, content=body)
            found = orjson.loads(answer.content)
    except (http.Unavailable, http.TooLarge, orjson.JSONDecodeError) as error:
        why = type(error).__name__
        raise ProviderError("unavailable", why, retry=True, away=True) from error
    if not isinstance(found, dict):
        raise ProviderError("malformed", "not an object", retry=True)
    code = str(found.get("code", answer.status_code))
    if found.get("status") == "SUCCESS" and code == OK:
        data = found.get("data")
        return data if isinstance(data, dict) else {"rows": data}
    if code == BAD_TIME:
        _set_clock(answer.headers.get("Date", ""))
    later = code in _LATER or answer.status_code >= 500
    text = str(found.get("errorMessage", ""))[:100]
    raise ProviderError(code, text, retry=later, away=later)


def _now() -> int:
    """Milliseconds of our clock."""
    return time.time_ns() // 1_000_000


def _set_clock(date: str) -> None:
    """Date has whole seconds: the middle of it is at most half a second off."""
    try:
        theirs = int(parsedate_to_datetime(date).timestamp()) * 1000 + 500
    except ValueError:
        return
    offset = theirs - _now()
    log.warning("binance_clock_differs", milliseconds=offset)
    cache.set(_OFFSET, offset, _KEEP)
