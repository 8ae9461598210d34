"""Writes of accounts: signing in, sessions, wallets, choices, the second factor."""

from accounts.services.account import account_erase, preferences_set
from accounts.services.second_factor import (
    second_factor_begin,
    second_factor_confirm,
    second_factor_reset,
    second_factor_verify,
)
from accounts.services.sessions import (
    Tokens,
    bot_access_set,
    session_name,
    session_open,
    session_open_by_telegram,
    session_refresh,
    session_revoke,
    sessions_revoke_others,
    user_remember,
)
from accounts.services.telegram import (
    bot_sign_in_answer,
    bot_sign_in_ask,
    bot_sign_in_start,
    bot_sign_in_take,
    session_open_by_openid,
)
from accounts.services.wallets import (
    wallet_link,
    wallet_nonce_issue,
    wallet_unlink,
    web_nonce_issue,
    web_session_open,
)

__all__ = [
    "Tokens",
    "account_erase",
    "bot_access_set",
    "bot_sign_in_answer",
    "bot_sign_in_ask",
    "bot_sign_in_start",
    "bot_sign_in_take",
    "preferences_set",
    "second_factor_begin",
    "second_factor_confirm",
    "second_factor_reset",
    "second_factor_verify",
    "session_name",
    "session_open",
    "session_open_by_openid",
    "session_open_by_telegram",
    "session_refresh",
    "session_revoke",
    "sessions_revoke_others",
    "user_remember",
    "wallet_link",
    "wallet_nonce_issue",
    "wallet_unlink",
    "web_nonce_issue",
    "web_session_open",
]
