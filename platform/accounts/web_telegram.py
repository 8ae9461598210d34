"""Signing in on the web through Telegram: its OpenID Connect, or a yes in a chat with our bot.

An attempt is bound to the browser that began it by a secret in its session, so that a link or an
answer of somebody else's signs nobody in here.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

import segno
import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import services, tokens
from accounts.browsers import in_words
from accounts.models import BotSignIn
from accounts.offers import bot_offered, openid_offered
from accounts.selectors import bot_sign_in_of
from accounts.web import next_of, web_login
from core import openid
from core.errors import ApplicationError
from core.pages import limited

log = structlog.get_logger(__name__)
OPENID: Final = "telegram_openid"
BOT: Final = "telegram_bot"
_AGAIN: Final = "Nobody was signed in. Start again; it takes a moment."
# Why nobody was signed in, in the reader's words: title, and what to do.
_TROUBLE: Final = {
    "state": (
        "This sign-in did not begin here",
        "It was begun in another browser, has been used already, or took too long. " + _AGAIN,
    ),
    "declined": (
        "You did not continue in Telegram",
        "Nobody was signed in, and we were told nothing about you.",
    ),
    "unreachable": (
        "Telegram cannot be reached",
        "Please try again in a minute, or sign in another way.",
    ),
    "expired": ("This sign-in took too long", _AGAIN),
    "identity_missing": (
        "Telegram did not say who you are",
        "Please sign in another way, with a wallet or through our bot.",
    ),
    "account_disabled": ("This account is disabled", "Write to support if that is a mistake."),
    "sign_in_gone": (
        "This sign-in has ended",
        "It was denied in Telegram, has been used, or its five minutes are over. " + _AGAIN,
    ),
}
_ODD: Final = ("Telegram's answer was not accepted", "It does not prove who you are. " + _AGAIN)


# --- OpenID Connect -----------------------------------------------------------------------------


def _client() -> openid.Client:
    return openid.Client(
        issuer=settings.TELEGRAM_OIDC_ISSUER,
        client_id=settings.TELEGRAM_OIDC_CLIENT_ID,
        client_secret=settings.TELEGRAM_OIDC_CLIENT_SECRET,
        redirect_uri=f"{settings.PUBLIC_URL}{reverse('sign-in-telegram-back')}",
    )


@require_GET
@never_cache
@limited("auth")
def telegram_sign_in(request: HttpRequest) -> HttpResponse:
    """GET /sign-in/telegram?next=...: on to Telegram."""
    if not openid_offered():
        raise Http404
    client, bound = _client(), openid.Secrets.fresh()
    going = next_of(request)
    try:
        endpoints = openid.discover(client.issuer)
    except openid.OpenIdRefused as refusal:
        return _trouble(request, refusal.code, going)
    request.session[OPENID] = {
        **asdict(bound),
        "issuer": client.issuer,
        "next": going,
        "until": int((timezone.now() + settings.OIDC_LIFETIME).timestamp()),
    }
    scope: str = settings.TELEGRAM_OIDC_SCOPE
    return redirect(openid.authorization_url(client, endpoints, bound, scope))


@require_GET
@never_cache
@limited("auth")
def telegram_back(request: HttpRequest) -> HttpResponse:
    """GET /sign-in/telegram/back: what Telegram's page sends the browser back with."""
    if not openid_offered():
        raise Http404
    begun: dict[str, Any] = request.session.pop(OPENID, None) or {}  # whatever comes: used
    going = begun.get("next", "/")
    try:
        claims = _claims(request, begun)
        opened = services.session_open_by_openid(claims=claims)
    except (openid.OpenIdRefused, ApplicationError) as refusal:
        log.info("openid_refused", code=refusal.code)
        return _trouble(request, refusal.code, going)
    web_login(request, opened.session)
    return redirect(going)


