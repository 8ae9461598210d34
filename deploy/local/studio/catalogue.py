"""Who plays what in the demo catalogue: invented artists, their releases, and how these sell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Piece:
    """One piece of music: what the studio plays. key: MIDI number."""

    title: str
    style: str
    seed: int
    key: int


@dataclass(frozen=True)
class Drop:
    """Terms of the sale. price: hundredths of a coin. Times: seconds from the seeding.

    supply 0: open until the end. sold: editions that demo collectors buy on chain.
    """

    price: int
    supply: int
    sold: int = 0
    starts: int = -86_400
    ends: int | None = None
    royalty_bps: int = 500
    max_per_buy: int = 10


@dataclass(frozen=True)
class Album:
    title: str
    genre: str
    description: str
    cover: str
    pieces: tuple[Piece, ...]
    drop: Drop | None = None


@dataclass(frozen=True)
class Act:
    """An artist. owner: a development login, or a Telegram id of somebody made up."""

    name: str
    owner: str
    bio: str
    albums: tuple[Album, ...]
    verified: bool = True
    links: tuple[tuple[str, str], ...] = ()


HOUR: Final = 3600
DAY: Final = 24 * HOUR

NORDLYS: Final = Act(
    "Nordlys",
    "artist",
    "Ada Holm records harbours, radiators and the hum of old ferries, then plays along very "
    "slowly. Lives in Tromsø, works at night.",
    (
        Album(
            "Harbour Lights",
            "Ambient",
            "Two pieces for the last ferry, recorded on the quay on tape, with cold hands.",
            "harbour",
            (
                Piece("First Crossing", "ambient", 11, 50),
                Piece("Deck Two, Asleep", "piano", 12, 57),
            ),
            Drop(250, 100, sold=7, starts=-9 * DAY),
        ),
        Album(
            "Slow Weather",
            "Ambient",
            "A front moves in from the west. Nothing else happens, and it takes its time.",
            "weather",
            (Piece("Slow Weather", "ambient", 13, 53),),
            Drop(120, 0, sold=5, starts=-2 * DAY, ends=5 * DAY),
        ),
        Album(
            "Quiet Hour",
            "Piano",
            "One microphone, one piano, one Sunday. Mastered and waiting for its drop.",
            "quiet",
            (Piece("Quiet Hour", "piano", 14, 55),),
        ),
    ),
    links=(("Site", "https://nordlys.example"),),
)
GOLDFINCH: Final = Act(
    "Ночной Щегол",
    "700104",
    "Биты для кухонь, электричек и тех, кто не спит. Всё сведено на наушниках, в два часа ночи.",
    (
        Album(
            "Кухня в три часа",
            "Lo-fi",
            "Чайник, окно во двор и электропиано с одной западающей клавишей.",
            "kitchen",
            (Piece("Чайник", "lofi", 21, 60), Piece("Окно во двор", "lofi", 22, 58)),
            Drop(80, 250, sold=31, starts=-6 * DAY),
        ),
        Album(
            "Первый снег",
            "Lo-fi",
            "Записано в ночь на второе ноября, пока город переставал шуметь.",
            "first_snow",
            (Piece("Первый снег", "lofi", 23, 62),),
            Drop(150, 24, sold=21, starts=-4 * DAY),
        ),
    ),
)
VANTA: Final = Act(
    "Vanta Drive",
    "700105",
    "Two synthesisers and a borrowed car. Music for roads that end at the sea.",
    (
        Album(
            "Coastal Redline",
            "Synthwave",
            "Kilometre 0 to kilometre 214, windows down, the sun refusing to set.",
            "redline",
            (
                Piece("Coastal Redline", "synthwave", 31, 57),
                Piece("Kilometre 214", "synthwave", 32, 55),
            ),
            Drop(300, 150, sold=18, starts=-12 * DAY, royalty_bps=750),
        ),
        Album(
            "Neon Parallax",
            "Synthwave",
            "The next one. Opens when the clock says so; the first hundred hear it first.",
            "parallax",
            (Piece("Neon Parallax", "synthwave", 33, 60),),
            Drop(350, 100, starts=2 * DAY + 5 * HOUR, royalty_bps=750),
        ),
    ),
    links=(("Radio", "https://vanta-drive.example/radio"),),
)
KONTUR: Final = Act(
    "KONTUR",
    "700106",
    "Techno from a former printing hall. One take, one drum machine, no edits after the fact.",
    (
        Album(
            "Halle 7",
            "Techno",
            "Recorded at the closing night, from the desk. The walls are part of the mix.",
            "hall",
            (Piece("Halle 7", "techno", 41, 57),),
            Drop(500, 12, sold=12, starts=-20 * DAY, royalty_bps=1000),
        ),
        Album(
            "Pressure Study",
            "Techno",
            "One line, played until it opens.",
            "pressure",
            (Piece("Pressure Study", "techno", 42, 55),),
            Drop(200, 300, sold=9, starts=-1 * DAY),
        ),
    ),
)
OZERSKAYA: Final = Act(
    "Мария Озерская",
    "700107",
    "Пианистка из Выборга. Играет медленно, записывает в пустых домах культуры.",
    (
        Album(
            "Письма из Выборга",
            "Piano",
            "Семь писем без адреса. Это первое.",
            "letters",
            (Piece("Письмо первое", "piano", 51, 60),),
            Drop(400, 50, sold=13, starts=-3 * DAY, royalty_bps=800),
        ),
    ),
    verified=False,
)
ASHDOWN: Final = Act(
    "Tom Ashdown",
    "700108",
    "Fingerstyle guitar from the edge of the Peak District. Sparrows by arrangement.",
    (
        Album(
            "Hollow Lanes",
            "Folk",
            "Written walking, kept because it would not leave.",
            "lanes",
            (Piece("Hollow Lanes", "plucks", 61, 55), Piece("Gate, Gate, Stile", "plucks", 62, 57)),
            Drop(100, 200, sold=16, starts=-5 * DAY),
        ),
        Album(
            "Sparrow Road",
            "Folk",
            "A farewell edition, open for a short while and then gone.",
            "sparrow",
            (Piece("Sparrow Road", "plucks", 63, 52),),
            Drop(50, 0, sold=8, starts=-30 * DAY, ends=150),
        ),
    ),
)
ACTS: Final = (NORDLYS, GOLDFINCH, VANTA, KONTUR, OZERSKAYA, ASHDOWN)
