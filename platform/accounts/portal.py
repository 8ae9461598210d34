"""Signing in to the artist portal, and linking a wallet from there (server-rendered pages)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from accounts import services
from accounts.development import PEOPLE
from accounts.models import Session, User
from core.errors import ApplicationError

BACKEND = "django.contrib.auth.backends.ModelBackend"
SESSION_KEY = "portal_session"


def portal_user(request: HttpRequest) -> User:
    """The signed-in person of a portal request (views behind login_required)."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    return user


def portal_session(request: HttpRequest) -> Session:
    """The session that a wallet's proof is bound to. Raises session_missing (401)."""
    key = request.session.get(SESSION_KEY, "")
    session = (
        Session.objects.select_related("user")
        .filter(id=UUID(key), revoked_at__isnull=True, user=portal_user(request))
        .first()
        if key
        else None
    )
    if session is None:
        raise ApplicationError("session_missing", detail="Sign in again.", status=401)
    return session


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if safe else "/portal/"


@require_GET
def sign_in(request: HttpRequest) -> HttpResponse:
    context = {
        "development": settings.DEVELOPMENT,
        "demo_logins": _demo_logins() if settings.DEVELOPMENT else [],
        "next": _next(request),
    }
    return render(request, "portal/sign_in.html", context)


def _demo_logins() -> list[dict[str, str]]:
    known = {
        user.telegram_id: user
        for user in User.objects.filter(telegram_id__in=[p.telegram_id for p in PEOPLE.values()])
    }
    notes = {"artist": "Publishes here", "fan": "Has no artist page", "collector": "Likewise"}
    return [
        {"login": name, "name": str(known[person.telegram_id]), "note": notes[name]}
        for name, person in sorted(PEOPLE.items())
        if person.telegram_id in known
    ]


@require_POST
def demo_sign_in(request: HttpRequest, name: str) -> HttpResponse:
    """Development only: sign in as one of the seeded people."""
    if not settings.DEVELOPMENT:
        raise Http404
    person = PEOPLE.get(name)
    if person is None:  # None as a telegram_id would find staff, who have none
        raise Http404
    user = get_object_or_404(User, telegram_id=person.telegram_id)
    opened = services.session_open(user=user, kind=Session.Kind.WEB, context=Session.Context.WEB)
    login(request, user, backend=BACKEND)
    request.session[SESSION_KEY] = str(opened.session.id)
    return redirect(_next(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and request.session.get(SESSION_KEY):
        services.session_revoke(session=portal_session(request), actor=portal_user(request))
    logout(request)
    return redirect("portal-sign-in")


def _refusal(error: ApplicationError) -> JsonResponse:
    return JsonResponse(
        error.problem(), status=error.status, content_type="application/problem+json"
    )


@require_POST
def wallet_nonce(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return _refusal(ApplicationError("session_missing", status=401))
    try:
        nonce = services.wallet_nonce_issue(session=portal_session(request))
    except ApplicationError as error:
        return _refusal(error)
    return JsonResponse({"payload": nonce.payload, "expires_at": nonce.expires_at})


@require_POST
def wallet_link(request: HttpRequest) -> HttpResponse:
    """The same proof as in the Mini App's API, for a cookie session (CSRF token in a header)."""
    if not request.user.is_authenticated:
        return _refusal(ApplicationError("session_missing", status=401))
    try:
        body: Any = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return _refusal(ApplicationError("parse_error", detail="The body is not JSON."))
    if not (
        isinstance(body, dict)
        and isinstance(body.get("account"), dict)
        and isinstance(body.get("proof"), dict)
    ):
        return _refusal(ApplicationError("invalid", detail="account and proof are needed."))
    try:
        wallet = services.wallet_link(
            session=portal_session(request), account=body["account"], proof=body["proof"]
        )
    except ApplicationError as error:
        return _refusal(error)
    return JsonResponse({"id": str(wallet.id), "address": wallet.address}, status=201)


urlpatterns = [
    path("portal/login", sign_in, name="portal-sign-in"),
    path("portal/login/<str:name>", demo_sign_in, name="portal-demo-sign-in"),
    path("portal/logout", sign_out, name="portal-sign-out"),
    path("portal/wallets/nonce", wallet_nonce, name="portal-wallet-nonce"),
    path("portal/wallets", wallet_link, name="portal-wallets"),
]
