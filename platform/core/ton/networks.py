"""The networks we speak to and how each is announced in TON Connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Network:
    """`chain` is TON Connect's network id: the global id of config parameter 19, as text."""

    name: str
    chain: str
    testnet: bool


MAINNET: Final = Network("mainnet", "-239", testnet=False)
TESTNET: Final = Network("testnet", "-3", testnet=True)
# The local network announces itself as testnet, the only other form that wallets know.
LOCAL: Final = Network("local", "-3", testnet=True)
_BY_NAME: Final = {network.name: network for network in (MAINNET, TESTNET, LOCAL)}


def named(name: str) -> Network:
    """Raises KeyError for a name that is none of mainnet, testnet, local."""
    return _BY_NAME[name]


def current() -> Network:
    """The network of TON_NETWORK."""
    return named(settings.TON_NETWORK)
