"""Checks of media's settings before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

# Given up in August 2024: blog.cloudflare.com, "Cloudflare's public IPFS gateways and supporting
# Interplanetary Shipyard".
RETIRED: Final = frozenset({"cloudflare-ipfs.com", "cf-ipfs.com"})


@checks.register(checks.Tags.urls)
def gateways_exist(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """tonality.W101: a gateway of the settings is no more."""
    del app_configs
    return [
        checks.Warning(
            f"IPFS_GATEWAYS names {host}, which was retired in August 2024.",
            hint="Take it out; see README, How bytes reach a listener.",
            id="tonality.W101",
        )
        for host in sorted({_host(word) for word in settings.IPFS_GATEWAYS})
        if any(host == old or host.endswith(f".{old}") for old in RETIRED)
    ]


def _host(word: str) -> str:
    return (urlsplit(word.partition("=")[2]).hostname or "").lower()
