"""Addresses of payments."""

from __future__ import annotations

from django.urls import path

from payments import api, api_gifts, portal, receipts, share_api
from payments.storefront import checkout, drop, gifts, orders, returns
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
    path("orders/<uuid:order>/gift", api_gifts.OrderGiftView.as_view(), name="order-gift"),
    path("drops/<uuid:drop>/offers", api.OfferListView.as_view(), name="drop-offers"),
    path("gifts", api_gifts.GiftListView.as_view(), name="gift-list"),
    path("claims", api_gifts.ClaimListView.as_view(), name="claim-list"),
    path("gifts/<str:secret>", api_gifts.GiftView.as_view(), name="gift"),
    path("referrals/me", api.ReferralView.as_view(), name="referral-me"),
    path("referrals/leaders", api.ReferralLeadersView.as_view(), name="referral-leaders"),
    path("share", share_api.ShareView.as_view(), name="share"),
    path("rates", api.RatesView.as_view(), name="rates"),
]

urlpatterns = [
    path("drops/<uuid:drop>", drop.drop_page, name="store-drop"),
    path("checkout/<uuid:drop>", checkout.checkout, name="store-checkout"),
    path("orders/<uuid:order>", orders.order_page, name="store-order"),
    path(
        "orders/<uuid:order>/transaction",
        orders.order_transaction,
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
    path("orders/<uuid:order>/gift", gifts.order_gift, name="store-order-gift"),
    path("gift/<str:secret>", gifts.gift_page, name="store-gift"),
    path("pay/return/<uuid:attempt>", returns.payment_return, name="payment-return"),
    *portal.urlpatterns,
    path("webhooks/<slug:source>", WebhookView.as_view(), name="webhook"),
]
