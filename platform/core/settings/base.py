"""What every environment shares. Deployment values come from the environment (see env.py)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from core.settings import env
from core.settings.identity import *
from core.settings.media import *
from core.settings.pay import *

BASE_DIR = Path(__file__).resolve().parents[3]
STATE_DIR = Path(env.text("STATE_DIR", str(BASE_DIR / ".local")))
DEVELOPMENT = False

SECRET_KEY = env.text("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost")
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
WS_URL = env.text("WS_URL", "ws://127.0.0.1:8002/ws/")
CSRF_FAILURE_VIEW = "core.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# How many proxies of ours stand before the web processes (X-Forwarded-For is read that deep).
TRUSTED_PROXY_HOPS = env.number("TRUSTED_PROXY_HOPS", 0)

# Our rooms from the ground up. Doors (urls.py, live.py, desk.py, tasks.py) are found by this list.
ROOMS = [
    "core",
    "core.inbox",
    "core.outbox",
    "core.ton",
    "accounts",
    "notices",
    "catalog",
    "catalog.media",
    "nft",
    "referrals",
    "payments",
]
INSTALLED_APPS = [
    "core.desk.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "guardian",
    "axes",
    "csp",
    "django_htmx",
    "django_prometheus",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    *ROOMS,
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "core.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.web_sessions.EndedSessionMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.errors.ProblemMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "core.urls"
ASGI_APPLICATION = "deploy.asgi.application"
WSGI_APPLICATION = "deploy.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# --- data -------------------------------------------------------------------------------------
# The application's role owns no table; migrations run as the owner (MIGRATE=1 or the tests).
DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL", "")
if DATABASE_OWNER_URL and env.flag("DATABASE_AS_OWNER"):
    DATABASES = {"default": env.database(DATABASE_OWNER_URL)}
REDIS_URL = env.text("REDIS_URL")
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.text("REDIS_PREFIX", "tonality"),
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(STATE_DIR / "media")))
MEDIA_CACHE_DIR = Path(env.text("MEDIA_CACHE_DIR", str(STATE_DIR / "media-cache")))
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT)},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600
# Names with a hash in them: the build's own and Django's.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/(miniapp/assets/|.*\.[0-9a-f]{12}\.)"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "build" / "static")))
# Only plain folders are listed: the Mini App's sources stay out, its build comes in.
STATICFILES_DIRS = [
    ("css", BASE_DIR / "static" / "css"),
    ("img", BASE_DIR / "static" / "img"),
    ("js", BASE_DIR / "static" / "js"),
    ("miniapp", BASE_DIR / "build" / "miniapp"),
]

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AXES_ENABLE_ADMIN = False  # attempts live in the cache
# The name of the forms' field; by default axes takes the model's ("login") and counts nothing.
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "core.address.client_network"  # an IPv6 household has 2**64 addresses
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
LOGIN_URL = "/sign-in"

ACCESS_TOKEN_LIFETIME = timedelta(minutes=20)
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
INIT_DATA_MAX_AGE = timedelta(hours=1)
INIT_DATA_MAX_SKEW = timedelta(seconds=60)
WALLET_NONCE_LIFETIME = timedelta(minutes=15)
# Hosts besides our own whose name a wallet may have signed (an old domain during a move).
TON_PROOF_DOMAINS = env.words("TON_PROOF_DOMAINS", "")

TELEGRAM_BOT_TOKEN = env.text("TELEGRAM_BOT_TOKEN", "")
TELEGRAM_BOT_USERNAME = env.text("TELEGRAM_BOT_USERNAME", "")
# Where a chat with the bot opens; development's is a page of its sandbox.
TELEGRAM_BOT_URL = env.text("TELEGRAM_BOT_URL", f"https://t.me/{TELEGRAM_BOT_USERNAME}")
TELEGRAM_API_URL = env.text("TELEGRAM_API_URL", "https://api.telegram.org")
TELEGRAM_WEBHOOK_SECRET = env.text("TELEGRAM_WEBHOOK_SECRET", "")
SUPPORT_CONTACT = env.text("SUPPORT_CONTACT", "support of this shop")
TERMS_URL = env.text("TERMS_URL", f"{PUBLIC_URL}/terms")
TELEGRAM_APP_NAME = env.text("TELEGRAM_APP_NAME", "app")
# Telegram's Ed25519 keys for third-party checks of initData: production, then test environment.
TELEGRAM_PUBLIC_KEYS = env.words(
    "TELEGRAM_PUBLIC_KEYS", "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d"
)
TELEGRAM_JS_URL = env.text("TELEGRAM_JS_URL", "https://telegram.org/js/telegram-web-app.js?64")

# --- the chain --------------------------------------------------------------------------------
NATIVE_COIN = "TON"
NATIVE_COIN_LABEL = env.text("NATIVE_COIN_LABEL", "TON")
TON_NETWORK = env.choice("TON_NETWORK", frozenset({"mainnet", "testnet", "local"}), "mainnet")
TON_ENDPOINTS = env.words("TON_ENDPOINTS", "liteserver")
TON_QUORUM = env.number("TON_QUORUM", 1 if TON_NETWORK == "local" else 2)
TON_HUB_ADDRESS = env.text("TON_HUB_ADDRESS", "")
TON_API_KEY = env.text("TON_API_KEY", "")
# A global config (JSON) to use instead of the bundled list of public liteservers.
TON_LITESERVER_CONFIG = env.text("TON_LITESERVER_CONFIG", "")
TON_USD_RATE = env.text("TON_USD_RATE", "3.00")  # display only; a decimal string
# Pages of others, shown only where they are set: {address}; {collection} and {item}.
TON_EXPLORER_URL = env.text("TON_EXPLORER_URL", "")
MARKET_URL = env.text("MARKET_URL", "")
MARKET_API = env.text("MARKET_API", "")

# --- the shop ---------------------------------------------------------------------------------
PLATFORM_BPS = env.number("PLATFORM_BPS", 1000)
REFERRAL_BPS = env.number("REFERRAL_BPS", 2000)  # of the platform's part
ORDER_LIFETIME = timedelta(minutes=10)
ATTEMPT_LIFETIME = timedelta(minutes=5)  # wallets warn of requests that stay valid for longer

# --- API --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.OrjsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.ratelimit.TokenBucketThrottle"],
    "EXCEPTION_HANDLER": "core.errors.problem_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # `format` is a word of our own: which encoding a player wants
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tonality API",
    "DESCRIPTION": "Hear, share and collect music on TON.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "DropStateEnum": "nft.drops.DropState",
        "ClaimStateEnum": "payments.models.ClaimRight.State",
        "PlaylistRoleEnum": "catalog.models.PlaylistMember.Role",
        "GivenRoleEnum": "catalog.library_serializers.ROLES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.describe_problems",
    ],
}
# (requests at once, seconds to refill them); a benchmark raises them, a deploy check refuses that.
RATE_LIMIT_FACTOR = env.number("RATE_LIMIT_FACTOR", 1)
RATE_LIMITS = {
    "user": (120 * RATE_LIMIT_FACTOR, 60),
    "address": (240 * RATE_LIMIT_FACTOR, 60),
    "auth": (20 * RATE_LIMIT_FACTOR, 60),
    "orders": (20 * RATE_LIMIT_FACTOR, 60),
    "gifts": (30 * RATE_LIMIT_FACTOR, 60),
    "streams": (60 * RATE_LIMIT_FACTOR, 60),
    "plays": (60 * RATE_LIMIT_FACTOR, 60),
    "library": (90 * RATE_LIMIT_FACTOR, 60),
    "shares": (30 * RATE_LIMIT_FACTOR, 60),
    "inline": (60 * RATE_LIMIT_FACTOR, 60),
}

# --- work -------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": env.text("REDIS_PREFIX", "tonality")},
    }
}

# Who a live connection speaks for: (access token) -> core.live.Identity or None.
LIVE_IDENTITY = "accounts.authentication.live_identity"
LIVE_ORIGINS = env.words("LIVE_ORIGINS", "")

# --- hardening --------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# Pages that need more (the Mini App: TON Connect bridges, web.telegram.org as a frame) add it
# per view with csp.decorators.csp_update.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# The bridges of the wallets that we offer (static/miniapp wallets list); taken at build time.
TON_CONNECT_BRIDGES = env.words(
    "TON_CONNECT_BRIDGES",
    "https://walletbot.me,https://bridge.tonapi.io,https://tonconnectbridge.mytonwallet.org,"
    "https://connect.tonhubapi.com",
)

# Entries of TON Connect's wallets list; development puts its own wallet first.
TON_CONNECT_WALLETS = BASE_DIR / "static" / "miniapp" / "wallets.json"
DEVELOPMENT_WALLETS: list[dict[str, Any]] = []
MINIAPP_MANIFEST = BASE_DIR / "build" / "miniapp" / "manifest.json"
DOCUMENT_FONTS = BASE_DIR / "build" / "fonts"  # of PDFs; put there by the Mini App's build

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
TIME_ZONE = "UTC"
USE_TZ = True

# With a token only its bearer may scrape; without one, only private peers that came unproxied.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
METRICS_HOST = env.text("METRICS_HOST", "127.0.0.1")
SENTRY_DSN = env.text("SENTRY_DSN", "")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")
SENTRY_TRACES_PERCENT = env.number("SENTRY_TRACES_PERCENT", 5)
RELEASE = env.text("RELEASE", "")
LOG_LEVEL = env.choice("LOG_LEVEL", frozenset({"DEBUG", "INFO", "WARNING", "ERROR"}), "INFO")
LOGGING_CONFIG = None  # core.logs configures structlog and the standard library's logging
