"""The Mini App's first screens that show music: home, a drop, a release, a track."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from core.openings import Opener, Opening, opens
from nft import discovery, selectors


@opens("")
def _home(_rest: str) -> Opening:
    home = discovery.home(None)
    drops = (*home["fresh"], *home["upcoming"], *home["gone"])
    covers = [_cover(drop["release"]) for drop in drops if drop["id"] == home["hero"]]
    return Opening({"home": home}, *covers[:1])


def _one(
    name: str, read: Callable[[UUID], dict[str, Any] | None], release: Callable[[Any], Any]
) -> Opener:
    """Of an address that ends with an id."""

    def opener(rest: str) -> Opening:
        try:
            key = UUID(rest)
        except ValueError:
            return Opening()
        answer = read(key)
        if answer is None:
            return Opening()
        return Opening({f"{name}:{rest}": answer}, _cover(release(answer)))

    return opener


def _cover(release: dict[str, Any]) -> str:
    return str(release["cover"]["url"])


opens("drops")(_one("drop", selectors.drop_detail, lambda drop: drop["release"]))
opens("releases")(_one("release", discovery.release_page, lambda release: release))
opens("tracks")(_one("track", discovery.track_page, lambda track: track["release"]))