def _claims(request: HttpRequest, begun: dict[str, Any]) -> dict[str, Any]:
    """Of the ID token that belongs to this attempt. Raises OpenIdRefused."""
    given, client = request.GET, _client()
    state = str(begun.get("state", ""))
    ours = hmac.compare_digest(given.get("state", "").encode(), state.encode())
    if not state or not ours or begun["issuer"] != client.issuer:
        raise openid.OpenIdRefused("state")
    if begun["until"] < timezone.now().timestamp():
        raise openid.OpenIdRefused("expired")
    endpoints = openid.discover(client.issuer)
    said = given.get("iss")
    if said != client.issuer and (said is not None or endpoints.names_itself):
        raise openid.OpenIdRefused("issuer")  # another issuer's answer, mixed up (RFC 9207)
    if "error" in given:
        raise openid.OpenIdRefused("declined" if given["error"] == "access_denied" else "code")
    code = given.get("code", "")
    if not code or len(code) > 2000:
        raise openid.OpenIdRefused("code")
    token = openid.code_exchange(client, endpoints, code=code, verifier=begun["verifier"])
    return openid.token_verify(client, endpoints, token=token, nonce=begun["nonce"])


# --- the bot --------------------------------------------------------------------------------------


@require_POST
@limited("auth")
def bot_sign_in(request: HttpRequest) -> HttpResponse:
    """POST /sign-in/bot: a question to whoever opens the bot by this page's link."""
    if not bot_offered():
        raise Http404
    secret = secrets.token_urlsafe(24)
    browser = in_words(request.headers.get("User-Agent", ""))
    row = services.bot_sign_in_start(browser=browser, secret=secret)
    request.session[BOT] = {"id": row.pk.hex, "secret": secret, "next": next_of(request)}
    return redirect("sign-in-bot-check")


@require_GET
@never_cache
def bot_check(request: HttpRequest) -> HttpResponse:
    """GET /sign-in/bot/check: the link and the number; signed in once somebody has said yes."""
    begun = request.session.get(BOT)
    if begun is None:
        return redirect("sign-in")
    row = _asked(begun)
    if row is None or row.state in (BotSignIn.State.DENIED, BotSignIn.State.USED):
        del request.session[BOT]
        return _trouble(request, "sign_in_gone", begun["next"])
    if row.state == BotSignIn.State.ALLOWED:
        return _taken(request, row)
    link = f"{settings.TELEGRAM_BOT_URL}?start={tokens.sign_in_make(row.pk)}"
    context = {
        "row": row,
        "link": link,
        "asked": row.state == BotSignIn.State.ASKED,
        "qr": segno.make(link, error="m").svg_inline(scale=4, border=2, omitsize=True),
        "next": begun["next"],
    }
    return render(request, "accounts/bot_check.html", context)


def _asked(begun: dict[str, str]) -> BotSignIn | None:
    return bot_sign_in_of(UUID(hex=begun["id"]), begun["secret"])


def _taken(request: HttpRequest, row: BotSignIn) -> HttpResponse:
    begun = request.session.pop(BOT)
    try:
        opened = services.bot_sign_in_take(request_id=row.pk, secret=begun["secret"])
    except ApplicationError as refusal:
        return _trouble(request, refusal.code, begun["next"])
    web_login(request, opened.session)
    return redirect(begun["next"])


@require_GET
@never_cache
def bot_state(request: HttpRequest) -> HttpResponse:
    """GET /sign-in/bot/state: whether there is news. Changes nothing."""
    begun = request.session.get(BOT)
    row = _asked(begun) if begun else None
    return JsonResponse({"state": row.state if row else "gone"})


def _trouble(request: HttpRequest, code: str, going: str) -> HttpResponse:
    title, detail = _TROUBLE.get(code, _ODD)
    context = {"title": title, "detail": detail, "next": going}
    status = 503 if code == "unreachable" else 400
    return render(request, "accounts/trouble.html", context, status=status)


urlpatterns = [
    path("sign-in/telegram", telegram_sign_in, name="sign-in-telegram"),
    path("sign-in/telegram/back", telegram_back, name="sign-in-telegram-back"),
    path("sign-in/bot", bot_sign_in, name="sign-in-bot"),
    path("sign-in/bot/check", bot_check, name="sign-in-bot-check"),
    path("sign-in/bot/state", bot_state, name="sign-in-bot-state"),
]
