"""Get-method stacks as toncenter writes them (v2), strictly: an unknown form is a fault."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, assert_never

from pytoniq_core.boc.cell import Cell
from pytoniq_core.boc.slice import Slice

from core.ton import codec
from core.ton.client import SourceFault, StackValue


def encode(stack: Sequence[StackValue]) -> list[list[Any]]:
    """Arguments of runGetMethod: num as hex text, tvm.Cell and tvm.Slice as base64."""
    return [_encode(value) for value in stack]


def _encode(value: StackValue) -> list[Any]:
    match value:
        case None:
            return ["null", None]
        case int():
            return ["num", hex(value)]
        case Cell():
            return ["tvm.Cell", base64.b64encode(codec.to_boc(value)).decode()]
        case Slice():
            return ["tvm.Slice", base64.b64encode(codec.to_boc(value.to_cell())).decode()]
        case list():
            return ["tvm.Tuple", encode(value)]
        case _:
            assert_never(value)


def decode(stack: object) -> list[StackValue]:
    """The `stack` member of runGetMethod's result. Raises SourceFault (malformed)."""
    try:
        if not isinstance(stack, list):
            raise TypeError("the stack is not a list")
        return [_decode(entry) for entry in stack]
    except (KeyError, IndexError, TypeError, ValueError, binascii.Error, codec.Malformed) as error:
        raise SourceFault("malformed", f"stack: {error}") from error


def _decode(entry: Any) -> StackValue:
    if isinstance(entry, dict):
        return _decode_object(entry)
    kind, value = entry
    match kind:
        case "num" | "int":
            return _number(value)
        case "null":
            return None
        case "cell" | "tvm.Cell":
            return _cell(value["bytes"] if isinstance(value, dict) else value)
        case "slice" | "tvm.Slice" | "builder":
            return _slice(value["bytes"] if isinstance(value, dict) else value)
        case "tuple" | "list":
            elements = value["elements"] if isinstance(value, dict) else value
            return [_decode(element) for element in elements]
    raise ValueError(f"unknown stack entry {kind!r}")


def _decode_object(entry: dict[str, Any]) -> StackValue:
    """Elements inside a tuple come in tonlib's own form."""
    match entry["@type"]:
        case "tvm.stackEntryNumber":
            return _number(entry["number"]["number"])
        case "tvm.stackEntryCell":
            return _cell(entry["cell"]["bytes"])
        case "tvm.stackEntrySlice":
            return _slice(entry["slice"]["bytes"])
        case "tvm.stackEntryTuple":
            return [_decode(element) for element in entry["tuple"]["elements"]]
        case "tvm.stackEntryList":
            return [_decode(element) for element in entry["list"]["elements"]]
        case "tvm.stackEntryNull" | "tvm.stackEntryUnsupported":
            return None
    raise ValueError(f"unknown stack entry {entry['@type']!r}")


def _number(text: Any) -> int:
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise TypeError("a number is neither text nor an integer")
    return text if isinstance(text, int) else int(text, 0)


def _cell(text: Any) -> Cell:
    return codec.one_cell(base64.b64decode(text, validate=True))


def _slice(text: Any) -> Slice:
    found: Slice = _cell(text).begin_parse()
    return found
