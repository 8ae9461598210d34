"""The follower handles every transaction of the hub, in order, exactly once."""

from __future__ import annotations

import threading
import time

import pytest
from django.conf import LazySettings
from django.db import connection
from pytoniq_core.boc.builder import Builder

from core.ton import door, handling, metrics
from core.ton import follower as module
from core.ton.client import ChainUnavailable, SourceFault
from core.ton.follower import Follower, Inbound, Verdict, readiness, replay_parked
from core.ton.models import ChainCursor, ChainTransaction
from core.ton.sources import QuorumReader
from tests.core.ton.conftest import Till
from tests.core.ton.scripted import COLLECTION, HUB, Chain, Source, body_of, external, internal

State = ChainTransaction.State
pytestmark = pytest.mark.usefixtures("cursor")


def follow(*sources: Source, need: int = 1) -> Follower:
    return Follower(HUB, QuorumReader(sources, need), poll=0.01)


def settle(one: Follower) -> None:
    while one.read():
        pass
    one.handle_waiting()


def run_and_close(one: Follower) -> None:
    one.run()
    connection.close()


def states() -> list[str]:
    return list(ChainTransaction.objects.order_by("lt").values_list("state", flat=True))


def reasons() -> list[str]:
    return list(ChainTransaction.objects.order_by("lt").values_list("reason", flat=True))


def at() -> tuple[int, str]:
    cursor = ChainCursor.objects.get(pk=HUB)
    return cursor.lt, cursor.hash


def errors(source: str, kind: str) -> float:
    return float(metrics.SOURCE_ERRORS.labels(source, kind)._value.get())


def test_handles_in_order_and_moves_the_cursor_with_the_effect(till: Till, chain: Chain) -> None:
    chain.sales(5)
    settle(follow(Source(chain)))
    assert till.orders == [1, 2, 3, 4, 5]
    assert at() == (chain.transactions[-1].lt, chain.transactions[-1].hash.hex())
    assert states() == [State.HANDLED] * 5


def test_what_is_stored_is_the_chains_own_bytes(till: Till, chain: Chain) -> None:
    sale = chain.sale(7)
    settle(follow(Source(chain)))
    row = ChainTransaction.objects.get()
    assert bytes(row.boc) == sale.boc
    assert (row.hash, row.prev_lt, row.utime) == (sale.hash.hex(), 0, sale.utime)
    message = till.seen[0]
    assert (message.source, message.value, message.op) == (COLLECTION, 10**9, 0x5A1E)
    assert message.success
    assert not message.bounced


def test_a_long_backlog_is_paged_back_until_it_joins(till: Till, chain: Chain) -> None:
    chain.sales(250)
    source = Source(chain)
    settle(follow(source))
    assert till.orders == list(range(1, 251))
    assert source.pages <= 5


