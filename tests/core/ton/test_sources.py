"""Which source answers, and what the settings may say."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from core.ton import checks, history, liteserver, metrics, sources
from core.ton.client import ChainRefused, ChainUnavailable
from core.ton.sources import Failover, QuorumReader
from core.ton.toncenter import Toncenter
from tests.core.ton.scripted import COIN, HUB, Chain, Source
from tests.core.ton.toncenter_stub import Stub, served


def dead(chain: Chain) -> Source:
    made = Source(chain, "dead")
    made.down = True
    return made


def test_the_next_source_answers_for_a_dead_one(chain: Chain) -> None:
    chain.sales(2)
    source = Source(chain)
    source.answer = [5]
    both = Failover([dead(chain), source])
    before = metrics.SOURCE_ERRORS.labels("dead", "ChainUnavailable")._value.get()
    assert both.head().seqno == chain.seqno
    assert both.run_get(HUB, "seqno") == [5]
    assert both.account(HUB).balance == COIN
    assert both.transactions_since(HUB, 0) == chain.transactions
    assert both.send(b"x" * 40) == b"x" * 32
    assert metrics.SOURCE_ERRORS.labels("dead", "ChainUnavailable")._value.get() == before + 4


def test_with_every_source_dead_the_chain_is_unavailable(chain: Chain) -> None:
    with pytest.raises(ChainUnavailable):
        Failover([dead(chain), dead(chain)]).head()


def test_only_a_refusal_of_all_is_final(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_boc: bytes) -> bytes:
        raise ChainRefused("not accepted")

    refusing = Source(chain)
    monkeypatch.setattr(refusing, "send", refuse)
    assert Failover([refusing, Source(chain)]).send(b"x" * 32) == b"x" * 32
    with pytest.raises(ChainRefused):
        Failover([refusing]).send(b"x" * 32)
    with pytest.raises(ChainUnavailable):
        Failover([refusing, dead(chain)]).send(b"x" * 32)


def test_a_head_in_the_future_is_not_believed(chain: Chain) -> None:
    chain.sales(1)
    dreaming = Source(chain, "dreaming")
    dreaming.behind = -3600
    with pytest.raises(ChainUnavailable, match="future"):
        QuorumReader([dreaming], 1).since(HUB, 0, bytes(32))


def test_past_transactions_are_agreed_too(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(time.time())
    for age in (400, 300, 200, 100):
        chain.sale(age, utime=now - age)
    blind = Source(chain)
    blind.hidden = 1
    monkeypatch.setattr(sources, "quorum", lambda: QuorumReader([Source(chain), blind], 2))
    found = history.transactions(HUB, now - 350, now - 50)
    assert [now - item.utime for item in found] == [300, 200]
    blind.hidden = 0
    assert len(history.transactions(HUB, now - 350, now - 50)) == 3
    assert history.transactions(HUB, now - 350, now - 300) == []


@pytest.mark.parametrize("need", [0, 3])
def test_a_quorum_that_cannot_be_reached_is_a_mistake(
    chain: Chain, need: int, settings: LazySettings
) -> None:
    with pytest.raises(ImproperlyConfigured):
        QuorumReader([Source(chain), Source(chain)], need)
    settings.TON_QUORUM, settings.TON_ENDPOINTS = need, ["liteserver"]
    assert [error.id for error in checks.enough_sources(None)] == ["ton.E001"]


def test_no_source_at_all_is_a_mistake() -> None:
    with pytest.raises(ImproperlyConfigured):
        Failover([])


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        (HUB, []),
        ("", []),
        ("nonsense", ["ton.E002"]),
        ("-1:" + "11" * 32, ["ton.E002"]),
        (HUB.replace("1", "A"), ["ton.E003"]),
    ],
)
def test_the_hubs_address_is_given_raw(
    address: str, errors: list[str], settings: LazySettings
) -> None:
    settings.TON_HUB_ADDRESS = address
    assert [error.id for error in checks.hub_is_an_address(None)] == errors


def test_the_sources_are_those_of_the_settings(
    chain: Chain, settings: LazySettings, tmp_path: Path
) -> None:
    chain.sales(1)
    named = tmp_path / "config.json"
    named.write_text('{"liteservers": [1]}')
    settings.TON_LITESERVER_CONFIG = str(named)
    with served(Stub(chain, api_key="ours")) as first, served(Stub(chain)) as second:
        settings.TON_API_KEY = "ours"
        settings.TON_NETWORK = "testnet"
        settings.TON_ENDPOINTS = [first.url, second.url, "liteserver"]
        made = sources.all_sources()
        assert made is sources.all_sources()
        assert [type(source) for source in made] == [
            Toncenter,
            Toncenter,
            liteserver.Liteserver,
        ]
        assert made[0].head() == made[1].head()
        settings.TON_ENDPOINTS = [first.url]
        assert sources.client().account(HUB).last_lt == chain.transactions[-1].lt
        settings.TON_QUORUM = 1
        assert sources.quorum().since(HUB, 0, bytes(32)).transactions == chain.transactions


def test_an_endpoint_that_is_none_is_a_mistake(settings: LazySettings) -> None:
    settings.TON_ENDPOINTS = ["http://host/"]
    with pytest.raises(ImproperlyConfigured, match="TON_ENDPOINTS"):
        sources.client()
    settings.TON_ENDPOINTS, settings.TON_LITESERVER_CONFIG = ["liteserver"], "/nowhere.json"
    with pytest.raises(ImproperlyConfigured, match="nowhere"):
        sources.client()


def test_a_liteserver_without_a_list_is_told_before_the_start(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.TON_ENDPOINTS, settings.TON_LITESERVER_CONFIG = ["liteserver"], ""
    assert [error.id for error in checks.liteservers_are_named(None)] == ["ton.E004"]
    named = tmp_path / "config.json"
    named.write_text("{}")
    settings.TON_LITESERVER_CONFIG = str(named)
    assert checks.liteservers_are_named(None) == []
