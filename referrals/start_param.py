"""What a share link carries: Telegram's start parameter, packed and read in one place.

`startapp` may hold [A-Za-z0-9_-], up to 512 characters (Telegram, Mini App links). Ours is parts
joined by "-", each a letter and a value: `d<drop id, 32 hex digits>`, `r<referral code>` and
`g<secret of a gift, 40 hex digits>` (it only routes: the server does not read it), for example
`d0190f2c4...-rk7x2m9qa`. Anyone can forge a link, so the value routes and refers, no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

LIMIT = 512
CODE = re.compile(r"[a-z0-9]{6,16}", re.ASCII)
_GIFT = re.compile(r"[0-9a-f]{40}", re.ASCII)
_DROP = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StartParam:
    """The parts that we know; a part that does not parse is as if it were not there."""

    code: str | None = None
    drop: UUID | None = None


def start_param_format(
    *, code: str | None = None, drop: UUID | None = None, gift: str | None = None
) -> str:
    """Raises ValueError for a code or a gift's secret that no link of ours has."""
    if gift is not None and not _GIFT.fullmatch(gift):
        raise ValueError("not the secret of a gift")
    if code is not None and not CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a referral code")
    parts = [f"d{drop.hex}"] if drop else []
    if gift is not None:
        parts.append(f"g{gift}")
    if code is not None:
        parts.append(f"r{code}")
    return "-".join(parts)


def start_param_parse(text: str) -> StartParam:
    """Untrusted text in, known parts out. The first of each kind counts."""
    code: str | None = None
    drop: UUID | None = None
    for part in text[:LIMIT].split("-"):
        kind, value = part[:1], part[1:]
        if kind == "r" and code is None and CODE.fullmatch(value):
            code = value
        elif kind == "d" and drop is None and _DROP.fullmatch(value):
            drop = UUID(hex=value)
    return StartParam(code=code, drop=drop)