def test_more_than_one_reading_is_taken_from_the_oldest(
    till: Till, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_LIMIT", 20)
    chain.sales(50)
    one = follow(Source(chain))
    assert [one.read(), one.read(), one.read(), one.read()] == [20, 20, 10, 0]
    one.handle_waiting()
    assert till.orders == list(range(1, 51))


def test_a_hole_in_a_page_is_asked_for_again(till: Till, chain: Chain) -> None:
    chain.sales(10)
    source = Source(chain)
    source.holes = {chain.transactions[4].lt}
    settle(follow(source))
    assert till.orders == list(range(1, 11))


def test_a_lasting_hole_stops_the_reader_and_nothing_is_skipped(till: Till, chain: Chain) -> None:
    chain.sales(3)
    gone = chain.transactions.pop(1)
    source = Source(chain, "holey")
    before = errors("holey", "gap")
    with pytest.raises(SourceFault, match="gap"):
        follow(source).read()
    assert ChainTransaction.objects.count() == 0
    assert errors("holey", "gap") == before + 1
    chain.transactions.insert(1, gone)
    settle(follow(source))
    assert till.orders == [1, 2, 3]


def test_a_chain_that_denies_our_past_is_a_fork_and_not_followed(till: Till, chain: Chain) -> None:
    chain.sales(3)
    settle(follow(Source(chain)))
    other = chain.fork(1)
    for order in (90, 91, 92):
        other.sale(order)
    one = follow(Source(other))
    with pytest.raises(SourceFault, match="fork"):
        one.read()
    assert till.orders == [1, 2, 3]


def test_a_lagging_source_is_refused_and_the_next_one_asked(till: Till, chain: Chain) -> None:
    chain.sales(2)
    fresh, stale = Source(chain, "fresh"), Source(chain, "stale")
    stale.behind, stale.hidden = 600, 1
    before = errors("stale", "lagging")
    one = follow(fresh, stale, need=1)
    one.read()
    one._reader._sources = [stale, fresh]
    chain.sale(3)
    settle(one)
    assert till.orders == [1, 2, 3]
    assert errors("stale", "lagging") > before


def test_a_dead_source_is_refused_and_the_next_one_asked(till: Till, chain: Chain) -> None:
    chain.sales(2)
    dead = Source(chain)
    dead.down = True
    settle(follow(dead, Source(chain)))
    assert till.orders == [1, 2]


def test_a_transaction_of_another_account_is_refused(till: Till, chain: Chain) -> None:
    chain.sales(1)
    wrong = Source(Chain("0:" + "22" * 32), "elsewhere")
    settle(follow(wrong, Source(chain)))
    assert till.orders == [1]


def test_money_waits_until_two_sources_agree(till: Till, chain: Chain) -> None:
    chain.sales(3)
    quick, slow = Source(chain), Source(chain)
    slow.hidden = 1
    one = follow(quick, slow, need=2)
    settle(one)
    assert till.orders == [1, 2]
    slow.hidden = 0
    settle(one)
    assert till.orders == [1, 2, 3]


def test_a_lying_source_is_outvoted_counted_and_the_truth_followed(
    till: Till, chain: Chain
) -> None:
    chain.sales(2)
    lie = chain.fork(2)
    lie.sale(666)
    chain.sale(3)
    before = errors("liar", "disagreement")
    settle(follow(Source(lie, "liar"), Source(chain, "a"), Source(chain, "b"), need=2))
    assert till.orders == [1, 2, 3]
    assert errors("liar", "disagreement") == before + 1


def test_two_sources_that_contradict_each_other_prove_nothing(till: Till, chain: Chain) -> None:
    chain.sales(1)
    lie = chain.fork(1)
    lie.sale(666)
    chain.sale(2)
    one = follow(Source(lie), Source(chain), need=2)
    settle(one)
    assert till.orders == [1]
    assert ChainTransaction.objects.count() == 1
    assert one._read_to is None


def test_one_source_of_two_is_not_enough_for_money(till: Till, chain: Chain) -> None:
    chain.sales(1)
    dead = Source(chain)
    dead.down = True
    with pytest.raises(ChainUnavailable):
        follow(dead, Source(chain), need=2).read()
    assert till.orders == []
    assert ChainTransaction.objects.count() == 0


def test_an_unknown_op_is_ignored_with_its_reason(till: Till, chain: Chain) -> None:
    chain.add(internal(body_of(0xDEADBEEF)))
    chain.add(internal(Builder().end_cell()))
    chain.add(internal(Builder().store_uint(1, 8).end_cell()))
    chain.add(external(body_of(1)))
    chain.add(None)
    chain.sale(6)
    settle(follow(Source(chain)))
    assert states() == [State.IGNORED] * 5 + [State.HANDLED]
    assert reasons()[:5] == [
        "unknown op 0xdeadbeef",
        "no op code",
        "no op code",
        "no internal message",
        "no internal message",
    ]
    assert till.orders == [6]


def test_a_malformed_body_is_ignored_and_leaves_no_effect(till: Till, chain: Chain) -> None:
    chain.add(internal(body_of(0x5A1E, (1, 8))))
    chain.sale(2)
    settle(follow(Source(chain)))
    assert states() == [State.IGNORED, State.HANDLED]
    assert reasons()[0].startswith("malformed: a sale has")
    assert till.orders == [2]


def test_a_failed_transaction_reaches_no_handler(till: Till, chain: Chain) -> None:
    chain.sale(1, exit_code=401)
    settle(follow(Source(chain)))
    assert reasons() == ["failed: exit 401, action None"]
    assert till.seen == []


def test_a_bounced_message_reaches_only_the_handler_of_bounces(till: Till, chain: Chain) -> None:
    body = Builder().store_uint(0xFFFFFFFF, 32).store_uint(0x5A1E, 32).store_uint(1, 64)
    chain.add(internal(body.end_cell(), bounced=True))
    settle(follow(Source(chain)))
    assert reasons() == ["unknown op 0x00005a1e bounced"]
    assert till.seen == []


def test_a_handler_that_raises_rolls_back_and_is_tried_again(till: Till, chain: Chain) -> None:
    chain.sales(3)
    till.fails = 2
    one = follow(Source(chain))
    one.read()
    one.handle_waiting()
    row = ChainTransaction.objects.order_by("lt").first()
    assert row is not None
    assert (row.state, row.attempts) == (State.RECEIVED, 1)
    assert "RuntimeError" in row.reason
    assert till.orders == []
    assert at()[0] == 0
    one.handle_waiting()
    one.handle_waiting()
    assert till.orders == [1, 2, 3]


def test_a_handler_that_keeps_failing_raises_the_alarm_and_is_not_skipped(
    till: Till, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BACKOFF", 0.0)
    chain.sales(2)
    till.fails = 99
    one = follow(Source(chain))
    one.read()
    for _ in range(module.STUCK_AFTER):
        one.handle_waiting()
    assert metrics.STUCK.labels(HUB)._value.get() == 1
    assert states() == [State.RECEIVED, State.RECEIVED]
    till.fails = 0
    one.handle_waiting()
    assert till.orders == [1, 2]
    assert metrics.STUCK.labels(HUB)._value.get() == 0


def test_a_parked_message_is_replayed_when_it_can_be_judged(till: Till, chain: Chain) -> None:
    chain.sales(2)
    till.unknown = {1}
    settle(follow(Source(chain)))
    assert states() == [State.PARKED, State.HANDLED]
    assert till.orders == [2]
    assert replay_parked(HUB) == 0
    till.unknown = set()
    assert replay_parked(HUB) == 1
    assert replay_parked() == 0
    assert till.orders == [1, 2]


def test_a_replay_that_fails_stays_parked(till: Till, chain: Chain) -> None:
    chain.sale(1)
    till.unknown = {1}
    settle(follow(Source(chain)))
    till.unknown, till.fails = set(), 1
    assert replay_parked(HUB) == 0
    assert (states(), till.orders) == ([State.PARKED], [])
    assert replay_parked(HUB) == 1
    assert till.orders == [1]


def test_stored_transactions_that_do_not_join_the_cursor_are_not_handled(
    till: Till, chain: Chain
) -> None:
    chain.sales(3)
    one = follow(Source(chain))
    one.read()
    ChainTransaction.objects.order_by("lt")[0].delete()
    with pytest.raises(SourceFault, match="link"):
        handling.handle_next(HUB)
    one.handle_waiting()
    assert metrics.STUCK.labels(HUB)._value.get() == 1
    assert till.orders == []


def test_the_loop_follows_a_growing_chain_and_says_that_it_is_current(
    till: Till, chain: Chain, settings: LazySettings
) -> None:
    settings.TON_HUB_ADDRESS = HUB
    one = follow(Source(chain))
    thread = threading.Thread(target=run_and_close, args=[one])
    thread.start()
    try:
        for order in range(1, 6):
            began = time.monotonic()
            chain.sale(order)
            while till.orders != list(range(1, order + 1)):
                assert time.monotonic() - began < 3
                time.sleep(0.02)
            assert time.monotonic() - began < 1
        deadline = time.monotonic() + 5
        while readiness() is not None:
            assert time.monotonic() < deadline, readiness()
            time.sleep(0.05)
    finally:
        one.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_the_reader_stores_ahead_while_a_handler_is_busy(
    till: Till, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, go_on = threading.Event(), threading.Event()
    sale = till.sale

    def slow(message: Inbound) -> Verdict:
        busy.set()
        assert go_on.wait(20)
        return sale(message)

    monkeypatch.setitem(door._handlers, (0x5A1E, False), slow)
    chain.sales(2)
    one = follow(Source(chain))
    thread = threading.Thread(target=run_and_close, args=[one])
    thread.start()
    try:
        assert busy.wait(5)
        chain.sales(30)
        deadline = time.monotonic() + 9
        while ChainTransaction.objects.count() < 32:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert till.orders == []
        go_on.set()
        while len(till.orders) < 32:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        go_on.set()
        one.stop()
        thread.join(10)
    assert till.orders == list(range(1, 33))


def test_a_busy_minute_is_read_and_handled_in_seconds(till: Till, chain: Chain) -> None:
    chain.sales(400)
    began = time.monotonic()
    settle(follow(Source(chain)))
    assert len(till.orders) == 400
    assert time.monotonic() - began < 30  # 2 to 4 on a quiet machine


def test_readiness_names_what_is_wrong(settings: LazySettings, chain: Chain) -> None:
    settings.TON_HUB_ADDRESS = HUB
    assert readiness() == "the follower has not run yet"
    one = follow(Source(chain))
    one.read()
    assert readiness() == "the follower has not caught up yet"
    one.handle_waiting()
    assert readiness() is None
