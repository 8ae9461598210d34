"""The stack of a get-method in toncenter v2's two dialects: what it takes and what it answers."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pytoniq_core import Cell, Slice, begin_cell

from deploy.local.ton.render import b64, cell_object


class BadStack(ValueError):
    """An entry that toncenter would not take."""


def read_stack(entries: Any) -> list[object]:
    """Read [["num", "0x1"], ["tvm.Cell", b64], ["tvm.Slice", b64], ...]; raises BadStack."""
    if not isinstance(entries, list):
        raise BadStack("stack is not a list")
    return [_read_entry(entry) for entry in entries]


def _read_entry(entry: Any) -> object:
    if isinstance(entry, dict) and "type" in entry:  # the v3 form
        entry = [entry["type"], entry.get("value")]
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], str):
        raise BadStack(f"stack entry is not [type, value]: {entry!r}")
    kind, value = entry[0].removeprefix("tvm.").lower(), entry[1]
    if kind in ("num", "number", "int"):
        return _read_number(value)
    if kind == "null":
        return None
    if kind == "cell":
        return _read_cell(value)
    if kind == "slice":
        return _read_cell(value).begin_parse()
    raise BadStack(f"unsupported stack entry {entry[0]!r}")


def _read_number(value: Any) -> int:
    try:
        number = value if isinstance(value, int) else int(str(value), 0)
    except ValueError:
        raise BadStack(f"not a number: {value!r}") from None
    if not -(2**256) <= number < 2**256:
        raise BadStack("number out of range")
    return number


def _read_cell(value: Any) -> Cell:
    if isinstance(value, dict):
        return _cell_from_bytes(value["bytes"]) if "bytes" in value else _cell_from_tree(value)
    if isinstance(value, str):
        return _cell_from_bytes(value)
    raise BadStack("not a cell")


def _cell_from_bytes(text: str) -> Cell:
    try:
        return Cell.one_from_boc(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise BadStack("not base64") from None
    except Exception as error:  # noqa: BLE001 - the cell reader raises anything at junk
        raise BadStack(f"not a bag of cells: {error}") from None


def _cell_from_tree(value: dict[str, Any]) -> Cell:
    try:
        data = value["data"]
        bits = "".join(f"{byte:08b}" for byte in base64.b64decode(data["b64"]))
        builder = begin_cell().store_bits(bits[: int(data["len"])])
        for ref in value.get("refs", []):
            builder.store_ref(_cell_from_tree(ref))
        cell: Cell = builder.end_cell()
    except (KeyError, TypeError, binascii.Error) as error:
        raise BadStack(f"not a cell: {error}") from None
    return cell


def write_stack(items: list[object]) -> list[list[Any]]:
    """Write a result as v2 does: slices as cells, null as an empty list, tuples in TL form."""
    return [_write_entry(item) for item in items]


def _write_entry(item: object) -> list[Any]:
    if item is None:
        return ["list", {"@type": "tvm.list", "elements": []}]
    if isinstance(item, int):
        return ["num", hex(item)]
    if isinstance(item, (Cell, Slice)):
        cell = item if isinstance(item, Cell) else item.to_cell()
        return ["cell", {"bytes": b64(cell.to_boc()), "object": cell_object(cell)}]
    if isinstance(item, list):
        return ["tuple", {"@type": "tvm.tuple", "elements": [_tl(part) for part in item]}]
    raise BadStack(f"cannot write {type(item).__name__}")


def _tl(item: object) -> dict[str, Any]:
    if item is None:
        return {"@type": "tvm.stackEntryList", "list": {"@type": "tvm.list", "elements": []}}
    if isinstance(item, int):
        number = {"@type": "tvm.numberDecimal", "number": str(item)}
        return {"@type": "tvm.stackEntryNumber", "number": number}
    if isinstance(item, Cell):
        return {"@type": "tvm.stackEntryCell", "cell": {"@type": "tvm.cell", "bytes": _b(item)}}
    if isinstance(item, Slice):
        cut = {"@type": "tvm.slice", "bytes": _b(item.to_cell())}
        return {"@type": "tvm.stackEntrySlice", "slice": cut}
    if isinstance(item, list):
        parts = {"@type": "tvm.tuple", "elements": [_tl(part) for part in item]}
        return {"@type": "tvm.stackEntryTuple", "tuple": parts}
    raise BadStack(f"cannot write {type(item).__name__}")


def _b(cell: Cell) -> str:
    return b64(cell.to_boc())


def write_stack_v3(items: list[object]) -> list[dict[str, Any]]:
    """Write a result as v3 does: {type, value}, slices named as such."""
    return [_write_v3(item) for item in items]


def _write_v3(item: object) -> dict[str, Any]:
    if item is None:
        return {"type": "list", "value": []}
    if isinstance(item, int):
        return {"type": "num", "value": hex(item)}
    if isinstance(item, Cell):
        return {"type": "cell", "value": _b(item)}
    if isinstance(item, Slice):
        return {"type": "slice", "value": _b(item.to_cell())}
    if isinstance(item, list):
        return {"type": "tuple", "value": [_write_v3(part) for part in item]}
    raise BadStack(f"cannot write {type(item).__name__}")
