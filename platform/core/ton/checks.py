"""What is wrong with the chain's settings, said before the start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from core.ton import addresses


def enough_sources(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """A quorum larger than the number of sources would never agree on anything."""
    del app_configs
    count = len(set(settings.TON_ENDPOINTS))
    if 1 <= settings.TON_QUORUM <= count:
        return []
    hint = "Name more sources in TON_ENDPOINTS: liteserver, or https://host/api/v2/."
    message = f"TON_QUORUM is {settings.TON_QUORUM}, but TON_ENDPOINTS names {count} source(s)."
    return [Error(message, hint=hint, id="ton.E001")]


def hub_is_an_address(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The hub's address is compared as text everywhere, so it is given raw and in lower case."""
    del app_configs
    given = settings.TON_HUB_ADDRESS
    try:
        raw = addresses.parse(given, workchain=addresses.BASECHAIN) if given else given
    except addresses.AddressInvalid as error:
        return [Error(f"TON_HUB_ADDRESS: {error}.", id="ton.E002")]
    if raw != given:
        return [Error("TON_HUB_ADDRESS is not raw.", hint=f"Write {raw}.", id="ton.E003")]
    return []


def liteservers_are_named(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The list of liteservers is the network's and changes, so it is a file of the deployment."""
    del app_configs
    path = settings.TON_LITESERVER_CONFIG
    if "liteserver" not in settings.TON_ENDPOINTS or (path and Path(path).is_file()):
        return []
    hint = "Save the network's published global config and set TON_LITESERVER_CONFIG to its path."
    return [Error("TON_ENDPOINTS names liteserver without a config.", hint=hint, id="ton.E004")]
