from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.views")]
JSON = "application/json"


@pytest.fixture
def caller() -> Client:
    return Client(raise_request_exception=False)


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == status
    assert document["code"] == code
    assert {"type", "title", "detail"} <= document.keys()
    return document


def test_a_service_refusal_becomes_a_problem(caller: Client) -> None:
    answer = caller.post("/api/v1/open", {"name": "busy"}, content_type=JSON)
    document = problem(answer, 409, "sold_out")
    assert document["detail"] == "None left."
    assert document["fields"] == {"drop": ["gone"]}


def test_invalid_input_names_its_fields(caller: Client) -> None:
    answer = caller.post("/api/v1/open", {"name": "too long"}, content_type=JSON)
    assert "name" in problem(answer, 400, "invalid")["fields"]


@pytest.mark.parametrize(
    "body", ["{", "\x00", "[1", '{"name": NaN', "\ud800".encode("utf-8", "surrogatepass")]
)
def test_a_broken_body_becomes_a_problem(caller: Client, body: str) -> None:
    problem(caller.generic("POST", "/api/v1/open", body, JSON), 400, "parse_error")


@pytest.mark.parametrize("body", ["[]", "null", "1", '"x"'])
def test_a_body_of_another_shape_becomes_a_problem(caller: Client, body: str) -> None:
    problem(caller.generic("POST", "/api/v1/open", body, JSON), 400, "invalid")


def test_other_media_types_and_methods_become_problems(caller: Client) -> None:
    problem(
        caller.post("/api/v1/open", "name=x", content_type="text/plain"),
        415,
        "unsupported_media_type",
    )
    problem(caller.delete("/api/v1/open"), 405, "method_not_allowed")


def test_a_stranger_is_challenged(caller: Client) -> None:
    answer = caller.get("/api/v1/closed")
    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="tonality"'


def test_a_crash_says_nothing_of_our_insides(caller: Client) -> None:
    answer = caller.post("/api/v1/open", {"name": "crash"}, content_type=JSON)
    problem(answer, 500, "server_error")
    assert b"boom" not in answer.content


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("missing", 404, "not_found"),
        ("forbidden", 403, "forbidden"),
        ("suspicious", 400, "bad_request"),
        ("application", 409, "not_yet"),
        ("crash", 500, "server_error"),
    ],
)
def test_plain_views_answer_with_problems_too(
    caller: Client, kind: str, status: int, code: str
) -> None:
    problem(caller.get(f"/api/v1/page/{kind}", HTTP_ACCEPT="text/html"), status, code)


def test_an_unknown_address_becomes_a_problem(caller: Client) -> None:
    problem(caller.get("/api/v1/nowhere"), 404, "not_found")


def test_people_get_a_page_where_there_is_one(caller: Client) -> None:
    page = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.locmem.Loader",
                    {"errors/404.html": "<h1>{{ title }}</h1>"},
                )
            ]
        },
    }
    with override_settings(TEMPLATES=[page]):
        answer = caller.get("/page/missing", HTTP_ACCEPT="text/html")
        assert (answer.status_code, answer.content) == (404, b"<h1>Not Found</h1>")
        problem(caller.get("/page/missing", HTTP_ACCEPT="application/json"), 404, "not_found")


def test_a_missing_csrf_token_becomes_a_problem() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/page/application")
    problem(answer, 403, "csrf_failed")
