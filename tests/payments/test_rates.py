"""Rates come from several sources that have to agree; else nothing is quoted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from deploy.local.sandbox.rates import RatesSandbox
from payments.models import Rate
from payments.services import pricing
from payments.services.rates import rates_fetch
from payments.tasks import BEAT

pytestmark = pytest.mark.django_db
CENT = 10**6


@pytest.fixture
def sources(settings: Settings) -> Iterator[tuple[RatesSandbox, RatesSandbox]]:
    with RatesSandbox() as first, RatesSandbox() as second:
        settings.RATES_FIXED = {}
        settings.RATE_SOURCES = {
            "coingecko": f"{first.url}/api/v3", "tonapi": f"{second.url}/v2",
        }  # fmt: skip
        yield first, second


def quoted(asset: str = "USD", now: Any = None) -> int | None:
    found = pricing.rate_fresh(asset, now or timezone.now())
    return None if found is None else found.micros


def test_the_middle_of_what_agreeing_sources_say_is_quoted(
    sources: tuple[RatesSandbox, RatesSandbox],
) -> None:
    sources[0].act_set(usd=3.00)
    sources[1].act_set(usd=3.02)
    rates_fetch()
    assert quoted("USD") == 301 * CENT
    assert quoted("RUB") == 27_000 * CENT
    assert quoted("USDT") == 301 * CENT * 10_000  # millionths of a USDT's minor unit
    assert quoted("XTR") == 301 * CENT * 10_000 // 13_000
    assert set(Rate.objects.values_list("source", flat=True)) == {"coingecko+tonapi"}


def test_contradicting_sources_stop_quoting_at_once_and_that_asset_alone(
    sources: tuple[RatesSandbox, RatesSandbox],
) -> None:
    rates_fetch()
    assert quoted("RUB") == 27_000 * CENT
    sources[1].act_set(rub=300)
    rates_fetch()
    assert quoted("RUB") is None
    assert quoted("USD") == 300 * CENT
    sources[0].act_set(rub=300)
    rates_fetch()
    assert quoted("RUB") == 30_000 * CENT


def test_a_stale_rate_stops_quoting(
    sources: tuple[RatesSandbox, RatesSandbox], settings: Settings
) -> None:
    rates_fetch()
    soon = timezone.now() + settings.RATE_MAX_AGE - timedelta(seconds=30)
    assert quoted("USD", soon) == 300 * CENT
    assert quoted("USD", soon + timedelta(minutes=1)) is None


def test_a_source_that_repeats_old_prices_is_left_out(
    sources: tuple[RatesSandbox, RatesSandbox],
) -> None:
    sources[0].act_set(usd=9)
    sources[0].age = 3_600
    rates_fetch()
    assert quoted("USD") == 300 * CENT
    assert {one.source for one in Rate.objects.all()} == {"tonapi"}


@pytest.mark.parametrize("price", [0, -3, "3.0", None, True])
def test_what_is_no_price_is_left_out(
    sources: tuple[RatesSandbox, RatesSandbox], price: Any
) -> None:
    sources[0].act_set(usd=price)
    sources[1].act_set(usd=price)
    assert rates_fetch() == []
    assert quoted("USD") is None


@pytest.mark.parametrize(("quorum", "rate"), [(1, 300 * CENT), (2, None)])
def test_with_too_few_that_answer_nothing_is_stored(
    sources: tuple[RatesSandbox, RatesSandbox],
    settings: Settings,
    quorum: int,
    rate: int | None,
) -> None:
    settings.RATE_QUORUM = quorum
    sources[0].faults.unavailable = 9
    rates_fetch()
    assert quoted("USD") == rate


def test_an_unknown_form_of_a_source_stops_nobody(
    sources: tuple[RatesSandbox, RatesSandbox], settings: Settings
) -> None:
    settings.RATE_SOURCES = {"bank": "http://127.0.0.1:1", **settings.RATE_SOURCES}
    rates_fetch()
    assert quoted("USD") == 300 * CENT


def test_what_the_operator_has_set_goes_before_all(
    sources: tuple[RatesSandbox, RatesSandbox], settings: Settings
) -> None:
    rates_fetch()
    settings.RATES_FIXED = {"USD": "5.00"}
    assert quoted("USD") == 500 * CENT


def test_the_beat_asks_every_minute(sources: tuple[RatesSandbox, RatesSandbox]) -> None:
    assert BEAT["payments-rates-fetch"] == {"task": "payments.rates_fetch", "schedule": 60.0}
