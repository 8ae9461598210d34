"""Refusals of accounts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from core.errors import ApplicationError
from core.privacy import Obstacle


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


def session_not_found() -> ApplicationError:
    return ApplicationError("session_not_found", "Not Found", "No such session of yours.", 404)


def choice_unknown(name: str) -> ApplicationError:
    return ApplicationError(
        "choice_unknown", "Not a choice", fields={name: ["This is not one of the choices."]}
    )


def account_open(open_: Sequence[Obstacle]) -> ApplicationError:
    """Each obstacle under its code, with what to do."""
    return ApplicationError(
        "account_open",
        "Something is open",
        " ".join(one.detail for one in open_),
        409,
        fields={one.code: [one.detail] for one in open_},
    )


def identity_missing() -> ApplicationError:
    return ApplicationError(
        "identity_missing", "Telegram did not say who you are", "Please sign in another way.", 400
    )


def sign_in_gone() -> ApplicationError:
    return ApplicationError(
        "sign_in_gone", "This sign-in has ended", "Start again on the page you came from.", 410
    )


def second_factor_wrong() -> ApplicationError:
    return ApplicationError(
        "second_factor_wrong",
        "Not the right code",
        "That code is wrong, has been used, or its half minute is over. Take the one that your "
        "app shows now.",
        400,
    )


def second_factor_wait(until: datetime) -> ApplicationError:
    seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
    return ApplicationError(
        "second_factor_wait", "Too many tries", f"Wait {seconds} s before the next try.", 429
    )


def second_factor_enrolled() -> ApplicationError:
    return ApplicationError("second_factor_enrolled", "Already set up", "Type a code.", 409)


def second_factor_gone() -> ApplicationError:
    return ApplicationError(
        "second_factor_gone", "This key is out of date", "Scan the one that is shown now.", 410
    )


def second_factor_not_yours() -> ApplicationError:
    return ApplicationError(
        "second_factor_not_yours", "Forbidden", "Only another superuser may reset this.", 403
    )
