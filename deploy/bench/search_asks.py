"""python -m deploy.bench.search_asks: asks the index, row by row as JSON lines.

Each question and the read by key take turns in one connection, and the medians are compared. Both
fetch one page as the API would: the search its twenty cards, the read its one row.
"""

import json
import time
from collections.abc import Callable
from statistics import median
from uuid import UUID

import django

import deploy  # noqa: F401  puts platform/ on sys.path

django.setup()

from django.db import connection  # noqa: E402  needs the app registry, as all below

from catalog.models import SearchEntry, SearchWord  # noqa: E402
from nft.finding import Filters, find  # noqa: E402

TURNS = 40
PAGE = 20
COIN = 10**9
QUESTIONS = {
    "search, a word": ("Привет", Filters()),
    "search, a typo ('превет')": ("превет", Filters()),
    "search, in Latin letters": ("privet", Filters()),
    "search, a word half typed": ("priv", Filters()),
    "search, two letters": ("pr", Filters()),
    "search, one letter": ("p", Filters()),
    "search, a frequent word": ("{frequent}", Filters()),
    "search, two words": ("{frequent} privet", Filters()),
    "search, tracks alone, a typo": ("превет", Filters(kind="track")),
    "search, on sale below 5": ("{frequent}", Filters(on_sale=True, price_max=5 * COIN)),
    "search, a genre without words": ("", Filters(genre="techno", kind="release", on_sale=True)),
    "search, nothing there": ("qwxzvbnm", Filters()),
}


def timed(ask: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


def read(key: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM catalog_track WHERE id = %s", [key])
        cursor.fetchall()


def frequent() -> str:
    """The first word of the artist with the lowest id: titles take early words most often."""
    artist = SearchEntry.objects.filter(kind="artist").order_by("id")[0]
    return artist.name.split()[0]


def main() -> None:
    key = SearchEntry.objects.filter(kind="track").order_by("id")[1000].object
    word = frequent()
    assert SearchWord.objects.filter(word="privet").exists()
    for name, (text, filters) in QUESTIONS.items():
        asked = text.format(frequent=word)

        def ask(asked: str = asked, filters: Filters = filters) -> object:
            return find(asked, filters, limit=PAGE)

        ask()
        read(key)
        turns = [(timed(lambda: read(key)), timed(ask)) for _ in range(TURNS)]
        floor, ours = (median(side) for side in zip(*turns, strict=True))
        slow = sorted(one for _, one in turns)[TURNS * 95 // 100]
        print(json.dumps({
            "name": name, "value": round(ours, 2), "unit": "ms", "floor": round(floor, 3),
            "ratio": round(ours / floor, 1), "p95_ms": round(slow, 2),
        }), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
