"""Bearer tokens of sessions, for the API (DRF) and for live updates."""

from __future__ import annotations

from typing import Final

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from accounts import tokens
from accounts.models import Session, User
from accounts.selectors import session_alive
from core.live import Identity

CHALLENGE: Final = 'Bearer realm="tonality"'


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access>`: request.user is the User, request.auth the Session."""

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Send one token.", "token_malformed")
        found, _ = session_of(words[1].decode("latin-1"))
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        del request
        return CHALLENGE


def session_of(access: str) -> tuple[Session, tokens.Access]:
    """The living session of an access token. Raises AuthenticationFailed."""
    try:
        claim = tokens.access_read(access, now=timezone.now())
    except tokens.TokenInvalid as error:
        raise AuthenticationFailed("The token is not valid.", f"token_{error.code}") from error
    found = session_alive(claim.session_id)
    if found is None:
        raise AuthenticationFailed("The session has ended.", "session_ended")
    return found, claim


def live_identity(access: str) -> Identity | None:
    """Who an access token speaks for on the websocket, and until when; None if nobody."""
    try:
        found, claim = session_of(access)
    except AuthenticationFailed:
        return None
    return Identity(found.user, claim.expires_at)


def person(request: Request) -> User:
    """Who is signed in, for views that only signed-in people reach."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def session(request: Request) -> Session:
    """The session of the bearer token, for views that only signed-in people reach."""
    if not isinstance(request.auth, Session):
        raise NotAuthenticated
    return request.auth
