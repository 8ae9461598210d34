"""`{% entry "src/app/main.tsx" %}`: a Vite entry's script, styles and preloads with the nonce."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson
from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
BASE: Final = "miniapp/"


class BuildMissing(RuntimeError):
    """The front end has not been built, or has no such entry."""


@lru_cache(maxsize=4)
def _manifest(path: Path, changed: float) -> dict[str, Any]:
    del changed  # part of the key: a new build is a new manifest
    manifest: dict[str, Any] = orjson.loads(path.read_bytes())
    return manifest


def _chunks(manifest: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The entry's chunk first, then what it imports at once."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [name]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = manifest[key]
            waiting.extend(manifest[key].get("imports", []))
    return list(found.values())


@register.simple_tag(takes_context=True)
def ahead(context: template.Context, name: str) -> SafeString:
    """Preloads of a part that the entry imports later, with what it stands on; "" for none."""
    if not name:
        return SafeString("")
    path: Path = settings.MINIAPP_MANIFEST
    manifest = _manifest(path, path.stat().st_mtime)
    files = [chunk["file"] for chunk in _chunks(manifest, name)]
    nonce = getattr(context.get("request"), "csp_nonce", "")
    return _links('<link rel="modulepreload" href="{}" nonce="{}">', files, nonce)


@register.simple_tag(takes_context=True)
def entry(context: template.Context, name: str) -> SafeString:
    """Raises BuildMissing with the command that helps."""
    path: Path = settings.MINIAPP_MANIFEST
    if not path.is_file():
        raise BuildMissing("The front end is not built: run `make miniapp`.")
    manifest = _manifest(path, path.stat().st_mtime)
    if name not in manifest:
        raise BuildMissing(f"The front end's build has no entry {name}.")
    chunks = _chunks(manifest, name)
    styles = [style for chunk in chunks for style in chunk.get("css", [])]
    nonce = getattr(context.get("request"), "csp_nonce", "")
    return format_html(
        '{}{}<script type="module" src="{}" nonce="{}"></script>',
        _links('<link rel="stylesheet" href="{}" nonce="{}">', styles, nonce),
        _links(
            '<link rel="modulepreload" href="{}" nonce="{}">',
            [chunk["file"] for chunk in chunks[1:]],
            nonce,
        ),
        _url(chunks[0]["file"]),
        nonce,
    )


def _url(file: str) -> str:
    """As the build named it: with the content's hash, by which its chunks import each other."""
    return f"{settings.STATIC_URL}{BASE}{file}"


def _address(file: str) -> str:
    """The build's own name, which has its hash already: the chunks import each other by it.

    Under a second name (ManifestStaticFilesStorage) a module would be fetched and run twice.
    """
    return f"{settings.STATIC_URL}{BASE}{file}"


def _links(form: str, files: list[str], nonce: str) -> SafeString:
    return format_html_join("", form, ((_url(file), nonce) for file in files))
