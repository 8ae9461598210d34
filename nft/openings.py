"""The Mini App's first screens that show music: home, a drop, a release, a track."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from core.openings import opens
from nft import discovery, selectors


@opens("")
def _home(_rest: str) -> Mapping[str, Any]:
    return {"home": discovery.home(None)}


def _one(name: str, read: Callable[[UUID], Any]) -> Callable[[str], Mapping[str, Any]]:
    """Of an address that ends with an id."""

    def opener(rest: str) -> Mapping[str, Any]:
        try:
            key = UUID(rest)
        except ValueError:
            return {}
        answer = read(key)
        return {} if answer is None else {f"{name}:{rest}": answer}

    return opener


opens("drops")(_one("drop", selectors.drop_detail))
opens("releases")(_one("release", discovery.release_page))
opens("tracks")(_one("track", discovery.track_page))
