"""Outgoing HTTP: every call has a time limit, a size limit, no redirects, and careful retries."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Any, Final, Self

import httpx2
import stamina

USER_AGENT: Final = "Tonality/1.0"
TIMEOUT: Final = 10.0
MAX_BYTES: Final = 5_000_000
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_AGAIN: Final = frozenset({429, 502, 503, 504})


class TooLarge(Exception):
    """The answer is larger than we are willing to hold."""


class Unavailable(Exception):
    """The other side is away or overloaded; the same call may succeed later.

    after: seconds that it asked us to wait (Retry-After in its delta form), 0 when it did not.
    status, body: of its answer, 0 and empty when there was none. unsent: no byte of the call left.
    """

    after = 0
    status = 0
    body = b""
    unsent = False


@cache
def authorities() -> ssl.SSLContext:
    """Whom we trust; reading their certificates takes longer than a call (20 ms)."""
    return httpx2.create_ssl_context(trust_env=False)


class Client:
    """`with Client(base_url=...) as http: http.request("GET", "/path").json()`.

    Redirects are answers like any other: whoever follows one decides where to. A call is repeated
    only when it is safe (GET, HEAD, OPTIONS) or the caller says so (`again=True`: the request
    carries an idempotency key), on lost connections, timeouts, 429, 502, 503, 504.
    """

    def __init__(
        self,
        *,
        base_url: str = "",
        timeout: float = TIMEOUT,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
        attempts: int = 3,
        retry_seconds: float = 20.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._attempts = attempts
        self._retry_seconds = retry_seconds
        self._client = httpx2.Client(
            base_url=base_url,
            timeout=timeout,
            follow_redirects=False,
            headers={"User-Agent": USER_AGENT, **(headers or {})},
            transport=transport,
            trust_env=False,
            verify=authorities(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def request(
        self, method: str, url: str, *, again: bool | None = None, **options: Any
    ) -> httpx2.Response:
        """The whole answer, whatever its status but those that mean "later".

        Raises Unavailable when all attempts failed, TooLarge.
        """
        may_repeat = method.upper() in _SAFE if again is None else again
        for attempt in stamina.retry_context(
            on=Unavailable,
            attempts=self._attempts if may_repeat else 1,
            timeout=self._retry_seconds,
            wait_initial=0.2,
            wait_max=3.0,
        ):
            with attempt:
                return self._once(method, url, options)
        raise Unavailable(url)  # the loop above either returns or raises

    def _once(self, method: str, url: str, options: Mapping[str, Any]) -> httpx2.Response:
        try:
            with self._client.stream(method, url, **options) as response:
                content = self._read(response)
        except httpx2.TransportError as error:
            away = Unavailable(f"{type(error).__name__} at {self._client.base_url}")
            away.unsent = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
            raise away from error
        if response.status_code in _AGAIN:
            raise _overloaded(response, content)
        # The body is decoded already: saying so twice would break its readers.
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in {"content-encoding", "content-length", "transfer-encoding"}
        ]
        return httpx2.Response(
            response.status_code, headers=headers, content=content, request=response.request
        )

    def _read(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise TooLarge(f"more than {self._max_bytes} bytes")
        return bytes(body)


def _overloaded(response: httpx2.Response, content: bytes) -> Unavailable:
    url = response.request.url
    error = Unavailable(f"status {response.status_code} at {url.scheme}://{url.netloc.decode()}")
    wait = response.headers.get("Retry-After", "")
    error.after = int(wait) if wait.isdecimal() and len(wait) < 6 else 0
    error.status, error.body = response.status_code, content
    return error
