"""`{% cover_sources url "320px" %}` inside a <picture>: the smaller and modern forms of a cover;
`{% cover_preload url "320px" %}` in the head of a page whose script makes that picture.
"""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.media.covers import WIDTHS

register = template.Library()
_FORMATS: Final = (("avif", "image/avif"), ("webp", "image/webp"), ("jpeg", "image/jpeg"))
_ORIGIN: Final = "/ipfs/"


@register.simple_tag
def cover_sources(url: str, sizes: str) -> SafeString:
    """url: "/ipfs/<cid>" of a cover. sizes: how wide it is shown, as in the attribute of HTML."""
    cid = url.removeprefix(_ORIGIN)
    if not cid or cid == url:
        return SafeString("")
    return format_html_join(
        "",
        '<source type="{}" srcset="{}" sizes="{}">',
        ((kind, _srcset(cid, name), sizes) for name, kind in _FORMATS),
    )


@register.simple_tag
def cover_preload(url: str, sizes: str) -> SafeString:
    """Has the browser fetch the form of a cover that it would take out of such a <picture>."""
    cid = url.removeprefix(_ORIGIN)
    if not cid or cid == url:
        return SafeString("")
    name, kind = _FORMATS[0]
    return format_html(
        '<link rel="preload" as="image" type="{}" imagesrcset="{}" imagesizes="{}"'
        ' fetchpriority="high">',
        kind, _srcset(cid, name), sizes,
    )  # fmt: skip


def _srcset(cid: str, name: str) -> str:
    return ", ".join(f"/covers/{cid}/{width}.{name} {width}w" for width in WIDTHS)
