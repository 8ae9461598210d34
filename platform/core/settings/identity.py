"""Who somebody is: signing in through Telegram on the web, and the second factor of staff."""

from datetime import timedelta

from core.settings import env

# Telegram's OpenID Connect (core.telegram.org/bots/telegram-login): offered when the first two of
# the client's settings are there. Endpoints and keys come from the issuer's discovery document.
TELEGRAM_OIDC_ISSUER = env.text("TELEGRAM_OIDC_ISSUER", "https://oauth.telegram.org").rstrip("/")
TELEGRAM_OIDC_CLIENT_ID = env.text("TELEGRAM_OIDC_CLIENT_ID", "")
TELEGRAM_OIDC_CLIENT_SECRET = env.text("TELEGRAM_OIDC_CLIENT_SECRET", "")
TELEGRAM_OIDC_SCOPE = env.text("TELEGRAM_OIDC_SCOPE", "openid profile")
# Which claim of the ID token says what. `sub` is not the Telegram id.
TELEGRAM_OIDC_CLAIMS = env.pairs(
    "TELEGRAM_OIDC_CLAIMS", "id:id,name:name,username:preferred_username,photo:picture"
)
OIDC_LIFETIME = timedelta(minutes=10)  # from leaving for Telegram to coming back
BOT_SIGN_IN_LIFETIME = timedelta(minutes=5)

# Where staff prove the second factor; the desk sends them there (like LOGIN_URL).
SECOND_FACTOR_URL = "/second-factor"
OTP_TOTP_ISSUER = "Tonality desk"
OTP_TOTP_SYNC = False  # phones keep time; a clock that we follow is a wider door
