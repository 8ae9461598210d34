"""`make run`: everything on this machine, with development logins and the local TON network."""

from core.settings import env
from core.settings.base import *
from core.settings.base import BASE_DIR, STATICFILES_DIRS

DEVELOPMENT = True
DEBUG = env.flag("DEBUG")
# A bot that does not exist and the public half of accounts.development's signer: the development
# login signs launches as Telegram would. Deploy checks refuse both elsewhere.
TELEGRAM_BOT_TOKEN = (
    env.text("TELEGRAM_BOT_TOKEN", "") or "1000000001:DEVELOPMENT-BOT-OF-TONALITY-00000"
)
TELEGRAM_BOT_USERNAME = env.text("TELEGRAM_BOT_USERNAME", "") or "tonality_dev_bot"
TELEGRAM_BOT_URL = env.text("TELEGRAM_BOT_URL", "") or f"https://t.me/{TELEGRAM_BOT_USERNAME}"
TELEGRAM_PUBLIC_KEYS = env.words(
    "TELEGRAM_PUBLIC_KEYS", "ad3e72c2c50efa1ce79fe25c2e42f420fe832594a10437d6bb8da77d65a61c18"
)
TELEGRAM_JS_URL = env.text("TELEGRAM_JS_URL", "/static/dev/telegram-web-app.js")
STATICFILES_DIRS += [
    ("devwallet", BASE_DIR / "build" / "devwallet"),
    ("dev", BASE_DIR / "deploy" / "local" / "telegram"),
]
# A missing build is told by `make`, not by a stack trace of the file finder.
STATICFILES_DIRS = [entry for entry in STATICFILES_DIRS if entry[1].is_dir()]
SENTRY_ENVIRONMENT = "development"
LOCAL_TON_API = env.text("LOCAL_TON_API", "http://127.0.0.1:8081/api/v2/")
