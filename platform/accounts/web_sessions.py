"""A browser whose session was ended elsewhere (from the list, by an erased account) is out."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from accounts.models import Session
from accounts.web import SESSION_KEY


class EndedSessionMiddleware:
    """One query for a page that somebody signed in opens; none for anybody else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.get(SESSION_KEY, "")
        if key and not Session.objects.filter(pk=key, revoked_at__isnull=True).exists():
            logout(request)
        return self._next(request)
