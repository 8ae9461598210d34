"""The follower's process and the replay by hand."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core.ton import door
from core.ton.follower import Follower
from core.ton.models import ChainCursor, ChainTransaction
from core.ton.sources import QuorumReader
from tests.core.ton.conftest import SALE, Till
from tests.core.ton.scripted import HUB, Chain, Source
from tests.core.ton.toncenter_stub import Stub, served

pytestmark = pytest.mark.usefixtures("cursor")


def settle(chain: Chain) -> None:
    one = Follower(HUB, QuorumReader([Source(chain)], 1))
    one.read()
    one.handle_waiting()


def say(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


def test_parked_transactions_are_replayed_by_hand(till: Till, chain: Chain) -> None:
    chain.sales(2)
    till.unknown = {1, 2}
    settle(chain)
    assert say("chain_replay", "--account", HUB) == "0 moved on"
    till.unknown = {2}
    assert say("chain_replay", "--account", HUB) == "1 moved on"
    assert till.orders == [1]


def test_an_ignored_transaction_is_replayed_only_by_its_lt(till: Till, chain: Chain) -> None:
    handler = door._handlers.pop((SALE, False))
    lt = chain.sale(1).lt
    settle(chain)
    door._handlers[SALE, False] = handler
    assert say("chain_replay", "--account", HUB) == "0 moved on"
    assert say("chain_replay", "--account", HUB, "--lt", str(lt)) == "moved on"
    assert till.orders == [1]
    with pytest.raises(CommandError, match="stays handled"):
        say("chain_replay", "--account", HUB, "--lt", str(lt))
    with pytest.raises(CommandError, match="no such"):
        say("chain_replay", "--account", HUB, "--lt", "7")
    assert till.orders == [1]


def test_a_malformed_account_is_refused() -> None:
    with pytest.raises(CommandError, match="TON_HUB_ADDRESS"):
        say("follow", "--account", "nonsense")


def test_the_process_follows_and_ends_cleanly_on_sigterm(chain: Chain) -> None:
    chain.sales(3)
    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    with served(Stub(chain)) as stub:
        environ = {
            **os.environ,
            "DATABASE_URL": f"{base}/{settings.DATABASES['default']['NAME']}",
            "TON_ENDPOINTS": stub.url,
            "TON_HUB_ADDRESS": HUB,
        }
        environ.pop("DATABASE_OWNER_URL", None)
        process = subprocess.Popen([sys.executable, "manage.py", "follow"], env=environ)
        try:
            deadline = time.monotonic() + 30
            while ChainTransaction.objects.filter(state="ignored").count() < 3:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(20)
    assert code == 0
    assert ChainCursor.objects.get(pk=HUB).lt == chain.transactions[-1].lt
    reasons = set(ChainTransaction.objects.values_list("reason", flat=True))
    assert reasons == {"unknown op 0x00005a1e"}
