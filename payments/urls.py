"""Addresses of payments."""

from __future__ import annotations

from django.urls import path

from payments import api, portal, storefront
from payments.webhooks import WebhookView

api_urlpatterns = [
    path("orders", api.OrderListView.as_view(), name="order-list"),
    path("orders/<uuid:order>", api.OrderDetailView.as_view(), name="order-detail"),
    path("orders/<uuid:order>/attempts", api.AttemptListView.as_view(), name="order-attempts"),
    path("referrals/me", api.ReferralView.as_view(), name="referral-me"),
]

urlpatterns = [
    path("drops/<uuid:drop>", storefront.drop_page, name="store-drop"),
    path("checkout/<uuid:drop>", storefront.checkout, name="store-checkout"),
    path("orders/<uuid:order>", storefront.order_page, name="store-order"),
    path(
        "orders/<uuid:order>/transaction",
        storefront.order_transaction,
        name="store-order-transaction",
    ),
    path("pay/return/<uuid:attempt>", storefront.payment_return, name="payment-return"),
    *portal.urlpatterns,
    path("webhooks/<slug:source>", WebhookView.as_view(), name="webhook"),
]
