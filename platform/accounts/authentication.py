"""Bearer tokens of sessions."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        del request
        return None

    def authenticate_header(self, request: Request) -> str:
        del request
        return 'Bearer realm="tonality"'
