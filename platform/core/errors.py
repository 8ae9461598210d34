"""Errors as RFC 9457 problem documents: one exception for services, one handler for every edge.

Members: type (about:blank#code), title, status, detail, code and, for invalid input, fields.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template import TemplateDoesNotExist, loader
from rest_framework import exceptions
from rest_framework.response import Response

log = structlog.get_logger(__name__)
PROBLEM_TYPE: Final = "application/problem+json"


class ApplicationError(Exception):
    """A refusal that the caller may read. Services raise it; the edge turns it into a problem."""

    def __init__(
        self,
        code: str,
        title: str = "",
        detail: str = "",
        status: int = 400,
        fields: Mapping[str, Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.title = title or HTTPStatus(status).phrase
        self.detail = detail
        self.status = status
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        self.headers = dict(headers or {})
        super().__init__(f"{code}: {detail or self.title}")

    def problem(self) -> dict[str, Any]:
        return problem(self.code, self.title, self.status, self.detail, self.fields)


def problem(
    code: str, title: str, status: int, detail: str = "", fields: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": f"about:blank#{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
    }
    if fields:
        document["fields"] = dict(fields)
    return document


class ProblemResponse(HttpResponse):
    """A problem outside DRF: Django's own 403, 404, 500 and CSRF pages."""

    def __init__(
        self,
        code: str,
        title: str,
        status: int,
        detail: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            orjson.dumps(problem(code, title, status, detail)),
            status=status,
            content_type=PROBLEM_TYPE,
            headers=dict(headers or {}),
        )


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: every expected error as a problem; others stay exceptions (500)."""
    del context
    if isinstance(error, ApplicationError):
        return _respond(error.problem(), error.headers)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    return _from_api_exception(error)


def _from_api_exception(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, int(-(-wait // 1))))
    title = HTTPStatus(error.status_code).phrase
    if isinstance(error, exceptions.ValidationError):
        fields = _fields(error.detail)
        document = problem("invalid", "Invalid input", error.status_code, fields=fields)
    else:
        code = error.get_codes()
        name = code if isinstance(code, str) else error.default_code
        document = problem(name, title, error.status_code, str(error.detail))
    return _respond(document, headers)


def _fields(detail: Any) -> dict[str, Any]:
    if isinstance(detail, Mapping):
        return {str(name): _messages(value) for name, value in detail.items()}
    return {"non_field_errors": _messages(detail)}


def _messages(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _messages(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_messages(inner) for inner in value]
    return str(value)


def _respond(document: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(
        document, status=document["status"], headers=dict(headers), content_type=PROBLEM_TYPE
    )


class ProblemMiddleware:
    """ApplicationError in a plain Django view: the same problem as from an API view.

    Also refuses addresses with NUL before any view sees them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # PostgreSQL's text holds no NUL: a name or filter with one means nothing, and would fail.
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return answer(request, "bad_request", "Bad Request", 400)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ApplicationError):
            return None
        return answer(request, error.code, error.title, error.status, error.detail, error.headers)


# What machines read; everything else may be opened by a person.
_MACHINES: Final = ("/api/v1/", "/webhooks/", "/health/", "/metrics", "/ipfs/", "/media/")


def answer(
    request: HttpRequest,
    code: str,
    title: str,
    status: int,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A problem for machines, the page errors/<status>.html for people who ask for HTML."""
    wants_page = "text/html" in request.headers.get("Accept", "")
    if wants_page and not request.path.startswith(_MACHINES):
        context = {"code": code, "title": title, "detail": detail}
        with contextlib.suppress(TemplateDoesNotExist):
            page = loader.render_to_string(f"errors/{status}.html", context, request)
            return HttpResponse(page, status=status, headers=dict(headers or {}))
    return ProblemResponse(code, title, status, detail, headers)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    del exception
    return answer(request, "bad_request", "Bad Request", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    del exception
    return answer(request, "forbidden", "Forbidden", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    del exception
    return answer(request, "not_found", "Not Found", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, "server_error", "Internal Server Error", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """settings.CSRF_FAILURE_VIEW. The reason is for the log, not for the sender."""
    log.info("csrf_refused", reason=reason)
    return answer(request, "csrf_failed", "Forbidden", 403, "Reload the page and try again.")
