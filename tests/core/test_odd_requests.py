"""Requests that are well-formed to HTTP and senseless to us: refused, never a 500."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core import redact
from core.errors import ApplicationError
from core.keyset import limit_of

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.mark.parametrize("limit", ["0000019999999", "1" * 5000, "000", "0101", "٣", "+1", "1e1"])
def test_a_limit_is_a_short_plain_number(limit: str) -> None:
    request = Request(APIRequestFactory().get("/", {"limit": limit}))
    with pytest.raises(ApplicationError) as refusal:
        limit_of(request)
    assert refusal.value.code == "limit_invalid"


@pytest.mark.parametrize(
    "address",
    ["/api/v1/drops?artist=%00", "/api/v1/drops?artist=x%00y", "/api/v1/items/%00", "/a%00b"],
)
def test_nul_in_an_address_is_refused(client: Client, address: str) -> None:
    client.raise_request_exception = False
    assert client.get(address).status_code == 400


@pytest.mark.parametrize("name", ["nobody", "x%00"])
def test_a_demo_login_of_nobody_signs_in_nobody(
    client: Client, django_user_model: type, name: str
) -> None:
    django_user_model.objects.create_superuser("root", "x")  # type: ignore[attr-defined]
    client.raise_request_exception = False
    assert client.post(f"/sign-in/demo/{name}").status_code in {400, 404}
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "body",
    ["[" * 200_000, '{"init_data": "\\ud800"}', '{"init_data": NaN}', '{"a": Infinity}'],
    ids=["deep", "surrogate", "nan", "infinity"],
)
def test_json_that_cannot_be_kept_is_refused(client: Client, body: str) -> None:
    client.raise_request_exception = False
    answer = client.generic("POST", "/api/v1/auth/telegram", body, JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_an_object_in_a_log_line_is_scrubbed_as_it_is_written() -> None:
    secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ"
    request = APIRequestFactory().get("/api/v1/x", {"token": secret, "tgWebAppData": secret})
    assert secret in str(request)
    assert secret not in str(redact.tree({"request": request}))
