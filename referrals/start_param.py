"""What a share link carries: Telegram's start parameter, packed and read in one place.

`startapp` may hold [A-Za-z0-9_-], up to 512 characters (Telegram, Mini App links). Ours is parts
joined by "-", each a letter and a value: what it opens, then `r<referral code>` of who shared it:

    d<drop>, l<release>, t<track>,       an id in 32 hex digits (a playlist that is shown by link
    a<artist>, p<playlist>               alone: the token of that link)
    n<edition>                           its address of workchain 0, 64 hex digits
    g<gift>, j<invitation to a playlist> a secret in 40 hex digits (it only routes: the server does
                                         not read it, nor keep it)

for example `d0190f2c4...-rk7x2m9qa`. Anyone can forge a link: it routes and refers, no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

LIMIT: Final = 512
CODE: Final = re.compile(r"[a-z0-9]{6,16}", re.ASCII)
_SECRET: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
_ADDRESS: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NAMED: Final = {"d": "drop", "l": "release", "t": "track", "a": "artist", "p": "playlist"}


@dataclass(frozen=True, slots=True)
class StartParam:
    """The parts that we know; a part that does not parse is as if it were not there.

    item: the 64 hex digits of an edition's address.
    """

    code: str | None = None
    drop: UUID | None = None
    release: UUID | None = None
    track: UUID | None = None
    artist: UUID | None = None
    playlist: UUID | None = None
    item: str | None = None


def start_param_format(
    *,
    code: str | None = None,
    gift: str | None = None,
    item: str | None = None,
    **named: UUID | None,
) -> str:
    """named: drop, release, track, artist, playlist. ValueError for a code, gift or edition that no
    link of ours has, TypeError for a name that is none.
    """
    if gift is not None and not _SECRET.fullmatch(gift):
        raise ValueError("not the secret of a gift")
    if item is not None and not _ADDRESS.fullmatch(item):
        raise ValueError("not the address of an edition")
    if code is not None and not CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a referral code")
    if unknown := named.keys() - set(_NAMED.values()):
        raise TypeError(f"nothing is called {', '.join(sorted(unknown))}")
    letters = {name: letter for letter, name in _NAMED.items()}
    parts = [f"{letters[name]}{key.hex}" for name, key in named.items() if key is not None]
    for letter, value in (("n", item), ("g", gift), ("r", code)):
        if value is not None:
            parts.append(f"{letter}{value}")
    return "-".join(parts)


def start_param_parse(text: str) -> StartParam:
    """Untrusted text in, known parts out. The first of each kind counts."""
    found: dict[str, Any] = {}
    for part in text[:LIMIT].split("-"):
        kind, value = part[:1], part[1:]
        if kind == "r" and CODE.fullmatch(value):
            found.setdefault("code", value)
        elif kind == "n" and _ADDRESS.fullmatch(value):
            found.setdefault("item", value)
        elif kind in _NAMED and _ID.fullmatch(value):
            found.setdefault(_NAMED[kind], UUID(hex=value))
    return StartParam(**found)
