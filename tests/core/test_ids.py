from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122

import pytest

from core import ids


def test_a_uuid7_carries_the_time_and_the_version() -> None:
    before = time.time_ns() // 1_000_000
    made = ids.uuid7()
    assert made.version == 7
    assert made.variant == RFC_4122
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 5


def test_ids_made_one_after_another_sort_that_way() -> None:
    made = [ids.uuid7() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_ids_still_rise_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.uuid7()
    past = time.time_ns() - 3_600_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: past)
    assert ids.uuid7() > first


def test_threads_never_make_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.uuid7(), range(8_000)))
    assert len(set(made)) == 8_000


def test_random_numbers_fit_a_signed_bigint() -> None:
    made = {ids.random_u63() for _ in range(1000)}
    assert len(made) == 1000
    assert all(0 < number < 2**63 for number in made)
