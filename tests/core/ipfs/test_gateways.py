"""Fetching from gateways: what is taken, what is refused, who is asked, and who is left alone."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from core.ipfs.gateways import Fetcher, FetchFailed, Gateway, Limits
from core.ipfs.gateways.base import Outcome
from core.ipfs.gateways.choice import ranked
from core.ipfs.gateways.health import FAILURES, KEPT, PAUSE, Health, observed
from core.ipfs.gateways.shared import minutes_take
from tests.core.ipfs.gateway import nodes, want

FILE = random.Random(5).randbytes(600_000)  # three leaves
QUICK = Limits(
    connect=2.0, first_byte=1.5, attempt=3.0, total=6.0, hedge_least=0.02, hedge_unknown=0.05
)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    made = Fetcher(QUICK)
    yield made
    made.close()


@pytest.mark.parametrize("trustless", [True, False], ids=["blocks", "whole files"])
def test_every_leaf_comes_whole(fetcher: Fetcher, trustless: bool) -> None:
    with nodes("one", trustless=trustless) as [one]:
        layout = one.has(FILE)
        found = [fetcher.fetch(want(layout, n), [one.gateway]) for n in range(layout.count)]
        assert b"".join(found) == FILE
        single = one.has(b"short")  # a file that is its own leaf, and needs no range
        assert fetcher.fetch(want(single), [one.gateway]) == b"short"


@pytest.mark.parametrize(
    "behaviour",
    ["hang", "busy", "cut", "short", "page", "redirect", "missing", "long", "error", "compressed"],
)
@pytest.mark.parametrize("trustless", [True, False], ids=["blocks", "whole files"])
def test_what_is_no_answer_is_refused_and_the_next_one_asked(
    fetcher: Fetcher, behaviour: str, trustless: bool
) -> None:
    with nodes("bad", "good", trustless=trustless) as [bad, good]:
        layout = good.has(FILE)
        bad.has(FILE)
        bad.behaviour = behaviour
        good.tier = 1
        assert fetcher.fetch(want(layout, 1), [bad.gateway, good.gateway]) == FILE[262144:524288]
        assert len(bad.asked) == len(good.asked) == 1
        with pytest.raises(FetchFailed):
            fetcher.fetch(want(layout, 2), [bad.gateway])
        assert all(news.kind != "wrong" for news in fetcher.drain())


@pytest.mark.parametrize("trustless", [True, False], ids=["blocks", "whole files"])
def test_one_wrong_byte_is_news_and_the_liar_is_not_asked_again(
    fetcher: Fetcher, trustless: bool
) -> None:
    with nodes("liar", "good", trustless=trustless) as [liar, good]:
        layout = good.has(FILE)
        liar.has(FILE)
        liar.behaviour, good.tier = "flip", 1
        both = [liar.gateway, good.gateway]
        got = [fetcher.fetch(want(layout, n), both) for n in (0, 1, 2)]
        assert b"".join(got) == FILE
        assert len(liar.asked) == 1
        assert [(news.gateway, news.kind) for news in fetcher.drain()] == [("liar", "wrong")]
        fetcher.believe("liar")
        liar.behaviour = ""
        assert fetcher.fetch(want(layout, 0), [liar.gateway]) == FILE[:262144]


def test_a_pause_that_was_asked_for_is_kept(fetcher: Fetcher) -> None:
    with nodes("busy", "good") as [busy, good]:
        layout = good.has(FILE)
        busy.has(FILE)
        busy.behaviour, good.tier = "busy", 1
        for number in (0, 1, 2):
            fetcher.fetch(want(layout, number), [busy.gateway, good.gateway])
        assert len(busy.asked) == 1
        with pytest.raises(FetchFailed) as failed:
            fetcher.fetch(want(layout, 0), [busy.gateway])
        assert 25 < failed.value.retry_after <= 30
        assert len(busy.asked) == 1


def test_an_open_circuit_is_shared_and_one_request_tries_it_later(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ipfs.gateways.health.PAUSE", 0.4)
    with nodes("ill", "good") as [ill, good]:
        layout = good.has(FILE)
        ill.has(FILE)
        ill.behaviour, good.tier = "error", 1
        both = [ill.gateway, good.gateway]
        for _ in range(FAILURES + 3):
            fetcher.fetch(want(layout, 0), both)
        assert len(ill.asked) == FAILURES
        assert [news.kind for news in fetcher.drain()] == ["opened"]
        other = Fetcher(QUICK)  # another process
        other.fetch(want(layout, 1), both)
        assert len(ill.asked) == FAILURES
        other.close()
        time.sleep(0.45)
        ill.behaviour, ill.seconds = "slow", 0.5
        threads = [
            threading.Thread(target=lambda n=n: fetcher.fetch(want(layout, n), both))
            for n in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ill.asked) == FAILURES + 1  # half-open lets one through


def test_a_slow_first_byte_is_hedged_and_the_loser_cancelled(fetcher: Fetcher) -> None:
    with nodes("slow", "good") as [slow, good]:
        layout = good.has(FILE)
        slow.has(FILE)
        slow.behaviour, slow.seconds, good.tier = "slow", 0.55, 1
        started = time.monotonic()
        assert fetcher.fetch(want(layout, 0), [slow.gateway, good.gateway]) == FILE[:262144]
        assert time.monotonic() - started < slow.seconds
        time.sleep(0.1)  # the loser's thread is free long before its own limit
        assert fetcher._threads._work_queue.empty()
        assert fetcher.health.read(["slow"])["slow"].failures == 1


def test_second_requests_stay_within_their_budget(fetcher: Fetcher) -> None:
    with nodes("slow", "good") as [slow, good]:
        layout = good.has(FILE)
        slow.has(FILE)
        slow.behaviour, slow.seconds, good.tier = "slow", 0.12, 1
        for turn in range(20):
            fetcher.fetch(want(layout, turn % 3), [slow.gateway, good.gateway])
        firsts = len(slow.asked)
        assert firsts >= 15
        # The bucket starts with one; all twenty requests and the second ones fill it by a tenth.
        assert 1 <= len(good.asked) - (20 - firsts) <= 1 + 0.1 * 24


def test_many_who_want_one_block_make_one_request(fetcher: Fetcher) -> None:
    with nodes("one") as [one]:
        layout = one.has(FILE)
        one.behaviour, one.seconds = "slow", 0.2
        got: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: got.append(fetcher.fetch(want(layout), [one.gateway])))
            for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == [FILE[:262144]] * 12
        assert len(one.asked) == 1


def test_the_whole_takes_no_longer_than_its_limit(fetcher: Fetcher) -> None:
    with nodes("a", "b", "c", "d", "e") as all_of_them:
        for one in all_of_them:
            layout = one.has(FILE)
            one.behaviour = "hang"
        started = time.monotonic()
        with pytest.raises(FetchFailed):
            fetcher.fetch(want(layout), [one.gateway for one in all_of_them])
        assert time.monotonic() - started < QUICK.total + 0.3


def test_losing_redis_loses_only_speed(fetcher: Fetcher, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    with nodes("ill", "good") as [ill, good]:
        layout = good.has(FILE)
        ill.behaviour, good.tier = "error", 1
        for _ in range(FAILURES + 3):
            assert fetcher.fetch(want(layout, 0), [ill.gateway, good.gateway]) == FILE[:262144]
        assert len(ill.asked) == FAILURES  # each process still has a circuit of its own


def test_minutes_are_counted_and_taken_once(fetcher: Fetcher) -> None:
    with nodes("one") as [one]:
        layout = one.has(FILE)
        for number in range(3):
            fetcher.fetch(want(layout, number), [one.gateway])
        one.behaviour = "error"
        with pytest.raises(FetchFailed):
            fetcher.fetch(want(layout, 0), [one.gateway])
    fetcher.health.flush()
    later = int(time.time() // 60) + 1
    taken = list(minutes_take(["one"], before=later).values())
    assert sum(counts["requests"] for counts in taken) == 4
    assert sum(counts.get("failures", 0) for counts in taken) == 1
    assert sum(counts["bytes"] for counts in taken) == len(FILE)
    assert minutes_take(["one"], before=later) == {}


# --- what one more answer makes of a gateway ---------------------------------------------------


FRESH = Health()
AWAY: list[Outcome] = ["away"] * FAILURES
MISSING: list[Outcome] = ["missing"] * 50


def after(*answers: Outcome, now: float = 1000.0, health: Health = FRESH) -> Health:
    for answer in answers:
        health, _ = observed(health, answer, now=now, first_byte=0.1, retry_after=7)
    return health


def test_a_circuit_opens_for_longer_each_time_and_closes_with_one_answer() -> None:
    opened = after(*AWAY)
    assert opened.state(1000.0) == "open"
    assert opened.resting(1000.0) == PAUSE
    assert opened.state(1000.0 + PAUSE) == "half_open"
    longer, change = observed(opened, "slow", now=1000.0 + PAUSE)
    assert (longer.resting(1000.0 + PAUSE), change) == (2 * PAUSE, "")
    closed, change = observed(longer, "ok", now=2000.0, first_byte=0.1)
    assert (closed.state(2000.0), closed.failures, change) == ("closed", 0, "closed")
    assert after(*AWAY, now=2001.0, health=closed).resting(2001.0) == 4 * PAUSE


def test_not_having_something_is_no_failure() -> None:
    assert after(*MISSING) == Health()


def test_mostly_failing_opens_it_without_a_row_of_failures() -> None:
    mixed: list[Outcome] = ["away", "away", "away", "ok"] * 5
    assert after(*mixed).openings > 0


def test_p95_is_of_the_last_answers() -> None:
    health = Health()
    for number in range(KEPT * 2):
        health, _ = observed(health, "ok", now=1.0, first_byte=number / 1000)
    assert len(health.recent) == KEPT
    assert health.p95() == pytest.approx((KEPT * 2 - 4) / 1000)
    assert health.hedge_after(Limits(hedge_least=0.5)) == 0.5
    assert Health().hedge_after(Limits()) == Limits().hedge_unknown


def test_lower_tiers_come_first_and_better_ones_more_often() -> None:
    fast, slow = Gateway("fast", "http://a"), Gateway("slow", "http://b")
    last = Gateway("last", "http://c", tier=1)
    healths = {
        "fast": Health(first_byte=0.02, seen=9),
        "slow": Health(first_byte=0.4, seen=9),
        "last": Health(first_byte=0.01, seen=9),
    }
    draw = random.Random(1).random
    orders = [ranked([last, slow, fast], healths, now=0, draw=draw) for _ in range(400)]
    assert all(order[2] == last for order in orders)
    firsts = sum(order[0] == fast for order in orders)
    assert 350 < firsts < 400  # the slow one is still tried now and then
