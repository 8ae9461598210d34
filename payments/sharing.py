"""What people send each other: cards of music with a picture or a preview, and a link to it.

Every link carries the sharer's referral code. Cards are InlineQueryResult objects of the Bot API,
for inline mode and for prepared messages (core.telegram.org/bots/api#inline-mode).
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from accounts.models import User
from catalog.media.mp3 import mp3_url
from catalog.playlists import link_key, playlist_card, playlist_seen
from core.errors import ApplicationError
from core.telegram.languages import Words
from core.ton.addresses import AddressInvalid, parse
from nft.cards import cards
from nft.selectors import drop_detail, item_view
from referrals.selectors import link

IPFS: Final = "/ipfs/"
PICTURE: Final = 640  # pixels
THUMBNAIL: Final = 160
_OPEN: Final[Words] = {"en": "Listen on Tonality", "ru": "Слушать в Tonality"}
_SEE: Final[Words] = {"en": "Open in Tonality", "ru": "Открыть в Tonality"}
_ARTIST: Final[Words] = {"en": "Artist", "ru": "Артист"}
_PLAYLIST: Final[Words] = {"en": "Playlist, tracks: {}", "ru": "Плейлист, треков: {}"}
_EDITION: Final[Words] = {"en": "No. {}", "ru": "№ {}"}


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to share. cid: of its cover or picture; seconds: of its preview; preview: its CID;
    opens: the named part of the start parameter.
    """

    kind: str
    key: str
    title: str
    line: str
    cid: str = ""
    jpeg: bool = True  # the picture is a cover, and there is a JPEG of it
    preview: str = ""
    opens: Mapping[str, Any] = field(default_factory=dict)

    def link(self, code: str | None) -> str:
        return link(code, **self.opens)

    def picture(self, width: int) -> str:
        """An absolute address, "" without a picture."""
        if not self.cid:
            return ""
        path = f"/covers/{self.cid}/{width}.jpeg" if self.jpeg else f"{IPFS}{self.cid}"
        return f"{settings.PUBLIC_URL}{path}"

    def text(self) -> str:
        """As the words of a link that is shared in another way."""
        return f"{self.title} — {self.line}" if self.line else self.title


def card_of(kind: str, found: Mapping[str, Any], language: str) -> Card:
    """Of what search has found: a track, release, artist or playlist in the form of nft.cards."""
    if kind == "track":
        return _track(found)
    if kind == "release":
        return _release(found)
    if kind == "artist":
        return Card(
            "artist",
            str(found["id"]),
            found["name"],
            _ARTIST[language],
            cid=_cid(found["picture_url"]),
            jpeg=False,
            opens={"artist": found["id"]},
        )
    covers = found["covers"]
    return Card(
        "playlist",
        str(found["id"]),
        found["title"],
        _PLAYLIST[language].format(found["tracks"]),
        cid=_cid(covers[0] if covers else None),
        opens={"playlist": found["id"]},
    )


def card_find(kind: str, key: str, user: User, language: str) -> Card:
    """What somebody wants to share, if they may see it. Raises ApplicationError not_found (404)."""
    found = _item(key, language) if kind == "item" else _named(kind, key, user, language)
    if found is None:
        raise ApplicationError("not_found", status=404)
    return found


def _named(kind: str, key: str, user: User, language: str) -> Card | None:
    try:
        name = UUID(key)
    except ValueError:
        return None
    if kind == "drop":
        drop = drop_detail(name)
        return _release({**drop["release"], "drop": drop}) if drop else None
    if kind == "playlist":
        seen = playlist_seen(name, user)
        told, shared = playlist_card(seen), link_key(seen.playlist)
        # A private one is nobody else's to open: its link would lead them nowhere.
        return card_of(kind, {**told, "id": shared}, language) if shared else None
    found = cards(kind, [name]).get(name)
    return card_of(kind, found, language) if found else None


def _track(found: Mapping[str, Any]) -> Card:
    release = found["release"]
    return Card(
        "track",
        str(found["id"]),
        found["title"],
        release["artist"]["name"],
        cid=_cid(release["cover"]["url"]),
        preview=_cid(found["preview_url"]),
        opens={"track": found["id"]},
    )


def _release(found: Mapping[str, Any]) -> Card:
    """A release is opened by its drop, where it has one."""
    drop = found.get("drop")
    opens = {"drop": drop["id"]} if drop else {"release": found["id"]}
    return Card(
        "drop",
        str(found["id"]),
        found["title"],
        found["artist"]["name"],
        cid=_cid(found["cover"]["url"]),
        opens=opens,
    )


def _item(key: str, language: str) -> Card | None:
    try:
        address = parse(key)
    except AddressInvalid:
        return None
    workchain, _, digits = address.partition(":")
    found = item_view(address) if workchain == "0" else None
    if found is None:
        return None
    release = found["release"]
    number = _EDITION[language].format(found["edition"])
    return Card(
        "item",
        digits,
        f"{release['title']}, {number}",
        release["artist"]["name"],
        cid=_cid(release["cover"]["url"]),
        opens={"item": digits},
    )


def _cid(url: str | None) -> str:
    return url.removeprefix(IPFS) if url else ""


# --- as the Bot API has them --------------------------------------------------------------------


def result_of(
    card: Card, *, code: str | None, language: str, photo: bool = False
) -> dict[str, Any]:
    """A track with a preview is an audio card; all else is words with a picture, in a list as an
    article, alone (`photo`) as a photo.
    """
    words = _OPEN if card.kind in ("track", "drop") else _SEE
    button = {"text": words[language], "url": card.link(code)}
    common = {
        "id": f"{card.kind[0]}{card.key.replace('-', '')[:62]}",
        "title": card.title,
        "reply_markup": {"inline_keyboard": [[button]]},
    }
    if card.preview:
        return common | {
            "type": "audio",
            "audio_url": f"{settings.PUBLIC_URL}{mp3_url(card.preview)}",
            "performer": card.line,
            "caption": _html(card),
            "parse_mode": "HTML",
        }
    if photo and card.cid and card.jpeg:
        return common | {
            "type": "photo",
            "photo_url": card.picture(PICTURE),
            "thumbnail_url": card.picture(THUMBNAIL),
            "caption": _html(card),
            "parse_mode": "HTML",
        }
    return common | _article(card)


def _article(card: Card) -> dict[str, Any]:
    shown: dict[str, Any] = {"is_disabled": True}
    thumbnail: dict[str, Any] = {}
    if card.cid:
        shown = {"url": card.picture(PICTURE), "prefer_large_media": True}
        thumbnail = {"thumbnail_url": card.picture(THUMBNAIL)}
    return {
        "type": "article",
        "description": card.line,
        "input_message_content": {
            "message_text": _html(card),
            "parse_mode": "HTML",
            "link_preview_options": shown,
        },
        **thumbnail,
    }


def _html(card: Card) -> str:
    line = f"\n{html.escape(card.line, quote=False)}" if card.line else ""
    return f"<b>{html.escape(card.title, quote=False)}</b>{line}"
