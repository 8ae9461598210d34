"""A drop's page for everybody: people who follow a shared link, and search engines."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.money import Money
from nft.selectors import drop_detail
from payments.services import reservations
from referrals.start_param import start_param_format


@require_safe
@cache_control(public=True, max_age=30)
def drop_page(request: HttpRequest, drop: UUID) -> HttpResponse:
    """GET /drops/<id>: public, for search engines and shared links."""
    found = drop_detail(drop)
    if found is None:
        raise Http404
    supply = found["supply"]
    price = Money.from_json(found["price"])
    url = f"{settings.PUBLIC_URL}/drops/{found['id']}"
    image = f"{settings.PUBLIC_URL}{found['release']['cover']['url']}"
    context = {
        "drop": found,
        "release": found["release"],
        "price": price,
        "taken": (supply["total"] or 0) - (supply["left"] or 0),
        "for_sale": _for_sale(found),
        "royalty": Decimal(found["royalty_bps"]).scaleb(-2).normalize(),
        "url": url,
        "image": image,
        "facts": _facts(found, url, image),
        "telegram": _telegram(found["id"]),
    }
    return render(request, "store/drop.html", context)


def _for_sale(found: dict[str, Any]) -> bool:
    """Also when the public sale has taken its part: editions may be kept for other ways to pay."""
    if found["state"] == "live":
        return True
    return found["state"] == "sold_out" and reservations.left_of(found["id"]) > 0


def _telegram(drop: UUID) -> str:
    """The same drop in the Mini App; "" without a bot."""
    bot, app = settings.TELEGRAM_BOT_USERNAME, settings.TELEGRAM_APP_NAME
    return f"https://t.me/{bot}/{app}?startapp={start_param_format(drop=drop)}" if bot else ""


def _facts(found: dict[str, Any], url: str, image: str) -> str:
    """JSON-LD for search engines (schema.org MusicRelease). Safe inside a script element.

    Prices in coins are no ISO 4217 currency, so no offer is told.
    """
    release = found["release"]
    facts = {
        "@context": "https://schema.org",
        "@type": "MusicRelease",
        "name": release["title"],
        "url": url,
        "image": image,
        "datePublished": found["starts_at"].date().isoformat(),
        "byArtist": {"@type": "MusicGroup", "name": release["artist"]["name"]},
        "track": [
            {"@type": "MusicRecording", "name": track["title"]} for track in release["tracks"]
        ],
    }
    if release["genre"]:
        facts["genre"] = release["genre"]
    text = json.dumps(facts, ensure_ascii=False)
    return text.translate({ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"})
