"""One webhook on its way to the shop."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass
class Delivery:
    """One webhook: sent again until the receiver answers as it should. `headers` per try."""

    url: str
    body: bytes
    headers: Callable[[bytes], Mapping[str, str]]
    accepted: Callable[[int, bytes], bool] = lambda status, _body: 200 <= status < 300
    timeout: float = 10.0

    def post(self) -> tuple[int, bytes]:
        request = urllib.request.Request(  # noqa: S310  an address of this machine
            self.url, self.body, dict(self.headers(self.body)), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""
