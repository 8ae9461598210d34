"""`make bench-data`: the large data set, in a database of its own that stays for `make bench`.

SCALE=0.1 makes a tenth of it. The same scale again changes nothing; FRESH=1 builds it anew.
"""

import os
import sys

from deploy.bench.large.world import built, large_world, make, wipe
from deploy.local.process import CannotStart


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """0 when it is there; 1 with one line when it cannot be made."""
    try:
        scale = float(os.environ.get("SCALE") or 1)
        if not 0 < scale <= 10:
            raise ValueError
    except ValueError:
        print("SCALE is a number above 0, at most 10", file=sys.stderr)
        return 1
    known = built()
    if known and known["scale"] == scale and not os.environ.get("FRESH"):
        say(f"it is there: {known['rows']['catalog_track']:,} tracks, built at scale {scale:g}")
        return 0
    try:
        wipe()
        with large_world(say) as world:
            make(world, scale, say)
    except CannotStart as problem:
        print(f"cannot build: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
