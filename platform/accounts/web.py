"""Signing in on server-rendered pages (storefront, artist portal), and linking a wallet there.

The cookie session of Django holds the id of one of our Sessions: what is bound to a session (a
wallet's nonce, how an order may be paid) is bound to that one.
"""

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
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import services
from accounts.browsers import in_words
from accounts.models import Session, User
from accounts.offers import bot_offered, openid_offered
from accounts.people import PEOPLE
from core.errors import ApplicationError
from core.pages import limited, wallet_config, wallet_page

BACKEND = "django.contrib.auth.backends.ModelBackend"
SESSION_KEY = "web_session"


def web_user(request: HttpRequest) -> User:
    """The signed-in person of a request (views behind login_required)."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    return user


def web_session(request: HttpRequest) -> Session:
    """The session that a wallet's proof is bound to. Raises session_missing (401).

    Staff who came in by the desk's own form get one when they first need it.
    """
    key = request.session.get(SESSION_KEY, "")
    if not key and request.user.is_staff:
        return _staff_session(request)
    session = (
        Session.objects.select_related("user")
        .filter(id=UUID(key), revoked_at__isnull=True, user=web_user(request))
        .first()
        if key
        else None
    )
    if session is None:
        raise ApplicationError("session_missing", detail="Sign in again.", status=401)
    return session


def _staff_session(request: HttpRequest) -> Session:
    opened = services.session_open(
        user=web_user(request), kind=Session.Kind.WEB, context=Session.Context.WEB
    )
    request.session[SESSION_KEY] = str(opened.session.id)
    return opened.session


def web_login(request: HttpRequest, session: Session) -> None:
    """From here on the browser speaks for the session's user."""
    login(request, session.user, backend=BACKEND)
    request.session[SESSION_KEY] = str(session.id)
    services.session_name(session=session, device=in_words(request.headers.get("User-Agent", "")))


def next_of(request: HttpRequest) -> str:
    """Where to go after signing in: a place of ours, whatever the address says."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if safe else "/portal/"


@require_GET
@never_cache
@wallet_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """GET /sign-in?next=...: every way that is configured here."""
    going = next_of(request)
    context = {
        "portal": going.startswith("/portal"),
        "next": going,
        "telegram": openid_offered(),
        "bot": bot_offered(),
        "demo_logins": _demo_logins() if settings.DEVELOPMENT else [],
        "config": wallet_config(),
    }
    return render(request, "accounts/sign_in.html", context)


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
    web_login(request, opened.session)
    return redirect(next_of(request))


@require_POST
@limited("auth")
def wallet_sign_in_nonce(request: HttpRequest) -> HttpResponse:
    """POST /sign-in/wallet/nonce: a payload for the wallet to sign (TON Connect's ton_proof)."""
    del request
    try:
        nonce = services.web_nonce_issue()
    except ApplicationError as error:
        return _refusal(error)
    return JsonResponse({"payload": nonce.payload, "expires_at": nonce.expires_at})


@require_POST
@limited("auth")
def wallet_sign_in(request: HttpRequest) -> HttpResponse:
    """POST /sign-in/wallet: whoever holds the wallet is in."""
    try:
        opened = services.web_session_open(**_proof(request))
    except ApplicationError as error:
        return _refusal(error)
    web_login(request, opened.session)
    return HttpResponse(status=204)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and request.session.get(SESSION_KEY):
        services.session_revoke(session=web_session(request), actor=web_user(request))
    logout(request)
    return redirect("sign-in")


def _refusal(error: ApplicationError) -> JsonResponse:
    return JsonResponse(
        error.problem(), status=error.status, content_type="application/problem+json"
    )


@require_POST
def wallet_nonce(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return _refusal(ApplicationError("session_missing", status=401))
    try:
        nonce = services.wallet_nonce_issue(session=web_session(request))
    except ApplicationError as error:
        return _refusal(error)
    return JsonResponse({"payload": nonce.payload, "expires_at": nonce.expires_at})


@require_POST
def wallet_link(request: HttpRequest) -> HttpResponse:
    """The same proof as in the Mini App's API, for a cookie session (CSRF token in a header)."""
    if not request.user.is_authenticated:
        return _refusal(ApplicationError("session_missing", status=401))
    try:
        wallet = services.wallet_link(session=web_session(request), **_proof(request))
    except ApplicationError as error:
        return _refusal(error)
    return JsonResponse({"id": str(wallet.id), "address": wallet.address}, status=201)


def _proof(request: HttpRequest) -> dict[str, Any]:
    """account and proof of the body. Raises ApplicationError parse_error, invalid (400)."""
    try:
        body: Any = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise ApplicationError("parse_error", detail="The body is not JSON.") from error
    if not (
        isinstance(body, dict)
        and isinstance(body.get("account"), dict)
        and isinstance(body.get("proof"), dict)
    ):
        raise ApplicationError("invalid", detail="account and proof are needed.")
    return {"account": body["account"], "proof": body["proof"]}


urlpatterns = [
    path("sign-in", sign_in, name="sign-in"),
    path("sign-in/demo/<str:name>", demo_sign_in, name="sign-in-demo"),
    path("sign-in/wallet/nonce", wallet_sign_in_nonce, name="sign-in-wallet-nonce"),
    path("sign-in/wallet", wallet_sign_in, name="sign-in-wallet"),
    path("sign-out", sign_out, name="sign-out"),
    path("me/wallets/nonce", wallet_nonce, name="web-wallet-nonce"),
    path("me/wallets", wallet_link, name="web-wallets"),
]
