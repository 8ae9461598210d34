"""`make run`: everything on this machine, with development logins and the local TON network."""

from core.settings.base import *  # noqa: F403
from core.settings.base import BASE_DIR, STATICFILES_DIRS, env

DEVELOPMENT = True
DEBUG = env.flag("DEBUG")
TELEGRAM_JS_URL = env.text("TELEGRAM_JS_URL", "/static/dev/telegram-web-app.js")
STATICFILES_DIRS += [
    ("devwallet", BASE_DIR / "build" / "devwallet"),
    ("dev", BASE_DIR / "deploy" / "local" / "telegram"),
]
# A missing build is told by `make`, not by a stack trace of the file finder.
STATICFILES_DIRS = [entry for entry in STATICFILES_DIRS if entry[1].is_dir()]
SENTRY_ENVIRONMENT = "development"
LOCAL_TON_API = env.text("LOCAL_TON_API", "http://127.0.0.1:8081/api/v2/")
