"""What somebody typed, as questions to the search index: as typed, and as it may have been meant.

Each word is looked for as the beginning of a word, so that it finds something while it is typed.
Beside that stand words that differ by a slip: two letters swapped, the other keyboard layout, and
words of the index that are near by trigrams and then by the number of letters to change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db import connection

from catalog.folding import distance, other_keyboard, words

MAX_TEXT: Final = 100  # characters that are read of what was typed
MAX_WORDS: Final = 8
CAREFUL: Final = 4  # letters; below that every other word is near
LONG: Final = 9  # letters, from which on two slips are forgiven
SHORT: Final = 2  # letters that begin too many words to look at them all
# `%` is pg_trgm's: similar by 0.3 or more, which one wrong letter in five does not get below.
_NEAR: Final = """
    SELECT typed.n, near.word
    FROM unnest(%s::text[]) WITH ORDINALITY AS typed (word, n)
    CROSS JOIN LATERAL (
        SELECT w.word FROM catalog_searchword w WHERE w.word %% typed.word
        ORDER BY similarity(w.word, typed.word) DESC, w.word LIMIT 40
    ) near"""


class Sought(NamedTuple):
    """Queries in the text form of tsquery. own: as typed, in the own name of a thing; exact: as
    typed, in all that it is found by; wide: also as it may have been meant."""

    name: str
    own: str
    exact: str
    wide: str
    short: bool


def sought(text: str) -> Sought | None:
    """None when there is no word in it. One query, none when all words are short."""
    typed = words(text[:MAX_TEXT])[:MAX_WORDS]
    if not typed:
        return None
    meant = _meant(typed)
    turned = words(" ".join(map(other_keyboard, text[:MAX_TEXT].split())))
    if len(turned) != len(typed):
        turned = typed
    wide = [
        f"({' | '.join([*map(_begins, dict.fromkeys((word, keys))), *_either(meant[at])])})"
        for at, (word, keys) in enumerate(zip(typed, turned, strict=True))
    ]
    return Sought(
        name=" ".join(typed),
        own=" & ".join(f"{_begins(word)}A" for word in typed),
        exact=" & ".join(map(_begins, typed)),
        wide=" & ".join(wide),
        short=max(map(len, typed)) <= SHORT,
    )


def _begins(word: str) -> str:
    return f"'{word}':*"


def _either(several: Iterable[str]) -> list[str]:
    return [f"'{word}'" for word in sorted(several)]


def _meant(typed: list[str]) -> list[set[str]]:
    """For each word what else it may be."""
    meant = [_swapped(word) if len(word) >= CAREFUL else set() for word in typed]
    for at, word in _near(typed):
        if distance(typed[at], word, _slips(typed[at])) <= _slips(typed[at]):
            meant[at].add(word)
    return [found - {word} for found, word in zip(meant, typed, strict=True)]


def _slips(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def _swapped(word: str) -> set[str]:
    """Two letters that are near each other in the wrong order: trigrams see nothing in common."""
    return {f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" for at in range(len(word) - 1)}


def _near(typed: list[str]) -> list[tuple[int, str]]:
    if max(map(len, typed)) < CAREFUL:
        return []
    asked = [word if len(word) >= CAREFUL else "" for word in typed]
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, [asked])
        return [(n - 1, word) for n, word in cursor.fetchall()]
