"""A crash with secrets everywhere: what leaves for Sentry holds none of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import orjson
import pytest
import sentry_sdk
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from core import sentry

HASH = "862e60d6eebdb72549d5ed7d3fa37c1b9e892fbbcf0443d6cc700dc8e0937fde"
SIGNATURE = "CqYtxc0_4XYx1KYTWOdC9NvvtiFsHP3E0P1ThWZh8aQn8t9MM2s2c8OYdtbfJjPTAuy882TF3_BL--WJmbehDw"
BEARER = "AZ9tokenAZ9tokenAZ9tokenAZ9token"
BOC_64 = "te6cckEBAQEAAgAAAEysuc0="
BOC_HEX = "b5ee9c7201010101000200000004"
MNEMONIC = "abandon ability able about above absent absorb abstract absurd abuse access accident"
LAUNCH = f"user=%7B%22id%22%3A777%7D&query_id=AAVEC1&signature={SIGNATURE}&hash={HASH}"
NONCE = "d0" * 32
SECRETS = (HASH, SIGNATURE, BEARER, BOC_64, BOC_HEX, "absurd abuse", "AAVEC1", NONCE, "hunter2")


def crash(request: HttpRequest | Request) -> None:
    init_data, mnemonic, seed = LAUNCH, MNEMONIC, "hunter2"
    sentry_sdk.add_breadcrumb(message=f"posting {BOC_64}", data={"init_data": init_data})
    sentry_sdk.set_tag("launch", f"tgWebAppData={LAUNCH}")
    sentry_sdk.set_context("wallet", {"stateInit": BOC_HEX, "proof": {"signature": SIGNATURE}})
    sentry_sdk.set_extra("seed", seed)
    with sentry_sdk.start_span(op="http.client", name=f"POST /send?boc={BOC_64}") as span:
        span.set_data("body", {"boc": BOC_HEX, "payload": NONCE})
    cause = ValueError(f"initData={init_data} words {mnemonic}")
    raise RuntimeError(f"Bearer {BEARER} sent {BOC_HEX} to redis://:hunter2@cache") from cause


class Api(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        assert request.data
        crash(request)
        return Response()


@csrf_exempt
def plain(request: HttpRequest) -> HttpResponse:
    crash(request)
    return HttpResponse()


urlpatterns = [path("api/v1/orders", Api.as_view()), path("plain", plain)]


class Kept(Transport):
    """What would have left the house."""

    envelopes: list[Envelope] = []  # noqa: RUF012  one box for all instances

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)


@pytest.fixture
def kept() -> Iterator[list[Envelope]]:
    Kept.envelopes.clear()
    with override_settings(SENTRY_DSN="http://key@127.0.0.1:1/1"):
        assert sentry.start(Kept)
    yield Kept.envelopes
    sentry_sdk.get_client().close()
    sentry_sdk.init()


def written(envelopes: list[Envelope]) -> str:
    sentry_sdk.flush()
    return b"\n".join(envelope.serialize() for envelope in envelopes).decode()


def send(path: str) -> None:
    body: dict[str, Any] = {
        "init_data": LAUNCH,
        "refresh": BEARER,
        "account": {"walletStateInit": BOC_64},
        "proof": {"signature": SIGNATURE, "payload": NONCE},
        "mnemonic": MNEMONIC,
    }
    raw = orjson.dumps(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "QUERY_STRING": f"tgWebAppData={LAUNCH}&hash={HASH}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(raw)),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_COOKIE": "sessionid=hunter2; csrftoken=hunter2",
        "HTTP_AUTHORIZATION": f"Bearer {BEARER}",
        "HTTP_X_TELEGRAM_BOT_API_SECRET_TOKEN": "hunter2",
        "HTTP_REFERER": f"https://shop.example/app/?tgWebAppData={LAUNCH}",
        "HTTP_X_INIT_DATA": LAUNCH,
        "PATH_INFO": path,
        "wsgi.input": io.BytesIO(raw),
    }
    setup_testing_defaults(environ)
    statuses: list[str] = []
    start: Any = lambda status, _headers: statuses.append(status)  # noqa: E731
    list(WSGIHandler()(environ, start))
    assert statuses == ["500 Internal Server Error"]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("path", ["/api/v1/orders", "/plain"])
def test_nothing_secret_leaves(kept: list[Envelope], path: str) -> None:
    with override_settings(SENTRY_TRACES_PERCENT=100):
        send(path)
    sent = written(kept)
    assert '"type":"event"' in sent.replace(" ", "")
    assert '"type":"transaction"' in sent.replace(" ", "")
    assert "RuntimeError" in sent
    assert "test_sentry.py" in sent
    for secret in SECRETS:
        assert secret not in sent, secret


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_probes_are_not_sampled_and_money_always_is() -> None:
    environ = {"wsgi_environ": {"PATH_INFO": "/health/ready"}}
    assert sentry.sample(environ) == 0
    assert sentry.sample({"wsgi_environ": {"PATH_INFO": "/api/v1/orders/7"}}) == 1
    assert sentry.sample({"wsgi_environ": {"PATH_INFO": "/api/v1/drops"}}) == 0.05
    assert sentry.sample({}) == 0.05


def test_without_an_address_nothing_starts() -> None:
    assert sentry.start() is False
