"""Which address a request came from, trusting only as many proxies as stand before us."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request


def client_address(request: HttpRequest | Request) -> str:
    """The address that the outermost trusted proxy saw (settings.TRUSTED_PROXY_HOPS, 0 = none).

    X-Forwarded-For grows to the right: with n proxies of ours the n-th entry from the right was
    written by the first of them, whatever a client put before it.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    hops: int = settings.TRUSTED_PROXY_HOPS
    if hops <= 0:
        return peer
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if len(seen) < hops:
        return peer
    return seen[-hops] if _is_address(seen[-hops]) else peer


def client_network(request: HttpRequest | Request) -> str:
    """What the sender of a request is taken for where attempts are counted."""
    return network_of(client_address(request))


def is_inside(address: str) -> bool:
    """Loopback or a private network (RFC 1918, RFC 4193)."""
    if not _is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return parsed.is_loopback or (parsed.is_private and not parsed.is_link_local)


def network_of(address: str) -> str:
    """What one visitor is taken for: an IPv4 address, or an IPv6 /64 (one household)."""
    if not _is_address(address):
        return "unknown"
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False).network_address)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
