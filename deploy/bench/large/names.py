"""Names that nobody has: words of four to nine letters out of syllables, in two alphabets.

Some words come often and most of them rarely, as in real titles, so that an index is asked for
both. The same seed always gives the same names.
"""

from random import Random

# ruff: noqa: SIM905  syllables are read more easily in one text
LATIN = (
    "ba be bo da de do fa fe go ha ho ja ka ke ki la le li lo lu ma me mi mo na ne ni no pa pe "
    "ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we za ze zo sha tra sto bri"
).split()
CYRILLIC = (
    "ба бе во га да де до жа за зи ка ке ки ла ле ли ло лу ма ме ми мо на не ни но па пе по ра "
    "ре ри ро са се си со та те ти то ту ха хо ца ча ше щу эра юля яро"
).split()
ENDINGS = " n r s l m k".split(" ")
GENRES = (
    "Ambient", "Techno", "House", "Lo-fi", "Synthwave", "Jazz", "Folk", "Rock", "Indie",
    "Hip-Hop", "Drum & Bass", "Classical", "Dub", "Electro", "Post-Punk", "Шансон",
)  # fmt: skip
WORDS = 40_000  # different ones
RARE = WORDS // 20  # the place of "Привет"


def vocabulary() -> list[str]:
    """All words, the most frequent first."""
    random = Random(2026)
    made: dict[str, None] = {}
    while len(made) < WORDS:
        cyrillic = len(made) % 4 == 3
        syllables = random.choices(CYRILLIC if cyrillic else LATIN, k=2 + random.getrandbits(1))
        ending = "" if cyrillic else ENDINGS[random.getrandbits(3) % len(ENDINGS)]
        made[("".join(syllables) + ending).title()] = None
    words = list(made)
    words[RARE] = "Привет"
    return words


class Names:
    """Titles of two or three words."""

    def __init__(self) -> None:
        self.words = vocabulary()
        self.random = Random(7)

    def title(self) -> str:
        random = self.random.random
        # The cube of an even number in 0..1 lies near 0 most of the time.
        words = [self.words[int(random() ** 3 * WORDS)] for _ in range(2 + (random() < 0.4))]
        return " ".join(words)
