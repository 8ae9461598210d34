"""POST /webhooks/telegram (core.telegram.org/bots/api#setwebhook)."""

from __future__ import annotations

import hmac
from typing import Final

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.errors import ApplicationError, answer
from core.telegram import router
from core.wire import dumps

SECRET: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name
MAX_BODY: Final = 256 * 1024
SORRY: Final = "Something went wrong on our side. Nothing was charged; please try again."

log = structlog.get_logger(__name__)


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """200, with a Bot API method in the body when the update asks for an answer at once.

    403 without the secret, 400 for what is no update, 5xx when it could not be kept: Telegram
    then sends it again. A pre-checkout query is answered "no" even when the database is down.
    """
    ours: str = settings.TELEGRAM_WEBHOOK_SECRET
    given = request.headers.get(SECRET, "")
    if not ours or not hmac.compare_digest(given.encode(), ours.encode()):
        return answer(request, "forbidden", "Forbidden", 403)
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return answer(request, "too_large", "Content Too Large", 413)
    try:
        reply = router.receive(request.body)
    except ValueError:
        return answer(request, "bad_request", "Bad Request", 400)
    except (DatabaseError, ApplicationError):
        question = router.question_of(request.body)
        if not question:
            raise
        log.exception("pre_checkout_without_database")
        reply = refuse(question, SORRY)
    return HttpResponse(dumps(reply) if reply else b"", content_type="application/json")


def refuse(question: str, text: str) -> dict[str, object]:
    """answerPreCheckoutQuery: no, and why, for the payer to read."""
    return {
        "method": "answerPreCheckoutQuery",
        "pre_checkout_query_id": question,
        "ok": False,
        "error_message": text,
    }
