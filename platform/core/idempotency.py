"""Idempotency-Key for writes: the same request twice has one effect and one answer.

The key belongs to the actor and the endpoint. The answer is stored in the transaction of the
effect, so there is never one without the other. A refusal stores nothing: it may be tried again.
Like Stripe's (docs.stripe.com/api/idempotent_requests), but keys of purchases stay for ever.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import orjson
from django.db import transaction
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import ApplicationError
from core.locks import lock
from core.models import IdempotencyKey
from core.wire import dumps

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[!-~]{1,255}", re.ASCII)

View = TypeVar("View", bound=APIView)
P = ParamSpec("P")


def idempotent(
    handler: Callable[Concatenate[View, Request, P], Response],
) -> Callable[Concatenate[View, Request, P], Response]:
    """For a DRF view's `post`: runs it in a transaction, once for each Idempotency-Key.

    Refusals: idempotency_key_required (400), idempotency_key_reused (422: same key, other
    request), idempotency_key_busy (409: the first one is still running after 3 s).
    """

    def once(view: View, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> Response:
        return run_once(
            scope=scope_of(request),
            key=request.headers.get(HEADER, ""),
            asked=request.data,
            effect=lambda: handler(view, request, *args, **kwargs),
        )

    return update_wrapper(once, handler)


def run_once(*, scope: str, key: str, asked: Any, effect: Callable[[], Response]) -> Response:
    """The same for whoever has no DRF view (a form carries its key in a hidden field).

    asked: what was asked for, as JSON can say it. Refusals as above.
    """
    if not _KEY.fullmatch(key):
        raise ApplicationError(
            "idempotency_key_required",
            "Idempotency-Key required",
            "Send a fresh Idempotency-Key (1-255 visible ASCII characters) per action.",
        )
    fingerprint = _fingerprint(asked)
    with transaction.atomic():
        _wait_turn(scope, key)
        stored = IdempotencyKey.objects.filter(scope=scope, key=key).first()
        if stored is not None:
            return _replay(stored, fingerprint)
        response = effect()
        if response.status_code >= 400:
            transaction.set_rollback(True)
        else:
            _store(scope, key, fingerprint, response)
        return response


def scope_of(request: Request | HttpRequest) -> str:
    """Actor, method and path; the path of one purchase may hold its order's id."""
    actor = getattr(request.user, "pk", None)
    return f"{actor or 'anonymous'} {request.method} {request.path}"[:160]


def _fingerprint(asked: Any) -> str:
    """Of the parsed body: white space and key order make no other request."""
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _wait_turn(scope: str, key: str) -> None:
    try:
        lock(f"idempotency:{scope}:{key}")
    except ApplicationError as error:
        raise ApplicationError(
            "idempotency_key_busy",
            "Still running",
            "The first request with this key has not finished; try again in a moment.",
            409,
            headers={"Retry-After": "1"},
        ) from error


def _replay(stored: IdempotencyKey, fingerprint: str) -> Response:
    if stored.request_hash != fingerprint:
        raise ApplicationError(
            "idempotency_key_reused",
            "Idempotency-Key reused",
            "This key was used for another request; take a fresh one.",
            422,
        )
    body: Any = orjson.loads(stored.body) if stored.body else None
    return Response(body, status=stored.status, headers={"Idempotent-Replayed": "true"})


def _store(scope: str, key: str, fingerprint: str, response: Response) -> None:
    IdempotencyKey.objects.create(
        scope=scope,
        key=key,
        request_hash=fingerprint,
        status=response.status_code,
        body="" if response.data is None else dumps(response.data).decode(),
    )
