"""Addresses of payments."""

from __future__ import annotations

from django.urls import path

from payments import api, receipts, storefront
from payments.webhooks import WebhookView

api_urlpatterns = [
    path("orders", api.OrderListView.as_view(), name="order-list"),
    path("orders/<uuid:order>", api.OrderDetailView.as_view(), name="order-detail"),
    path("orders/<uuid:order>/attempts", api.AttemptListView.as_view(), name="order-attempts"),
    path(
        "orders/<uuid:order>/receipts/<uuid:receipt>",
        api.ReceiptView.as_view(),
        name="order-receipt",
    ),
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
    path(
        "orders/<uuid:order>/receipts/<uuid:receipt>", receipts.receipt_page, name="store-receipt"
    ),
    path(
        "orders/<uuid:order>/receipts/<uuid:receipt>.pdf",
        receipts.receipt_file,
        name="store-receipt-file",
    ),
    path("pay/return/<uuid:attempt>", storefront.payment_return, name="payment-return"),
    path("webhooks/<slug:source>", WebhookView.as_view(), name="webhook"),
]
