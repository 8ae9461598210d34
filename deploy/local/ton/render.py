"""Transactions, messages and cells as toncenter's v2 API writes them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final

from pytoniq_core import Cell

from deploy.local.ton import addresses
from deploy.local.ton.transactions import Message, Transaction

_TEXT_OPCODE: Final = 0


def b64(data: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(data).decode()


def boc64(cell: Cell | None) -> str:
    """Return a cell's BoC in base64, empty text for none."""
    return "" if cell is None else b64(cell.to_boc())


def read_hash(text: str) -> bytes:
    """Read a hash in hex, base64 or URL-safe base64; raises ValueError."""
    try:
        if len(text) == 64:
            return bytes.fromhex(text)
        data = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("Invalid hash") from None
    if len(data) != 32:
        raise ValueError("Invalid hash")
    return data


def dump(value: Any) -> str:
    """Return compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def transaction_id(lt: int, digest: bytes) -> dict[str, str]:
    """Return internal.transactionId."""
    return {"@type": "internal.transactionId", "lt": str(lt), "hash": b64(digest)}


def transaction_v2(read: Transaction) -> str:
    """Return raw.transaction as JSON text. ``fee`` counts what out messages carry as well."""
    storage = int(read.description.get("storage_ph", {}).get("storage_fees_collected", 0))
    fee = read.total_fees + sum(item.fwd_fee + item.ihr_fee for item in read.out_messages)
    answer: dict[str, Any] = {
        "@type": "raw.transaction",
        "address": {
            "@type": "accountAddress",
            "account_address": addresses.friendly(read.account),
        },
        "account": read.account,
        "utime": read.now,
        "data": boc64(read.cell),
        "transaction_id": transaction_id(read.lt, read.hash),
        "fee": str(fee),
        "storage_fee": str(storage),
        "other_fee": str(fee - storage),
    }
    if read.in_message is not None:
        answer["in_msg"] = message_v2(read.in_message)
    answer["out_msgs"] = [message_v2(item) for item in read.out_messages]
    return dump(answer)


def message_v2(item: Message) -> dict[str, Any]:
    """Return raw.message."""
    data, text = _message_data(item)
    return {
        "@type": "raw.message",
        "hash": b64(item.hash),
        "source": _friendly(item.source),
        "destination": _friendly(item.destination),
        "value": str(item.value),
        "extra_currencies": [],
        "fwd_fee": str(item.fwd_fee),
        "ihr_fee": str(item.ihr_fee),
        "created_lt": str(item.created_lt),
        "body_hash": b64(bytes(item.body.hash)),
        "msg_data": data,
        "message": text,
    }


def _friendly(address: str | None) -> str:
    return "" if address is None else addresses.friendly(address)


def _message_data(item: Message) -> tuple[dict[str, str], str]:
    text = comment(item.body)
    if text is not None:
        return {"@type": "msg.dataText", "text": b64(text.encode())}, text
    raw = {"@type": "msg.dataRaw", "body": boc64(item.body), "init_state": boc64(item.init)}
    # Python's codec puts a line end after base64, and clients have learned to expect it.
    return raw, b64(item.body.get_data_bytes()) + "\n"


def comment(body: Cell) -> str | None:
    """Return the text of a comment body, None for any other body."""
    data = body.begin_parse()
    if len(body.bits) < 32 or len(body.bits) % 8 or data.load_uint(32) != _TEXT_OPCODE:
        return None
    try:
        return bytes(data.load_snake_bytes()).decode()
    except (UnicodeDecodeError, ValueError, IndexError):
        return None


def cell_object(cell: Cell) -> dict[str, Any]:
    """Return a cell as a tree: {data: {b64, len}, refs, special}."""
    return {
        "data": {"b64": b64(cell.bits.tobytes()), "len": len(cell.bits)},
        "refs": [cell_object(ref) for ref in cell.refs],
        "special": cell.type_ != -1,
    }
