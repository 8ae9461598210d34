"""Typed readers of environment variables. A missing or malformed value stops the start.

Every secret may also come from a file: NAME_FILE holds a path (Kubernetes and Docker secrets).
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})


def text(name: str, default: str | None = None) -> str:
    """The variable's text; without a default it must be set."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set the environment variable {name} (or {name}_FILE).")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1/0, true/false, yes/no, on/off.")


def number(name: str, default: int | None = None) -> int:
    value = text(name, None if default is None else str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pairs(name: str, default: str) -> dict[str, str]:
    """ "a:1,b:2" as a mapping. Raises ImproperlyConfigured for a word without a colon."""
    found: dict[str, str] = {}
    for word in words(name, default):
        key, colon, value = word.partition(":")
        if not colon or not key or not value:
            raise ImproperlyConfigured(f"{name} is a list of name:value, not {word!r}.")
        found[key] = value
    return found


def named(name: str) -> dict[str, str]:
    """ "a=https://one,b=https://two" as a mapping, in that order. Raises ImproperlyConfigured."""
    found: dict[str, str] = {}
    for word in words(name):
        key, sign, value = word.partition("=")
        if not sign or not key or not value or key in found:
            raise ImproperlyConfigured(f"{name} is a list of name=value, each name once.")
        found[key] = value
    return found


def keys(name: str) -> dict[str, bytes]:
    """ "name:base64 of 32 bytes" entries. Raises ImproperlyConfigured for anything else."""
    found: dict[str, bytes] = {}
    for label, value in pairs(name, "").items():
        try:
            found[label] = base64.b64decode(value, validate=True)
        except ValueError:
            raise ImproperlyConfigured(f"{name}: {label} is no base64.") from None
        if len(found[label]) != 32:
            raise ImproperlyConfigured(f"{name}: {label} has not 32 bytes.")
    return found


def choice(name: str, allowed: frozenset[str], default: str | None = None) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(allowed))}.")
    return value


def database(url: str) -> dict[str, object]:
    """postgres://user:password@host:port/name, as Django's DATABASES entry."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("PostgreSQL is the only database: postgres://user:pw@host/name")
    return {
        "ENGINE": "django_prometheus.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
