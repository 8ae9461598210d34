"""Addresses in every form that toncenter accepts and answers (TEP-2)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Final

from pytoniq_core import Address, Slice

_BOUNCEABLE: Final = 0x11
_NON_BOUNCEABLE: Final = 0x51
_TEST_ONLY: Final = 0x80
_FRIENDLY_BYTES: Final = 36


class BadAddress(ValueError):
    """The text is no address in any known form."""


@dataclass(frozen=True)
class Detected:
    """An address and the form in which it was written."""

    raw: str
    given_type: str
    test_only: bool


def crc16(data: bytes) -> bytes:
    """Return the CRC16-XMODEM that ends a user-friendly address."""
    return binascii.crc_hqx(data, 0).to_bytes(2, "big")


def detect(text: str) -> Detected:
    """Read any form; raises BadAddress."""
    if ":" in text:
        return _read_raw(text)
    return _read_friendly(text)


def _read_raw(text: str) -> Detected:
    workchain, _, digits = text.partition(":")
    try:
        number, value = int(workchain), int(digits, 16)
    except ValueError:
        raise BadAddress(text) from None
    if not -128 <= number < 128 or not 0 <= value < 2**256 or len(digits) != 64:
        raise BadAddress(text)
    return Detected(f"{number}:{value:064x}", "raw_form", test_only=False)


def _read_friendly(text: str) -> Detected:
    try:
        data = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        raise BadAddress(text) from None
    if len(data) != _FRIENDLY_BYTES or crc16(data[:-2]) != data[-2:]:
        raise BadAddress(text)
    tag = data[0] & ~_TEST_ONLY
    if tag not in (_BOUNCEABLE, _NON_BOUNCEABLE):
        raise BadAddress(text)
    workchain = int.from_bytes(data[1:2], "big", signed=True)
    kind = "bounceable" if tag == _BOUNCEABLE else "non_bounceable"
    raw = f"{workchain}:{data[2:34].hex()}"
    return Detected(raw, f"friendly_{kind}", bool(data[0] & _TEST_ONLY))


def parse(text: str) -> str:
    """Return the raw form, in lower case; raises BadAddress."""
    return detect(text).raw


def friendly(raw: str, *, bounceable: bool = True, test_only: bool = False) -> str:
    """Return the URL-safe user-friendly form."""
    workchain, _, digits = raw.partition(":")
    tag = (_BOUNCEABLE if bounceable else _NON_BOUNCEABLE) | (_TEST_ONLY if test_only else 0)
    body = bytes([tag]) + int(workchain).to_bytes(1, "big", signed=True) + bytes.fromhex(digits)
    return base64.urlsafe_b64encode(body + crc16(body)).decode()


def forms(found: Detected) -> dict[str, Any]:
    """Return toncenter's detectAddress answer."""

    def both(*, bounceable: bool) -> dict[str, str]:
        safe = friendly(found.raw, bounceable=bounceable, test_only=found.test_only)
        return {"b64": safe.replace("-", "+").replace("_", "/"), "b64url": safe}

    return {
        "raw_form": found.raw,
        "bounceable": both(bounceable=True),
        "non_bounceable": both(bounceable=False),
        "given_type": found.given_type,
        "test_only": found.test_only,
    }


def load(data: Slice) -> str | None:
    """Read a MsgAddress from a slice as raw text; None for addr_none and external addresses."""
    value = data.load_address()
    if isinstance(value, Address):
        return f"{value.wc}:{value.hash_part.hex()}"
    return None
