"""Readiness checks: cheap questions that a starting program answers once it serves."""

import http.client
import socket
from pathlib import Path

TIMEOUT = 2.0


def port_answers(port: int) -> bool:
    """True when something on loopback accepts connections at `port`."""
    try:
        socket.create_connection(("127.0.0.1", port), TIMEOUT).close()
    except OSError:
        return False
    return True


def page_answers(port: int, path: str) -> bool:
    """True when GET `path` on loopback is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def log_says(log: Path, words: str) -> bool:
    """True when the program has written `words` to its log."""
    return log.exists() and words in log.read_text(errors="replace")
