from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client, override_settings

from core import metrics

pytestmark = pytest.mark.django_db


def scrape(client: Client, address: str = "127.0.0.1", **headers: str) -> int:
    return client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd00::1"])
def test_a_private_peer_may_scrape(client: Client, address: str) -> None:
    assert scrape(client, address) == 200


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450::1", "169.254.169.254", ""])
def test_the_public_may_not(client: Client, address: str) -> None:
    assert scrape(client, address) == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_private_proxy_speaks_for_the_public(client: Client, header: str) -> None:
    assert scrape(client, "10.0.0.1", **{header: "8.8.8.8"}) == 403


@override_settings(METRICS_TOKEN="scrape-me")
def test_with_a_token_only_its_bearer_may_scrape(client: Client) -> None:
    assert scrape(client) == 403
    assert scrape(client, Authorization="Bearer wrong") == 403
    assert scrape(client, "8.8.8.8", Authorization="Bearer scrape-me") == 200


def test_a_broken_gauge_hides_no_other(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    gauges = dict(metrics._gauges)
    monkeypatch.setattr(metrics, "_gauges", gauges)
    metrics.gauge("test_broken", "?")(lambda: 1 / 0)
    metrics.gauge("test_by_label", "?", label="state")(lambda: {"open": 2})
    body = client.get("/metrics").content.decode()
    assert 'test_by_label{state="open"} 2.0' in body
    assert "outbox_oldest_unprocessed_seconds 0.0" in body
    assert "django_http_requests_before_middlewares_total" in body


def test_counters_of_several_processes_are_summed(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.append('platform')\n"
        "from prometheus_client import Counter\n"
        "Counter('tests_served', '?').inc(2)\n"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        assert metrics.registry().get_sample_value("tests_served_total") == 4
