"""The chain over toncenter's HTTP API: v2 for everything that carries its own proof (bags of
cells), v3 only for the head, which v2 needs two calls for.

toncenter answers from a masterchain block that its node has applied, so what it returns is final.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import orjson
import stamina
from pytoniq_core.boc.cell import Cell

from core.ton import codec, messages, stacks, walk
from core.ton.client import (
    Account,
    AccountStatus,
    ChainRefused,
    ChainUnavailable,
    GetMethodFailed,
    Head,
    RawTransaction,
    SourceFault,
    StackValue,
)

TIMEOUT: Final = httpx2.Timeout(connect=3, read=10, write=5, pool=3)
ATTEMPTS: Final = 4
MAX_RETRY_AFTER: Final = 30.0
MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
_MASTERCHAIN: Final = {"workchain": -1, "shard": -(2**63)}
_STATUS: Final[dict[str, AccountStatus]] = {
    "active": "active",
    "uninitialized": "uninit",
    "uninit": "uninit",
    "frozen": "frozen",
}
# tonlib reports a message that the account did not accept as a server error.
_REFUSALS: Final = (
    "not accepted",
    "cannot apply external message",
    "inbound external message rejected",
    "external message was not",
    "failed to unpack",
    "cannot deserialize",
    "invalid bag-of-cells",
)


class _Retry(Exception):
    """The request may succeed later; `after` seconds when the server said so."""

    def __init__(self, detail: str, after: float | None = None) -> None:
        self.after = after
        super().__init__(detail)


def _backoff(error: Exception) -> bool | float:
    if isinstance(error, httpx2.TransportError):
        return True
    if isinstance(error, _Retry):
        return error.after if error.after is not None else True
    return False


class Toncenter:
    """A ChainClient. `base` ends in /api/v2/; the v3 API is looked for beside it."""

    def __init__(self, base: str, api_key: str = "", attempts: int = ATTEMPTS) -> None:
        parts = urlsplit(base)
        if parts.scheme not in {"http", "https"} or not parts.path.rstrip("/").endswith("/v2"):
            raise ValueError(f"an endpoint of toncenter ends in /api/v2/: {base!r}")
        self.name = parts.netloc.rpartition("@")[2]
        self._v2 = base.rstrip("/") + "/"
        self._v3: str | None = self._v2.removesuffix("v2/") + "v3/"
        self._attempts = attempts
        self._http = httpx2.Client(
            timeout=TIMEOUT,
            headers={"X-API-Key": api_key} if api_key else {},
            follow_redirects=False,
            trust_env=False,
        )

    # --- ChainClient --------------------------------------------------------------------------

    def head(self) -> Head:
        if self._v3 and (answer := self._v3_info()) is not None:
            return answer
        last = self._v2_call("getMasterchainInfo", {})["last"]
        header = self._v2_call("getBlockHeader", {**_MASTERCHAIN, "seqno": last["seqno"]})
        return Head(seqno=int(last["seqno"]), gen_utime=int(header["gen_utime"]))

    def account(self, address: str) -> Account:
        state = self._v2_call("getAddressInformation", {"address": address})
        with self._strict("getAddressInformation"):
            code, data = _maybe_cell(state["code"]), _maybe_cell(state["data"])
            last = state["last_transaction_id"]
            return Account(
                status=_STATUS[state["state"]],
                balance=max(int(state["balance"]), 0),
                code_hash=code.hash.hex() if code else None,
                code=code,
                data=data,
                last_lt=int(last["lt"]),
                last_hash=base64.b64decode(last["hash"]),
            )

    def run_get(
        self, address: str, method: str, stack: Sequence[StackValue] = ()
    ) -> list[StackValue]:
        body = {"address": address, "method": method, "stack": stacks.encode(stack)}
        result = self._v2_call("runGetMethod", post=body)
        with self._strict("runGetMethod"):
            exit_code = int(result["exit_code"])
            if exit_code not in {0, 1}:
                raise GetMethodFailed(address, method, exit_code)
            return stacks.decode(result["stack"])

    def transactions_page(
        self, address: str, start: tuple[int, bytes] | None, until_lt: int, limit: int
    ) -> list[RawTransaction]:
        query: dict[str, str | int] = {"address": address, "limit": limit, "to_lt": until_lt}
        if start is not None:
            query |= {"lt": start[0], "hash": base64.b64encode(start[1]).decode()}
            query |= {"archival": "true"}
        found = self._v2_call("getTransactions", query)
        with self._strict("getTransactions"):
            return [_transaction(entry, address) for entry in found]

    def transactions_since(
        self, address: str, lt: int, limit: int | None = None
    ) -> list[RawTransaction]:
        return walk.since(self, address, lt, limit)

    def send(self, boc: bytes) -> bytes:
        normalised = messages.hash_to_send(boc)
        self._v2_call("sendBocReturnHash", post={"boc": base64.b64encode(boc).decode()})
        return normalised

    # --- HTTP ---------------------------------------------------------------------------------

    def _v3_info(self) -> Head | None:
        try:
            status, answer = self._request("GET", f"{self._v3}masterchainInfo")
        except ChainUnavailable:
            return None
        if status == httpx2.codes.OK and isinstance(answer, Mapping) and "last" in answer:
            with self._strict("masterchainInfo"):
                last = answer["last"]
                return Head(seqno=int(last["seqno"]), gen_utime=int(last["gen_utime"]))
        self._v3 = None  # this server has no v3; v2 is enough
        return None

    def _v2_call(
        self, method: str, query: Mapping[str, Any] | None = None, post: object = None
    ) -> Any:
        verb = "GET" if post is None else "POST"
        status, answer = self._request(verb, self._v2 + method, query, post)
        if isinstance(answer, Mapping) and answer.get("ok") is True and "result" in answer:
            return answer["result"]
        detail = answer.get("error", "") if isinstance(answer, Mapping) else ""
        raise ChainRefused(f"{self.name} {method}: {status} {str(detail)[:300]}")

    def _request(
        self, verb: str, url: str, query: Mapping[str, Any] | None = None, post: object = None
    ) -> tuple[int, Any]:
        try:
            for attempt in stamina.retry_context(
                on=_backoff, attempts=self._attempts, timeout=45, wait_initial=0.2, wait_max=5
            ):
                with attempt:
                    return self._once(verb, url, query, post)
        except (httpx2.HTTPError, _Retry) as error:
            raise ChainUnavailable(f"{self.name}: {type(error).__name__} {error}") from error
        raise ChainUnavailable(f"{self.name}: no attempt was made")

    def _once(
        self, verb: str, url: str, query: Mapping[str, Any] | None, post: object
    ) -> tuple[int, Any]:
        content = None if post is None else orjson.dumps(post)
        headers = {} if post is None else {"Content-Type": "application/json"}
        answer = self._http.request(verb, url, params=query, content=content, headers=headers)
        body = _json(answer)
        if answer.status_code == httpx2.codes.TOO_MANY_REQUESTS:
            raise _Retry("too many requests", _retry_after(answer))
        if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR and not _refusal(body):
            raise _Retry(f"status {answer.status_code}", _retry_after(answer))
        return answer.status_code, body

    def _strict(self, what: str) -> _Strict:
        return _Strict(f"{self.name} {what}")


class _Strict:
    """Turns a missing or ill-typed member of an answer into SourceFault (malformed)."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        wrong = (KeyError, TypeError, ValueError, IndexError, binascii.Error, codec.Malformed)
        if isinstance(error, wrong):
            raise SourceFault("malformed", f"{self._what}: {error!r}") from error


