"""The rows of the large data set, as lines for COPY. Numbers count from 1; ids are made of them.

Every artist has ten tracks on three releases, half of the releases are for sale. An order's entry
has five legs, whose sum is zero: a card payment, shared out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from catalog.folding import joined, words
from catalog.models import SearchEntry
from catalog.services.search import Row
from deploy.bench.large.names import GENRES, Names

WHEN = "2026-11-01 12:00:00+00"
SIZES = (4, 3, 3)  # tracks of an artist's releases
KINDS = {name: at for at, name in enumerate(
    ("asset", "artist", "release", "track", "recording", "collection", "user", "order", "entry"), 1
)}  # fmt: skip
SHARED = ("psp_clearing", "psp_fees", "platform_revenue", "tax_vat")
LEGS = 5
Line = tuple[object, ...]


@dataclass(frozen=True)
class Size:
    """How much of everything. scale 1: 50 000 artists, 500 000 tracks, 1 million users."""

    scale: float

    @property
    def artists(self) -> int:
        return max(20, round(50_000 * self.scale))

    @property
    def users(self) -> int:
        return 20 * self.artists

    @property
    def orders(self) -> int:
        return 40 * self.artists

    @property
    def tracks(self) -> int:
        return sum(SIZES) * self.artists

    @property
    def legs(self) -> int:
        return LEGS * self.orders


def key(kind: str, number: int) -> str:
    """A UUID in the order of the numbers, as ours are in the order of time."""
    return f"0199{KINDS[kind]:04x}-0000-7000-8000-{number:012x}"


def spellings(text: str) -> list[str]:
    return words(text) + joined(text)


def users(size: Size) -> Iterator[Line]:
    for n in range(1, size.users + 1):
        yield "!", "f", key("user", n), f"bench-{n}", n, f"Fan {n}", "", "", "en", "", "f", "t"


def assets() -> Iterator[Line]:
    for n, kind in enumerate(("cover", "metadata", "preview"), 1):
        yield (
            *(key("asset", n), kind, "open", f"bafybench{kind}", "", f"{n:064x}", 1, "image/webp"),
            *(kind, 640, 640, WHEN, ""),
        )


class Music:
    """Artists with their releases and tracks, and what the index says of them."""

    def __init__(self, size: Size) -> None:
        self.size = size
        names = Names()
        self.words = names.words
        self.artists = [names.title() for _ in range(size.artists)]
        self.titles = [names.title() for _ in range(size.artists * len(SIZES))]
        self.tracks = [names.title() for _ in range(size.tracks)]

    def word_rows(self) -> Iterator[Line]:
        every = {*self.words, *GENRES}
        return ((word,) for word in sorted({one for said in every for one in spellings(said)}))

    def artist_rows(self) -> Iterator[Line]:
        for n, name in enumerate(self.artists, 1):
            yield key("artist", n), f"artist-{n}", name, "", "[]", "active", WHEN, key("user", n)

    def release_rows(self) -> Iterator[Line]:
        for n, title in enumerate(self.titles, 1):
            artist = (n - 1) // len(SIZES) + 1
            yield (
                *(key("release", n), f"release-{n}", title, "", GENRES[n % len(GENRES)]),
                *("#1c1c24", "#7c5cff", "published", WHEN, WHEN, key("artist", artist)),
                *(key("asset", 1), key("asset", 2)),
            )

    def track_rows(self) -> Iterator[Line]:
        for n, release, position in self._places():
            yield (
                key("track", n), position, self.tracks[n - 1], "",
                key("release", release), key("recording", n),
            )  # fmt: skip

    def recording_rows(self) -> Iterator[Line]:
        for n, release, _ in self._places():
            artist = (release - 1) // len(SIZES) + 1
            yield (
                *(key("recording", n), key("artist", artist), "open", "ready", "", "", 180_000),
                *("", "[]", "\\x" + "40" * 100, 0, WHEN, WHEN, key("asset", 3), key("asset", 3)),
            )

    def _places(self) -> Iterator[tuple[int, int, int]]:
        """Track, release and position."""
        track = count(1)
        for release in range(1, len(self.titles) + 1):
            for position in range(1, SIZES[(release - 1) % len(SIZES)] + 1):
                yield next(track), release, position

    def collection_rows(self) -> Iterator[Line]:
        """Every second release is sold, for one to ten coins."""
        for n in range(1, len(self.titles) + 1, 2):
            yield (
                *(key("collection", n), n, f"0:{n:064x}", f"0:{1:064x}", f"0:{1:064x}"),
                *(f"0:{2:064x}", "0" * 64, "", "", "", 1000, 500, "live", "t", "f", "", WHEN),
                *(WHEN, n % 10 * 10**9 + 10**9, 1000, 5, 0, 0, n % 900, WHEN, "f", WHEN),
                key("release", n),
            )

    def entry_rows(self) -> Iterator[Line]:
        random, kinds = Random(3), SearchEntry.Kind
        for n, name in enumerate(self.artists, 1):
            made = Row.of(kinds.ARTIST, key("artist", n), name, artist=key("artist", n))  # type: ignore[arg-type]
            yield _entry(made, random)
        for kind, titles in ((kinds.RELEASE, self._releases()), (kinds.TRACK, self._tracks())):
            for n, title, release in titles:
                artist = (release - 1) // len(SIZES) + 1
                made = Row.of(
                    kind, key(kind.value, n), title, artist=key("artist", artist),  # type: ignore[arg-type]
                    release=key("release", release), by=self.artists[artist - 1],  # type: ignore[arg-type]
                    genre=GENRES[release % len(GENRES)],
                )  # fmt: skip
                yield _entry(made, random)

    def _releases(self) -> Iterator[tuple[int, str, int]]:
        return ((n, title, n) for n, title in enumerate(self.titles, 1))

    def _tracks(self) -> Iterator[tuple[int, str, int]]:
        return ((n, self.tracks[n - 1], release) for n, release, _ in self._places())


def _entry(row: Row, random: Random) -> Line:
    """Most things are heard by few."""
    return (*row, int(random.random() ** 6 * 999))


def account_rows(size: Size) -> Iterator[Line]:
    for n, kind in enumerate(SHARED, 1):
        yield n, "USD", kind, "bench"
    for n in range(1, size.artists + 1):
        yield n + len(SHARED), "USD", "artist_payable", f"artist:{key('artist', n)}"


def _sale(order: int, size: Size) -> tuple[int, int]:
    """The artist whose music it was, and the cents that it cost."""
    return order % size.artists + 1, 100 + order * 7 % 2900


def order_rows(size: Size) -> Iterator[Line]:
    buyer = f"0:{3:064x}"
    for n in range(1, size.orders + 1):
        artist, price = _sale(n, size)
        release = (artist - 1) * len(SIZES) + 1
        sold = release if release % 2 else release + 1
        yield (
            *(key("order", n), n, 1, buyer, buyer, "USD", price, price, 1000, 0, "fulfilled", ""),
            *("shop", n % 1000, WHEN, WHEN, WHEN, key("collection", sold)),
            *(key("user", n % size.users + 1), "web", "", "", "f"),
        )


def ledger_rows(size: Size) -> Iterator[Line]:
    for n in range(1, size.orders + 1):
        yield key("entry", n), f"bench:{n}", "sale", "", key("order", n)


def leg_rows(size: Size) -> Iterator[Line]:
    """Five of every entry. Whole cents: what is left of the parts is the artist's."""
    for n in range(1, size.orders + 1):
        entry = key("entry", n)
        artist, price = _sale(n, size)
        fee, ours, vat = max(1, price * 3 // 100), max(1, price // 10), max(1, price // 20)
        yield entry, 1, "USD", price - fee
        yield entry, 2, "USD", fee
        yield entry, 3, "USD", -ours
        yield entry, 4, "USD", -vat
        yield entry, artist + len(SHARED), "USD", ours + vat - price
