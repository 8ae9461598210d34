"""One gateway of the local IPFS network in a process of its own: prints its address, ends with us.

python -m deploy.bench.media_gateway FOLDER [SECONDS]: with so many seconds before every answer.
"""

import json
import sys
from pathlib import Path

from core.ipfs.cid import Cid
from core.ipfs.dag import Layout
from deploy.local.ipfs.blocks import Blocks
from deploy.local.ipfs.gateway import GatewayFace


def layout_of(folder: str, root: Cid) -> Layout:
    blocks = Blocks(Path(folder))
    try:
        return blocks.layout(root)
    finally:
        blocks.close()


def main() -> None:
    folder, seconds = Path(sys.argv[1]), float((*sys.argv, "0")[2])
    with GatewayFace(Blocks(folder)) as face:
        if seconds:
            face.faults.slow, face.faults.slow_seconds = True, seconds
        print(json.dumps(face.url), flush=True)
        sys.stdin.read()  # until whoever started it is gone


if __name__ == "__main__":
    main()
