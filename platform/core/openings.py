"""What the Mini App's page brings along: the answers that its first screen would ask for.

A room says so for the head of an address below /app/; what it gives are the API's answers to a
guest, under the names by which the app keeps them (static/miniapp/src/state/query.ts). The app of
somebody who is signed in shows them and asks for its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import structlog
from django.db import OperationalError


class Opening(NamedTuple):
    """known: the answers by their names. cover: the address of what is seen first."""

    known: Mapping[str, Any] = {}
    cover: str = ""


Opener = Callable[[str], Opening]
_OPENERS: Final[dict[str, Opener]] = {}
log = structlog.get_logger(__name__)


def opens(head: str) -> Callable[[Opener], Opener]:
    """The function gets what follows the head in the address; an empty one is no answer."""

    def register(opener: Opener) -> Opener:
        _OPENERS[head] = opener
        return opener

    return register


def opening(path: str) -> Opening:
    """For an address below /app/. Without the database the page comes without answers."""
    head, _, rest = path.partition("/")
    opener = _OPENERS.get(head)
    if opener is None:
        return Opening()
    try:
        return opener(rest.strip("/"))
    except OperationalError:
        log.warning("opening_without_answers", exc_info=True)
        return Opening()
