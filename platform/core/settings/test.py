"""Tests: the real parts of development, a fixed secret, fast hashes."""

import os

os.environ.setdefault("SECRET_KEY", "tests-only-secret-key-of-more-than-fifty-characters-000000")
os.environ.setdefault("MEDIA_MASTER_KEYS", "test:" + "A" * 43 + "=")
os.environ.setdefault("TELEGRAM_BOT_TOKEN", "1234567890:TEST-TOKEN-FOR-VECTORS")
os.environ.setdefault("TELEGRAM_BOT_USERNAME", "tonality_test_bot")
os.environ.setdefault("TON_NETWORK", "local")
os.environ.setdefault("TON_ENDPOINTS", "http://127.0.0.1:8081/api/v2/")
os.environ.setdefault("TON_HUB_ADDRESS", "0:" + "11" * 32)
os.environ.setdefault("DATABASE_URL", "postgres://tonality@127.0.0.1:54320/tonality")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:63790/0")
if owner := os.environ.get("DATABASE_OWNER_URL"):
    os.environ["DATABASE_URL"] = owner  # test databases are created, filled and dropped

from core.settings.dev import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MIDDLEWARE = [one for one in MIDDLEWARE if "whitenoise" not in one]  # nothing was collected
CELERY_TASK_ALWAYS_EAGER = False
# Nothing leaves, whatever node the shell names (its own tests read that: tests/ipfs).
IPFS_API, PINATA_JWT = "", ""
IPFS_PINNING = {}
