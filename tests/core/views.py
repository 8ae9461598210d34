"""Small views for the tests of errors, limits, idempotency and Sentry."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core import errors
from core.errors import ApplicationError
from core.idempotency import idempotent


class Input(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)


class Open(APIView):
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        given = Input(data=request.data)
        given.is_valid(raise_exception=True)
        if given.validated_data["name"] == "busy":
            raise ApplicationError("sold_out", "Sold out", "None left.", 409, {"drop": ["gone"]})
        if given.validated_data["name"] == "crash":
            raise RuntimeError("boom")
        return Response({"name": given.validated_data["name"]})


class Limited(Open):
    throttle_scope = "orders"

    def get(self, request: Request) -> Response:
        del request
        return Response({})


class Closed(APIView):
    def get(self, request: Request) -> Response:
        return Response({"id": request.user.pk})


class Once(APIView):
    permission_classes = (AllowAny,)

    @idempotent
    def post(self, request: Request) -> Response:
        given: Any = request.data
        name = given["login"]
        user = User.objects.create_user(name)
        if name == "refused":
            raise ApplicationError("refused", status=409)
        if name == "answered":
            return Response({"no": True}, status=400)
        return Response({"z": str(user.pk), "a": User.objects.count()}, status=201)


def page(request: HttpRequest, kind: str) -> HttpResponse:
    causes: dict[str, Exception] = {
        "missing": Http404("no"),
        "forbidden": PermissionDenied("no"),
        "suspicious": SuspiciousOperation("no"),
        "application": ApplicationError("not_yet", "Not yet", "Come back.", 409),
        "crash": RuntimeError("boom"),
    }
    raise causes[kind]


urlpatterns: list[URLPattern] = [
    path("api/v1/open", Open.as_view()),
    path("api/v1/limited", Limited.as_view()),
    path("api/v1/closed", Closed.as_view()),
    path("api/v1/once", Once.as_view()),
    path("api/v1/page/<str:kind>", page),
    path("page/<str:kind>", page),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
