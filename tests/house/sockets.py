"""No test talks to the outside: an audit hook refuses every socket that is not loopback."""

import socket
import sys
from ipaddress import ip_address

WATCHED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"})
NAMES = frozenset({"localhost", "localhost.localdomain", "", None})


class OutsideSocketRefused(RuntimeError):
    """A test tried to reach something that is not on this machine."""


def refuse_outside() -> None:
    """From now on, for good: audit hooks cannot be removed."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event not in WATCHED:
        return
    if event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        sock, address = arguments[0], arguments[1]
        if not isinstance(address, tuple) or getattr(sock, "family", None) == socket.AF_UNIX:
            return
        host = address[0]
    if not is_local(host):
        raise OutsideSocketRefused(f"{event} to {host!r}")


def is_local(host: object) -> bool:
    """True for loopback addresses and the names that mean this machine."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in NAMES:
        return True
    try:
        return ip_address(str(text)).is_loopback
    except ValueError:
        return False
