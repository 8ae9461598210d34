"""Account addresses: raw text `0:<64 hex>` inside, user-friendly form only at the edge.

The user-friendly form (36 bytes in base64) is tag, workchain, hash and CRC16; see
docs.ton.org, "Address formats". The tag 0x11 is bounceable, 0x51 is not, +0x80 is test-only.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from pytoniq_core.boc.address import Address

from core.ton import networks

_RAW: Final = re.compile(r"(-?[0-9]{1,3}):([0-9a-fA-F]{64})")
_FRIENDLY: Final = re.compile(r"[A-Za-z0-9_+/-]{48}")
_BOUNCEABLE: Final = 0x11
_NON_BOUNCEABLE: Final = 0x51
_TEST_ONLY: Final = 0x80
BASECHAIN: Final = 0


class AddressInvalid(ValueError):
    """The text is not an address that we accept; the message says why."""


def parse(text: str, *, workchain: int | None = None, testnet: bool | None = None) -> str:
    """Raw form of a raw or user-friendly address.

    A user-friendly one must have a right checksum, and a test-only one is refused on mainnet
    (`testnet` defaults to the current network). With `workchain` any other is refused.
    Raises AddressInvalid.
    """
    if match := _RAW.fullmatch(text):
        chain, account = int(match[1]), match[2].lower()
    elif _FRIENDLY.fullmatch(text):
        chain, account = _parse_friendly(text, testnet=testnet)
    else:
        raise AddressInvalid("neither a raw nor a user-friendly address")
    if chain not in {BASECHAIN, -1}:
        raise AddressInvalid(f"there is no workchain {chain}")
    if workchain is not None and chain != workchain:
        raise AddressInvalid(f"expected workchain {workchain}, not {chain}")
    return f"{chain}:{account}"


def _parse_friendly(text: str, *, testnet: bool | None) -> tuple[int, str]:
    data = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    if binascii.crc_hqx(data[:34], 0) != int.from_bytes(data[34:], "big"):
        raise AddressInvalid("the checksum is wrong")
    if data[0] & ~_TEST_ONLY not in {_BOUNCEABLE, _NON_BOUNCEABLE}:
        raise AddressInvalid("unknown address tag")
    on_testnet = networks.current().testnet if testnet is None else testnet
    if data[0] & _TEST_ONLY and not on_testnet:
        raise AddressInvalid("a test-only address")
    return int.from_bytes(data[1:2], "big", signed=True), data[2:34].hex()


def friendly(raw: str, *, bounceable: bool = True, testnet: bool | None = None) -> str:
    """User-friendly, URL-safe form; wallets are written non-bounceable, contracts bounceable."""
    chain, _, account = raw.partition(":")
    on_testnet = networks.current().testnet if testnet is None else testnet
    tag = (_BOUNCEABLE if bounceable else _NON_BOUNCEABLE) | (_TEST_ONLY if on_testnet else 0)
    body = bytes([tag]) + int(chain).to_bytes(1, "big", signed=True) + bytes.fromhex(account)
    checksum = binascii.crc_hqx(body, 0).to_bytes(2, "big")
    return base64.urlsafe_b64encode(body + checksum).decode()


def raw(address: Address) -> str:
    """Raw form of a pytoniq address."""
    return f"{address.wc}:{address.hash_part.hex()}"


def address(text: str) -> Address:
    """pytoniq's address of a raw one."""
    chain, _, account = text.partition(":")
    return Address((int(chain), bytes.fromhex(account)))
