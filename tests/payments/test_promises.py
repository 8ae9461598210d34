"""What the outbox is promised in an order's own transaction, so that no death forgets it."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from core.outbox.models import OutboxEvent
from deploy.local.sandbox.stripe import StripeSandbox
from payments.services.orders import Buyer, attempt_create, order_create
from payments.services.quotes import drop_quote
from tests.payments.conftest import Shop
from tests.payments.kills import keep_promises
from tests.payments.test_off_chain import box, placed, web

pytestmark = pytest.mark.django_db
__all__ = ["box", "web"]  # fixtures


def test_an_attempt_whose_request_died_is_submitted_all_the_same(
    shop: Shop, box: StripeSandbox
) -> None:
    _, attempt = order_create(
        buyer=Buyer(shop.fan, "web"),
        collection=drop_quote(drop_id=shop.drop(hub_quota=5).pk),
        quantity=1,
        method="stripe",
    )
    keep_promises()
    attempt.refresh_from_db()
    (session,) = box.sessions.values()
    assert (attempt.state, attempt.reference) == ("open", session["id"])


def test_what_is_given_up_is_ended_at_its_provider(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    """At once, not when the poller comes by: nobody shall pay it meanwhile."""
    order, _ = placed(web, shop)
    attempt_create(buyer=Buyer(shop.fan, "web"), order_id=order.pk, method="ton")
    (session,) = box.sessions.values()
    assert session["status"] == "open"
    assert OutboxEvent.objects.filter(topic="payments.attempt_cancel").count() == 1
    keep_promises()
    assert session["status"] == "expired"
