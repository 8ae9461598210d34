"""What payment providers send us: kept raw, verified, and taken as a hint to ask them.

Only a message that is proof by itself (Hint.state) is applied as it stands. Everything else makes
a promise to fetch: the answer to the sender waits for no call of ours.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from core.address import client_address
from core.errors import answer
from core.inbox import services as inbox
from core.inbox.models import InboxEvent
from core.outbox.services import put
from payments.models import PaymentAttempt
from payments.providers import WEBHOOKS, webhook
from payments.providers.base import Hint
from payments.services import outcomes
from payments.services.events import Cause

log = structlog.get_logger(__name__)
MAX_BODY: Final = 256 * 1024
# A webhook may be faster than our own call; after that many looks it is nobody's we know.
_LOOKS: Final = 4
ADDRESS: Final = "Client-Address"  # kept beside the headers: some senders are known by it only


@method_decorator(csrf_exempt, name="dispatch")
class WebhookView(View):
    """POST /webhooks/<source>: 200 with what the sender wants to hear once the event is kept."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, source: str) -> HttpResponse:
        if source not in WEBHOOKS:
            return answer(request, "not_found", "Not Found", 404)
        if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
            return answer(request, "too_large", "Content Too Large", 413)
        form = webhook(source)
        kept = {name: request.headers[name] for name in form.headers if name in request.headers}
        kept[ADDRESS] = client_address(request)
        event = inbox.receive(
            source=source,
            key=form.event_key(request.headers, request.body)[:200],
            body=request.body,
            headers=kept,
        )
        inbox.process(event_id=event.pk)
        if inbox.set_aside(event_id=event.pk):
            return answer(request, "unverified", "Forbidden", 403)
        kind, body = form.answer()
        return HttpResponse(body, content_type=kind)


def verify(event: InboxEvent) -> bool:
    return webhook(event.source).verify(event)


def apply(event: InboxEvent) -> inbox.Outcome:
    """Promise to ask about every payment that the event may concern."""
    hints = webhook(event.source).hints(event)
    if not hints:
        return inbox.ignored("nothing that concerns payments")
    missing = [hint for hint in hints if not _take(event, hint)]
    if not missing:
        return inbox.applied
    if event.attempts < _LOOKS:
        return inbox.parked("no such payment yet", timedelta(seconds=2))
    return inbox.ignored("no payment of ours")


def _take(event: InboxEvent, hint: Hint) -> bool:
    attempt = _attempt(hint)
    if attempt is None:
        return False
    cause = Cause("webhook", {"event": str(event.pk), "source": event.source})
    if hint.state is not None:
        outcomes.apply(attempt_id=attempt.pk, state=hint.state, cause=cause)
    else:
        put(
            "payments.attempt_refresh",
            {"attempt_id": attempt.pk, "cause_id": event.pk},
            key=f"{event.pk}:{attempt.pk}",
        )
    return True


def _attempt(hint: Hint) -> PaymentAttempt | None:
    if hint.attempt_id is not None:
        return PaymentAttempt.objects.filter(pk=hint.attempt_id).first()
    rows = PaymentAttempt.objects.filter(acquirer=hint.acquirer)
    if hint.reference and (found := rows.filter(reference=hint.reference).first()):
        return found
    if hint.key and (found := rows.filter(key=hint.key).first()):
        return found
    return rows.filter(external_id=hint.external_id).first() if hint.external_id else None


def register() -> None:
    """Make every source known to the inbox, in every process."""
    for source in WEBHOOKS:
        inbox.register(source, verify=verify, apply=apply)
