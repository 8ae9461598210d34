from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import Settings

from accounts import development
from accounts.models import User
from core import checks
from tests.accounts.people import Caller

pytestmark = pytest.mark.django_db


def test_settings_trust_the_development_signer_and_checks_know_it(
    settings: Settings,
) -> None:
    assert development.PUBLIC_KEY in settings.TELEGRAM_PUBLIC_KEYS
    assert development.PUBLIC_KEY == checks.DEVELOPMENT_KEY


def test_anybody_may_be_made_up_in_development(stranger: Caller) -> None:
    made = stranger.post(
        "dev/init-data", {"telegram_id": 5, "first_name": "Zoë", "start_param": "ref_1"}
    ).json()
    answer = stranger.post("auth/telegram", made)
    assert answer.status_code == 200
    assert answer.json()["user"]["first_name"] == "Zoë"
    assert answer.json()["start_param"] == "ref_1"


@pytest.mark.parametrize("name", ["fan", "collector", "artist"])
def test_a_named_login_leads_into_the_app_with_a_valid_launch(stranger: Caller, name: str) -> None:
    answer = stranger.client.get(f"/api/v1/dev/login/{name}?startapp=d_1")
    assert answer.status_code == 302
    target = urlsplit(answer["Location"])
    assert target.path == "/app/"
    launch = parse_qs(target.fragment)["tgWebAppData"][0]
    signed_in = stranger.post("auth/telegram", {"init_data": launch})
    assert signed_in.status_code == 200
    assert signed_in.json()["start_param"] == "d_1"


def test_nobody_else_has_a_login(stranger: Caller) -> None:
    assert stranger.client.get("/api/v1/dev/login/owner").status_code == 404


def test_production_does_not_know_these_doors(stranger: Caller, settings: Settings) -> None:
    settings.DEVELOPMENT = False
    answers: list[Any] = [
        stranger.post("dev/init-data", {}),
        stranger.client.get("/api/v1/dev/login/fan"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not User.objects.exists()