def _json(answer: httpx2.Response) -> Any:
    if len(answer.content) > MAX_ANSWER_BYTES:
        raise _Retry("an answer of more than 16 MiB")
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        if answer.status_code == httpx2.codes.OK:
            raise _Retry("an answer that is not JSON") from None
        return None


def _refusal(body: object) -> bool:
    error = str(body.get("error", "")).lower() if isinstance(body, Mapping) else ""
    return any(sign in error for sign in _REFUSALS)


def _retry_after(answer: httpx2.Response) -> float | None:
    """Seconds of the Retry-After header (the date form is not used by these servers)."""
    text = answer.headers.get("Retry-After", "")
    return min(float(text), MAX_RETRY_AFTER) if text.isdigit() else None


def _maybe_cell(text: str) -> Cell | None:
    return codec.one_cell(base64.b64decode(text, validate=True)) if text else None


def _transaction(entry: Mapping[str, Any], address: str) -> RawTransaction:
    decoded = codec.transaction(base64.b64decode(entry["data"], validate=True), address)
    claimed = base64.b64decode(entry["transaction_id"]["hash"])
    if claimed != decoded.hash or int(entry["transaction_id"]["lt"]) != decoded.lt:
        raise SourceFault("hash", f"{address} lt {decoded.lt}: the BoC is another transaction")
    return decoded
