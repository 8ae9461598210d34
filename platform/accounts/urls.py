"""Addresses of accounts."""

from __future__ import annotations

from django.urls import path, re_path

from accounts import api, api_account, second_factor, web, web_telegram

api_urlpatterns = [
    path("auth/telegram", api.TelegramView.as_view(), name="auth-telegram"),
    path("auth/wallet/nonce", api.WebNonceView.as_view(), name="auth-wallet-nonce"),
    path("auth/wallet", api.WebSignInView.as_view(), name="auth-wallet"),
    path("auth/refresh", api.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", api.LogoutView.as_view(), name="auth-logout"),
    path("me", api.MeView.as_view(), name="me"),
    path("me/sessions", api_account.SessionsView.as_view(), name="session-list"),
    path("me/sessions/<uuid:session_id>", api_account.SessionView.as_view(), name="session"),
    path("me/export", api_account.ExportView.as_view(), name="me-export"),
    path("me/erasure", api_account.ErasureView.as_view(), name="me-erasure"),
    path("wallets/nonce", api.WalletNonceView.as_view(), name="wallet-nonce"),
    path("wallets", api.WalletsView.as_view(), name="wallets"),
    path("wallets/<uuid:wallet_id>", api.WalletView.as_view(), name="wallet"),
    path("dev/init-data", api.DevInitDataView.as_view(), name="dev-init-data"),
    re_path(r"^dev/login/(?P<name>fan|collector|artist)$", api.dev_login, name="dev-login"),
]
urlpatterns = [
    path("me/data/<str:token>", api_account.export_file, name="account-export"),
    *web.urlpatterns,
    *web_telegram.urlpatterns,
    *second_factor.urlpatterns,
]
