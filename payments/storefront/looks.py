"""What several of the storefront's pages show alike."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.selectors import wallet_addresses
from accounts.web import web_user
from catalog.media.selectors import asset_url
from core.errors import ApplicationError
from core.ton.addresses import friendly
from nft.models import Collection, Item


def look(collection: Collection) -> dict[str, Any]:
    """The cover, and the two colours that light the page."""
    release = collection.release
    return {
        "cover": asset_url(release.cover.cid) if release.cover else "",
        "colours": {"deep": release.colour_deep, "bright": release.colour_bright},
    }


def wallet(request: HttpRequest) -> str:
    """The signed-in person's newest wallet as people write it, "" without one."""
    proved = wallet_addresses(web_user(request))
    return friendly(next(iter(proved)), bounceable=False) if proved else ""


def editions(items: list[Item]) -> list[dict[str, Any]]:
    return [{"edition": one.index + 1, "address": friendly(one.address)} for one in items]


def trouble(request: HttpRequest, refusal: ApplicationError) -> HttpResponse:
    """A page of its own for what stops before there is one."""
    context = {"title": refusal.title, "detail": refusal.detail}
    return render(request, "store/trouble.html", context, status=refusal.status)
