"""What the product knows of a pinning service.

Every call may be made again: adding what is there and removing what is gone are successes. Nothing
here writes to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any, Protocol

import httpx2

from core import http
from core.ipfs.cid import Cid, CidInvalid, Profile, parse_any


class State(StrEnum):
    PINNED = "pinned"
    WORKING = "working"  # asked for; it will be pinned, or fail
    ABSENT = "absent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Status:
    """How a pin stands. remote_id: the service's own name for it, "" where the CID is enough."""

    state: State
    remote_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A file to be kept. open: opens its bytes, from the start. size: bytes."""

    cid: Cid
    size: int
    profile: Profile
    name: str
    open: Callable[[], IO[bytes]]


class PinError(Exception):
    """code: of ours. retry: the same call may succeed later, after `after` seconds at least."""

    def __init__(self, code: str, detail: str = "", *, retry: bool, after: int = 0) -> None:
        super().__init__(detail or code)
        self.code, self.detail, self.retry, self.after = code, detail[:200], retry, after


class PinService(Protocol):
    """name: as rows keep it. fetches: it takes no bytes but gets them from who has them."""

    name: str
    fetches: bool

    def add(self, content: Content) -> Status:
        """See that it is kept there; PINNED or WORKING. Raises PinError.

        Streamed from disk. A service that names the bytes otherwise than we do is an error, which
        leaves nothing there: the published name would not be found by it.
        """
        ...

    def state(self, cid: Cid, remote_id: str) -> Status:
        """How it stands there now. Raises PinError when the service cannot say."""
        ...

    def remove(self, cid: Cid, remote_id: str) -> None:
        """See that it is not kept there. Raises PinError."""
        ...

    def holds(self, cid: Cid) -> bool:
        """Whether it can prove that it has the bytes, or, lacking a way to ask, says that it pins.

        Raises PinError.
        """
        ...


@contextmanager
def calls() -> Iterator[None]:
    """Errors of the wire and of answers that are none, as PinError."""
    try:
        yield
    except http.Unavailable as error:
        raise PinError("unavailable", str(error), retry=True, after=error.after) from error
    except http.TooLarge as error:
        raise PinError("answer_too_large", str(error), retry=True) from error
    except CidInvalid as error:
        raise PinError("answer_unreadable", f"no CID: {error}", retry=True) from error
    except (KeyError, TypeError, ValueError) as error:
        raise PinError(
            "answer_unreadable", f"{type(error).__name__}: {error}", retry=True
        ) from error


def answer(response: httpx2.Response) -> Any:
    """The JSON of an answer. Raises PinError for a refusal, ValueError for no JSON.

    A refused token and an exhausted plan heal when a person has seen to them, so they are retried;
    what the service will never take is not.
    """
    if response.is_success:
        return response.json()
    status, said = response.status_code, _said(response)
    if status in {401, 402, 403}:
        raise PinError("not_let_in", said, retry=True, after=300)
    raise PinError("refused", f"{status}: {said}", retry=status >= 500)


def _said(response: httpx2.Response) -> str:
    """A reason out of the forms of error that are in use, else the text."""
    try:
        found = response.json()
    except ValueError:
        return response.text[:150]
    if isinstance(found, dict):
        inner = found.get("error", found.get("Message"))
        if isinstance(inner, dict):
            inner = inner.get("details") or inner.get("reason") or inner.get("message")
        return str(inner or found)[:150]
    return str(found)[:150]


def same(text: str, cid: Cid) -> None:
    """Raises PinError when the service has given the bytes another name."""
    if parse_any(text) != cid:
        raise PinError("cid_differs", f"named {text[:80]}", retry=False)
