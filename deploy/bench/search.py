"""How fast half a million tracks are searched, as a ratio to reading one row by its primary key.

Over the data of `make bench-data` where it was built, else over a twentieth of it in a throw-away
world; each row's name says how many tracks there were. The same connection asks both.
"""

from collections.abc import Callable, Iterator
from typing import Any

from deploy.bench.large.world import HUB, built, large_world, make
from deploy.bench.told import told
from deploy.local.world import World

SMALL = 0.05


def rows(say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    known = built()
    if known is None:
        say(f"  `make bench-data` has not been run: a set at scale {SMALL:g} is made for now")
        world = World.temporary(say=say, LOG_LEVEL="ERROR", TON_HUB_ADDRESS=HUB)
    else:
        world = large_world(say)
    with world:
        if known is None:
            known = make(world, SMALL, say)
        else:
            world.start(["postgres"])
        world.start(["redis"])
        tracks = known["rows"]["catalog_track"]
        for row in told(world, "deploy.bench.search_asks"):
            row["name"] += f", {tracks:,} tracks"
            say(f"  {row['name']}: {row['value']} ms, {row['ratio']} reads by key")
            yield row
