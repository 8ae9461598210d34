"""Text as it is compared: lower case, no accents, Cyrillic read in Latin letters.

Our own and the same on every machine: no locale of a database or an environment takes part.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_READINGS: Final = "ё=e ж=zh х=kh ц=ts ч=ch ш=sh щ=shch ъ= ь= ю=yu я=ya і=i ї=yi є=ye"
_CYRILLIC: Final = dict(
    zip("абвгдезийклмнопрстуфыэґў", "abvgdeziyklmnoprstufyegu", strict=True)
) | dict(reading.split("=") for reading in _READINGS.split())
# Letters that Unicode does not take apart.
_LATIN: Final = dict(zip("øłđðıħŧ", "oldditt", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"}
_LETTERS: Final = str.maketrans(_CYRILLIC | _LATIN)
_SILENT: Final = str.maketrans("", "", "'’ʼ`´")
_WORD: Final = re.compile(r"[^\W_]+")
MAX_WORD: Final = 40
# What lies on the same key: somebody who forgot to switch the keyboard types "ghbdtn" for "привет".
_KEYS: Final = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё"
_OTHER_KEYS: Final = str.maketrans(_KEYS[0] + _KEYS[1], _KEYS[1] + _KEYS[0])


def latin(text: str) -> str:
    """Lower case, with Cyrillic letters read in Latin ones."""
    return unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)


def words(text: str) -> list[str]:
    """The folded words of a text, in order: "Ёлка & Søn" is elka, son."""
    plain = unicodedata.normalize("NFKD", latin(text.translate(_SILENT)))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return [word[:MAX_WORD] for word in _WORD.findall(bare.casefold())]


def fold(text: str) -> str:
    """Those words with single spaces: what two spellings of one name have in common."""
    return " ".join(words(text))


def joined(text: str) -> list[str]:
    """What is written in parts, in one: lo-fi is lofi as well."""
    parts = [words(part) for part in text.split()]
    return ["".join(several)[:MAX_WORD] for several in parts if len(several) > 1]


def other_keyboard(text: str) -> str:
    """The same keys pressed with the other of the two layouts, English and Russian."""
    return text.lower().translate(_OTHER_KEYS)


def distance(one: str, other: str, most: int) -> int:
    """Letters to change, add, drop or swap with their neighbour; `most` + 1 when it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        last, row, older = row, [at], before
        for to, there in enumerate(other, start=1):
            cost = min(last[to] + 1, row[to - 1] + 1, last[to - 1] + (letter != there))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == there:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before = last
    return row[-1]
