from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client, RequestFactory
from pytest_django import Settings

from core.pages import SCREENS
from core.templatetags.assets import BuildMissing

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path: Path, settings: Settings) -> Path:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        json.dumps(
            {
                "src/app/main.tsx": {
                    "file": "assets/main-1.js",
                    "css": ["assets/main-1.css"],
                    "imports": ["_shared.js"],
                },
                "src/screens/drop.tsx": {"file": "assets/drop-3.js", "imports": ["_shared.js"]},
                "_shared.js": {"file": "assets/shared-2.js", "imports": ["src/app/main.tsx"]},
            }
        )
    )
    settings.MINIAPP_MANIFEST = manifest
    return manifest


def policy(client: Client, path: str) -> dict[str, list[str]]:
    header = client.get(path)["Content-Security-Policy"]
    return {rule.split()[0]: rule.split()[1:] for rule in header.split(";") if rule.strip()}


def test_the_mini_app_may_be_framed_by_telegram_alone(client: Client, built: Path) -> None:
    assert built
    answer = client.get("/app/")
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer
    rules = policy(client, "/app/drops/7")
    assert rules["frame-ancestors"] == ["'self'", "https://web.telegram.org"]
    assert "ws://127.0.0.1:8002" in rules["connect-src"]
    assert "https://bridge.tonapi.io" in rules["connect-src"]
    assert rules["default-src"] == ["'none'"]
    assert not any("unsafe" in word for words in rules.values() for word in words)


def test_scripts_carry_the_nonce_of_their_answer(client: Client, built: Path) -> None:
    assert built
    answer = client.get("/app/")
    page, header = answer.content.decode(), answer["Content-Security-Policy"]
    nonce = page.split('nonce="')[1].split('"')[0]
    assert f"'nonce-{nonce}'" in header
    assert "/static/miniapp/assets/main-1.js" in page
    assert "/static/miniapp/assets/shared-2.js" in page
    assert "/static/miniapp/assets/main-1.css" in page


def test_a_missing_build_names_the_command(settings: Settings, tmp_path: Path) -> None:
    settings.MINIAPP_MANIFEST = tmp_path / "none.json"
    context = Context({"request": RequestFactory().get("/")})
    with pytest.raises(BuildMissing, match="make"):
        Template('{% load assets %}{% entry "src/app/main.tsx" %}').render(context)


def test_other_pages_may_not_be_framed(client: Client) -> None:
    for path in ("/", "/api/docs/", "/admin/login/"):
        assert policy(client, path)["frame-ancestors"] == ["'none'"]
        assert client.get(path)["X-Frame-Options"] == "DENY"


def test_the_landing_page_opens_demo_logins_in_development_only(
    client: Client, settings: Settings
) -> None:
    assert b"/api/v1/dev/login/fan" in client.get("/").content
    settings.DEVELOPMENT = False
    page = client.get("/")
    assert page.status_code == 200
    assert b"/dev/" not in page.content


def test_wallets_read_the_manifest_from_any_origin(client: Client) -> None:
    answer = client.get("/tonconnect-manifest.json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Content-Type"] == "application/json"
    manifest = answer.json()
    assert manifest["url"] == "http://127.0.0.1:8000"
    assert manifest["iconUrl"].startswith("http://127.0.0.1:8000/static/img/icon-180")
    assert manifest["iconUrl"].endswith(".png")


def test_the_config_tells_clients_what_they_need(client: Client) -> None:
    answer = client.get("/api/v1/config").json()
    assert answer["network"] == "-3"
    assert answer["coin"] == {"label": "TON", "decimals": 9}
    assert answer["manifest_url"] == "http://127.0.0.1:8000/tonconnect-manifest.json"
    assert answer["development"] is True
    assert answer.keys() == {
        "network", "coin", "ws_url", "bot", "manifest_url", "development", "wallets",
    }  # fmt: skip


def test_every_bridge_of_an_offered_wallet_may_be_reached(client: Client, built: Path) -> None:
    assert built
    allowed = policy(client, "/app/")["connect-src"]
    offered = client.get("/api/v1/config").json()["wallets"]
    urls = [b["url"] for one in offered for b in one["bridge"] if b["type"] == "sse"]
    assert urls
    assert all(any(url.startswith(origin) for origin in allowed) for url in urls)


def test_the_docs_run_from_our_own_files(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "https://" not in page
    assert "unsafe" not in client.get("/api/docs/")["Content-Security-Policy"]


def test_the_schema_describes_problems_and_signing_in(client: Client) -> None:
    answer = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    schema = json.loads(answer.content)
    refused = schema["paths"]["/api/v1/wallets"]["post"]["responses"]["401"]
    assert "application/problem+json" in refused["content"]
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "code" in schema["components"]["schemas"]["Problem"]["required"]
    assert "/api/v1/dev/init-data" not in schema["paths"]


def test_a_screen_that_links_lead_to_comes_with_its_page(client: Client) -> None:
    manifest = json.loads(Path(settings.MINIAPP_MANIFEST).read_text())
    plain = client.get("/app/").content.decode()
    for head, name in SCREENS.items():
        file = manifest[f"src/screens/{name}.tsx"]["file"]
        link = f'<link rel="modulepreload" href="/static/miniapp/{file}"'
        assert link in client.get(f"/app/{head}/x").content.decode()
        assert link not in plain


SCRIPTED = re.compile(r"\sdata-(connect-wallet|wallet-sign-in|ton-transaction|copy|share)\b")


def test_a_button_that_needs_its_script_waits_for_it() -> None:
    """static/miniapp/src/portal/buttons.ts enables it; a press before that would be lost."""
    found = [
        line.strip()
        for template in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
        for line in template.read_text().splitlines()
        if SCRIPTED.search(line)
    ]
    assert len(found) >= 14
    assert [line for line in found if " disabled>" not in line] == []
