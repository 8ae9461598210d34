"""The floor: bare Django views with raw SQL and orjson, nothing else, on the same database.

No middleware, no authentication, no validation, no checks: what this server could do at most for
a list of the same rows, one release with its tracks, and an order of the same kind (read the
drop, write an order and an attempt, in one transaction).
"""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import django
import orjson
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

_URL = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DEBUG_PROPAGATE_EXCEPTIONS=True,
    MIDDLEWARE=[],
    USE_TZ=True,
    LOGGING_CONFIG=None,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _URL.path.lstrip("/"),
            "USER": _URL.username,
            "PASSWORD": _URL.password,
            "HOST": _URL.hostname,
            "PORT": str(_URL.port),
            "CONN_MAX_AGE": None,
        }
    },
)
django.setup()

PAGE = 20
COLUMNS = (
    "id", "address", "price", "starts_at", "ends_at", "paused", "max_supply", "minted",
    "hub_quota", "hub_minted", "max_per_buy", "platform_bps", "royalty_bps", "release", "title",
    "genre", "colour_deep", "colour_bright", "artist", "slug", "name", "cover", "width",
)  # fmt: skip
DROPS = """
    SELECT c.id, c.address, c.price, c.starts_at, c.ends_at, c.paused, c.max_supply, c.minted,
        c.hub_quota, c.hub_minted, c.max_per_buy, c.platform_bps, c.royalty_bps, r.id, r.title,
        r.genre, r.colour_deep, r.colour_bright, a.id, a.slug, a.name, m.cid, m.width
    FROM nft_collection c
    JOIN catalog_release r ON r.id = c.release_id
    JOIN catalog_artist a ON a.id = r.artist_id
    JOIN media_asset m ON m.id = r.cover_id
    WHERE c.state = 'live' """
LIST = f"{DROPS} ORDER BY c.starts_at DESC, c.id DESC LIMIT {PAGE}"
DETAIL = f"{DROPS} AND c.id = %s"
TRACKS = """
    SELECT t.id, t.title, t.position, r.duration_ms, r.waveform
    FROM catalog_track t JOIN media_recording r ON r.id = t.recording_id
    WHERE t.release_id = %s ORDER BY t.position"""


def _json(data: object, status: int = 200) -> HttpResponse:
    body = orjson.dumps(data)
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return HttpResponse(body, status=status, headers=headers)


def _row(row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(COLUMNS, row, strict=True))


def drop_list(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(LIST)
        return _json({"results": [_row(row) for row in cursor.fetchall()]})


def drop_detail(_request: HttpRequest, key: str) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(DETAIL, [key])
        answer = _row(cursor.fetchall()[0])
        cursor.execute(TRACKS, [answer["release"]])
        answer["tracks"] = [
            {"id": one, "title": title, "position": at, "ms": ms, "waveform": list(bytes(wave))}
            for one, title, at, ms, wave in cursor.fetchall()
        ]
        return _json(answer)


def order(request: HttpRequest) -> HttpResponse:
    given = orjson.loads(request.body)
    key = uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT price FROM nft_collection WHERE id = %s", [given["drop"]])
        price = cursor.fetchall()[0][0]
        cursor.execute(
            "INSERT INTO bench_order VALUES (%s, %s, %s, 'awaiting_payment', now())",
            [key, given["drop"], price],
        )
        cursor.execute(
            "INSERT INTO bench_attempt VALUES (%s, %s, '{}', 'open', now())", [uuid4(), key]
        )
    return _json({"id": key, "price": price}, status=201)


urlpatterns = [
    path("drops", drop_list),
    path("drops/<str:key>", drop_detail),
    path("orders", order),
]
application = get_wsgi_application()
