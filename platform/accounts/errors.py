"""Refusals of accounts."""

from __future__ import annotations

from core.errors import ApplicationError


def init_data_invalid(reason: str) -> ApplicationError:
    """One answer for every forgery; stale data is told apart: reopening the app cures it."""
    if reason in {"expired", "future"}:
        return ApplicationError(
            "init_data_stale", "Launch data out of date", "Reopen the app in Telegram.", 401
        )
    return ApplicationError(
        "init_data_invalid", "Launch data refused", "Telegram did not sign this launch.", 401
    )


def account_disabled() -> ApplicationError:
    return ApplicationError("account_disabled", "Account disabled", "Write to support.", 403)


def refresh_invalid() -> ApplicationError:
    return ApplicationError("refresh_invalid", "Session ended", "Sign in again.", 401)


def proof_invalid(code: str) -> ApplicationError:
    return ApplicationError(
        code if code.startswith("proof_") else f"proof_{code}",
        "Wallet not proved",
        "The wallet's signature was not accepted. Connect the wallet again.",
        400,
    )


def wallet_not_found() -> ApplicationError:
    return ApplicationError("wallet_not_found", "Not Found", "No such wallet of yours.", 404)


def identity_missing() -> ApplicationError:
    return ApplicationError(
        "identity_missing", "Telegram did not say who you are", "Please sign in another way.", 400
    )


def sign_in_gone() -> ApplicationError:
    return ApplicationError(
        "sign_in_gone", "This sign-in has ended", "Start again on the page you came from.", 410
    )
