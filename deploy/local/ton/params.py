"""Reading what a call of the HTTP APIs was given, with toncenter's words for what is wrong."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from pytoniq_core import Cell

from deploy.local.ton import addresses, render

Params = dict[str, Any]
Method = Callable[[Params], Any]
LITE: Final = "LITE_SERVER_UNKNOWN: "
NOT_READY: Final = "LITE_SERVER_NOTREADY: "


class ApiError(Exception):
    """An answer {"ok": false, "error": text, "code": status}."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Raw(str):
    """A result that is JSON already."""

    __slots__ = ()


def required(params: Params, name: str) -> Any:
    """Return a parameter as it came."""
    if params.get(name) is None:
        raise ApiError(422, f"Validation error: field required: {name}")
    return params[name]


def number(params: Params, name: str, default: int | None = None) -> int | None:
    """Return an integer, given as one or as text; the default when it is absent."""
    value = params.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        raise ApiError(422, f"Validation error: value is not a valid integer: {name}")
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ApiError(422, f"Validation error: value is not a valid integer: {name}") from None


def integer(params: Params, name: str) -> int:
    """Return an integer that has to be there."""
    required(params, name)
    value = number(params, name)
    if value is None:
        raise ApiError(422, f"Validation error: field required: {name}")
    return value


def address_of(params: Params, name: str = "address") -> str:
    """Return an address in raw form."""
    try:
        return addresses.parse(str(required(params, name)))
    except addresses.BadAddress:
        raise ApiError(416, "Incorrect address") from None


def hash_of(params: Params, name: str) -> bytes | None:
    """Return a hash given in hex or base64, None when it is absent."""
    text = params.get(name)
    if text in (None, ""):
        return None
    try:
        return render.read_hash(str(text))
    except ValueError:
        raise ApiError(422, f"Validation error: Invalid hash: {name}") from None


def boc_of(params: Params, name: str, *, optional: bool = False) -> Cell | None:
    """Return the cell of a BoC in base64, None when it may be absent and is."""
    text = params.get(name) if optional else required(params, name)
    if not text:
        return None
    try:
        data = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(422, f"Validation error: value is not base64: {name}") from None
    try:
        return Cell.one_from_boc(data)
    except Exception:  # noqa: BLE001 - the cell reader raises anything at junk
        text = "cannot deserialize bag of cells: invalid header, error 0"
        raise ApiError(500, f"{LITE}{text}") from None
