"""A follower in a process of its own that kills itself (-9) at the given boundary.

python -m tests.core.ton.victim URL BOUNDARY STOP_AT: BOUNDARY 0 never kills; it ends when the
cursor is at lt STOP_AT (0: follows until SIGTERM).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import django

import deploy  # noqa: F401  puts platform/ on sys.path

django.setup()

from django.db import connection  # noqa: E402
from django.db.models import F  # noqa: E402

from core.ton.follower import HANDLED, Follower, Inbound, Verdict, on_message  # noqa: E402
from core.ton.models import ChainCursor  # noqa: E402
from core.ton.sources import QuorumReader  # noqa: E402
from core.ton.toncenter import Toncenter  # noqa: E402
from tests.core.ton.scripted import HUB  # noqa: E402


@on_message(0x5A1E)
def sale(message: Inbound) -> Verdict:
    order = message.body.load_uint(64)
    ChainCursor.objects.filter(pk="total").update(lt=F("lt") + 1)
    ChainCursor.objects.create(pk=f"order:{order}", lt=message.lt, mc_seqno=os.getpid())
    return HANDLED


class Killer:
    def __init__(self, boundary: int) -> None:
        self.left = boundary
        self.lock = threading.Lock()

    def __call__(self, point: str) -> None:
        with self.lock:
            self.left -= 1
            if self.left == 0:
                print(point, flush=True)
                os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, boundary: int, stop_at: int) -> None:
    follower = Follower(HUB, QuorumReader([Toncenter(url)], 1), 0.02, Killer(boundary))
    signal.signal(signal.SIGTERM, lambda *_: follower.stop())
    if stop_at:
        threading.Thread(target=watch, args=(follower, stop_at), daemon=True).start()
    follower.run()


def watch(follower: Follower, stop_at: int) -> None:
    while not ChainCursor.objects.filter(pk=HUB, lt__gte=stop_at).exists():
        time.sleep(0.02)
    connection.close()
    follower.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
