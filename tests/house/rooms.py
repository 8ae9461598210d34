"""The floors of the house, and who stands on which."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Lower numbers are lower floors; two rooms on one floor do not know each other.
FLOORS = {
    "core": 0,
    "contracts": 0,
    "accounts": 1,
    "notices": 2,
    "catalog": 3,
    "nft": 4,
    "referrals": 4,
    "payments": 5,
    "deploy": 6,
}
FOLDERS = {room: f"platform/{room}" for room in ("core", "accounts", "notices")}
PRODUCT = tuple(room for room in FLOORS if room != "deploy")


def sources(root: Path, *rooms: str) -> list[Path]:
    """The Python files of the named rooms, migrations left out."""
    return sorted(
        path
        for room in rooms
        for path in (root / FOLDERS.get(room, room)).rglob("*.py")
        if "migrations" not in path.parts
    )


def may_lean_on(upper: str, lower: str) -> bool:
    """True when `upper` may import from or have a foreign key to `lower`."""
    return upper == lower or FLOORS[lower] < FLOORS[upper]
