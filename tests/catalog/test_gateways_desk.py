"""Gateways as staff see them: rows from settings, probes, history, quarantine and the way out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from catalog.media import desk, gateways, reading
from catalog.media.checks import gateways_exist
from catalog.media.metrics import gateway_states
from catalog.media.models import Gateway, GatewayEvent, GatewayMinute
from catalog.media.reading import SourcesUnavailable, read
from catalog.media.services.gateway_probes import gateways_probe
from catalog.media.services.gateways import (
    gateway_change,
    gateway_quarantine,
    gateway_release,
    minutes_flush,
)
from core.errors import ApplicationError
from core.ipfs.gateways import Fetcher
from core.models import AuditRecord
from tests import people
from tests.catalog.shelf import SOUND, pinned, stored
from tests.core.ipfs.gateway import nodes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fetcher")]
LIST = "admin:media_gateway_changelist"
Committed = Callable[..., Any]


def gateway(name: str = "own", **fields: Any) -> Gateway:
    return Gateway.objects.create(name=name, url=f"http://{name}.example", **fields)


def operator() -> Client:
    return people.desk(people.person("operator"))


# --- where the rows come from ------------------------------------------------------------------


def test_the_setting_makes_the_rows_and_what_staff_decided_stays(settings: Settings) -> None:
    settings.IPFS_GATEWAYS = ["own=https://a.example/", "old:files=https://b.example"]
    call_command("gateways_sync")
    rows = Gateway.objects.order_by("tier")
    assert [(row.name, row.url, row.tier, row.trustless) for row in rows] == [
        ("own", "https://a.example", 0, True),
        ("old", "https://b.example", 1, False),
    ]
    rows.filter(name="own").update(tier=7, enabled=False)
    settings.IPFS_GATEWAYS = ["own=https://c.example"]
    call_command("gateways_sync")
    own = Gateway.objects.get(name="own")
    assert (own.url, own.tier, own.enabled) == ("https://c.example", 7, False)


@pytest.mark.parametrize("word", ["own", "own=", "=https://a.example", "own=ftp://a.example"])
def test_a_gateway_that_is_none_stops_the_sync(settings: Settings, word: str) -> None:
    settings.IPFS_GATEWAYS = [word]
    with pytest.raises(ImproperlyConfigured):
        call_command("gateways_sync")
    assert not Gateway.objects.exists()


def test_retired_hosts_are_warned_about(settings: Settings) -> None:
    settings.IPFS_GATEWAYS = [
        "a=https://cloudflare-ipfs.com",
        "b=https://x.cf-ipfs.com/",
        "c=https://notcf-ipfs.com",
    ]
    assert [message.id for message in gateways_exist(None)] == ["tonality.W101"] * 2
    settings.IPFS_GATEWAYS = ["c=https://ipfs.io"]
    assert gateways_exist(None) == []


# --- probes and history ------------------------------------------------------------------------


def test_a_probe_finds_the_liar_before_a_listener_does() -> None:
    with nodes("liar", "silent", "busy", "good") as [liar, silent, busy, good]:
        pinned(stored(), liar, silent, busy, good)
        liar.behaviour, silent.behaviour, busy.behaviour = "flip", "hang", "busy"
        assert gateways_probe() == {"liar": "wrong", "silent": "slow", "busy": "busy", "good": "ok"}
        assert Gateway.objects.get(name="liar").quarantined_at is not None
        assert gateways_probe() == {"silent": "slow", "good": "ok"}  # busy asked for a pause
        assert len(liar.leaves_asked()) == 1


def test_a_probe_closes_a_circuit_again(fetcher: Fetcher) -> None:
    with nodes("one") as [one]:
        pinned(stored(), one)
        one.behaviour = "error"
        for _ in range(5):
            gateways_probe()
        assert gateway_states() == {"one": 2.0}
        one.behaviour = ""
        gateways_probe()
        assert gateway_states() == {"one": 0.0}
        kinds = GatewayEvent.objects.order_by("id").values_list("kind", flat=True)
        assert list(kinds) == ["opened", "closed"]


def test_finished_minutes_come_into_the_database_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with nodes("one") as [one]:
        list(read(pinned(stored(), one)))
        later = timezone.now() + timedelta(minutes=1)
        monkeypatch.setattr("catalog.media.services.gateways.timezone.now", lambda: later)
        assert minutes_flush() >= 1
        assert minutes_flush() == 0
        rows = GatewayMinute.objects.all()
        assert sum(row.requests for row in rows) == 6
        assert sum(row.bytes for row in rows) == len(SOUND)


# --- quarantine --------------------------------------------------------------------------------


def test_only_a_person_with_the_right_lets_one_out(
    django_capture_on_commit_callbacks: Committed,
) -> None:
    with nodes("liar") as [liar]:
        asset = pinned(stored(), liar, keep=True)
        row = Gateway.objects.get()
        with django_capture_on_commit_callbacks(execute=True):
            assert gateway_quarantine(name="liar", detail="bytes 0-9")
        assert not gateway_quarantine(name="liar", detail="again")
        assert list(gateways.sources()) == []
        for who, reason, code in (
            ("finance", "they said sorry", "forbidden"),
            ("moderator", "they said sorry", "forbidden"),
            ("operator", "  ", "reason_missing"),
        ):
            with pytest.raises(ApplicationError, match=code):
                gateway_release(actor=people.person(who), gateway=row, reason=reason)
        row.refresh_from_db()
        assert row.quarantined_at is not None
        with django_capture_on_commit_callbacks(execute=True):
            gateway_release(actor=people.person("operator"), gateway=row, reason="disk replaced")
        assert [one.name for one in gateways.sources()] == ["liar"]
        record = AuditRecord.objects.get(action="media.gateway_released")
        assert record.reason == "disk replaced"
        assert b"".join(read(asset)) == SOUND
        with pytest.raises(ApplicationError, match="not_in_quarantine"):
            gateway_release(actor=people.person("operator"), gateway=row, reason="again")


def test_another_process_hears_of_a_release(
    fetcher: Fetcher,
    django_capture_on_commit_callbacks: Committed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What reads ahead may find the lie once more when the gateway is let out already.
    monkeypatch.setattr(reading, "AHEAD", 0)
    with nodes("liar") as [liar]:
        asset = pinned(stored(), liar)
        liar.behaviour = "flip"
        with (
            django_capture_on_commit_callbacks(execute=True),
            pytest.raises(SourcesUnavailable),
        ):
            read(asset)
        liar.behaviour = ""
        Gateway.objects.update(quarantined_at=None)  # as another process has written it
        gateways.sources_changed()
        assert b"".join(read(asset)) == SOUND


def test_events_cannot_be_changed() -> None:
    gateway_quarantine(name=gateway().name, detail="bytes")
    with pytest.raises(IntegrityError, match="append-only"):
        GatewayEvent.objects.update(detail="nothing happened")


# --- the page ----------------------------------------------------------------------------------


def test_the_page_shows_the_liar_with_its_event_and_the_desk_counts_it() -> None:
    with nodes("liar", "good") as [liar, good]:
        liar.behaviour = "flip"
        asset = pinned(stored(), liar, good)
        Gateway.objects.filter(name="good").update(tier=1)
        assert b"".join(read(asset)) == SOUND
    now = timezone.now().replace(second=0, microsecond=0)
    GatewayMinute.objects.create(
        gateway=Gateway.objects.get(name="good"), minute=now, requests=4, first_byte_ms=80
    )
    page = operator().get(reverse(LIST)).content.decode()
    assert "in quarantine" in page
    assert re.search(r"<td>liar</td><td>Quarantined</td><td>bytes \d+-\d+ of", page)
    assert "<title>" + f"{now:%H:%M}: 20 ms" in page
    assert "style=" not in page.partition('id="gateways-now"')[2]
    assert desk.quarantined() == 1
    part = operator().get(reverse("admin:media_gateway_now")).content.decode()
    assert part.lstrip().startswith('<div id="gateways-now"')


def test_a_tier_is_changed_and_audited() -> None:
    row = gateway()
    address = reverse("admin:media_gateway_decide", kwargs={"pk": row.pk})
    assert operator().post(address, {"tier": "3"}).status_code == 302
    row.refresh_from_db()
    assert (row.tier, row.enabled) == (3, False)
    record = AuditRecord.objects.get(action="media.gateway_changed")
    assert record.before == {"tier": 0, "enabled": True}
    operator().post(address, {"tier": "3"})
    operator().post(address, {"tier": "100", "enabled": "on"})
    operator().post(address, {"tier": "-1", "enabled": "on"})
    row.refresh_from_db()
    assert (row.tier, row.enabled) == (3, False)
    assert AuditRecord.objects.filter(action="media.gateway_changed").count() == 1
    with pytest.raises(ApplicationError, match="tier_invalid"):
        gateway_change(actor=people.person("operator"), gateway=row, tier=500, enabled=True)


@pytest.mark.parametrize("who", ["moderator", "finance", "support"])
def test_who_may_not_decide_changes_nothing(who: str) -> None:
    row = gateway(quarantined_at=timezone.now(), quarantine_reason="wrong bytes")
    browser = people.desk(people.person(who))
    for name, body in (("decide", {"tier": "5"}), ("release", {"reason": "please"})):
        address = reverse(f"admin:media_gateway_{name}", kwargs={"pk": row.pk})
        assert browser.post(address, body).status_code == 403
    row.refresh_from_db()
    assert (row.tier, row.enabled, row.quarantine_reason) == (0, True, "wrong bytes")
    page = browser.get(reverse(LIST))
    if who == "finance":
        assert page.status_code == 403
        assert browser.get(reverse("admin:media_gateway_now")).status_code == 403
    else:
        assert '<form method="post" action="/admin/media' not in page.content.decode()


def test_a_person_releases_on_the_page_with_a_reason() -> None:
    row = gateway(quarantined_at=timezone.now(), quarantine_reason="wrong bytes")
    address = reverse("admin:media_gateway_release", kwargs={"pk": row.pk})
    operator().post(address, {"reason": ""})
    row.refresh_from_db()
    assert row.quarantined_at is not None
    operator().post(address, {"reason": "their cache is repaired"})
    row.refresh_from_db()
    assert row.quarantined_at is None
    assert "repaired" in GatewayEvent.objects.get(kind="released").detail


def test_a_child_process_makes_its_own_fetcher(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = gateways.fetcher()
    monkeypatch.setattr(os, "getpid", os.getppid)
    assert gateways.fetcher() is not mine
    gateways.fetcher().close()
