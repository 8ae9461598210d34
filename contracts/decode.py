"""Say in words what a message would do: ``python -m contracts.decode <BoC as base64 or hex>``.

Reads external messages to wallets v4 and v5 (and the messages inside), internal messages, bare
bodies and StateInits. Nothing is executed and no signature is checked.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import sys
from collections.abc import Callable, Iterator
from typing import Final

from pytoniq_core import Address, Cell, Slice

from contracts import item, opcodes, receipts
from contracts.cells import Reader, read_recipient_list
from contracts.codes import name_of
from contracts.errors import MalformedCell, explain

_W5_SIGNED_EXTERNAL: Final = 0x7369676E
_W5_SEND: Final = 0x0EC3C86D
# The shortest headers: from nobody, no StateInit, body by reference.
_EXTERNAL_BITS: Final = 277
_INTERNAL_BITS: Final = 384
_V4_BODY_BITS: Final = 512 + 32 + 32 + 32 + 8


def show(address: Address | None) -> str:
    """Return an address as a person knows it."""
    return "nobody" if address is None else str(address.to_str())


def coins(amount: int) -> str:
    """Return nano as whole coins, exactly."""
    whole, rest = divmod(amount, 10**9)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def load_boc(text: str) -> Cell:
    """Read one root cell from base64 (either alphabet) or hex. Raises MalformedCell."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        try:
            raw = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
        except binascii.Error as error:
            raise MalformedCell("neither base64 nor hex") from error
    try:
        return Cell.one_from_boc(raw)
    except Exception as error:  # the parser raises many kinds, bare Exception among them
        raise MalformedCell("not a bag of cells with one root") from error


def _buy(reader: Reader) -> str:
    order, quantity, limit = reader.uint(64), reader.uint(8), reader.coins()
    recipient, referrer = reader.maybe_address(), reader.maybe_address()
    text = f"buy {quantity} edition(s) at up to {coins(limit)} each, order {order}"
    if recipient is not None:
        text += f", for {show(recipient)}"
    return text + (f", referred by {show(referrer)}" if referrer is not None else "")


def _settle(reader: Reader) -> str:
    batch, digest, method = reader.uint(64), reader.uint(256), reader.uint(8)
    lines = [f"settle batch {batch} of method {method}, orders {digest:064x}"]
    part: Cell | None = reader.ref()
    while part is not None:
        inner = Reader(part)
        collection, number = inner.account(), inner.uint(8)
        count, gross = inner.uint(16), inner.uint(96)
        found = len(read_recipient_list(inner.ref()))
        lines.append(
            f"  part {number}: mint {count} ({found} recipients) of {show(collection)}, "
            f"gross {gross}"
        )
        part = inner.maybe_ref()
    return "\n".join(lines)


def _pay_out(reader: Reader) -> str:
    lines = [f"pay out, number {reader.uint(64)}"]
    inner = Reader(reader.ref())
    while True:
        while inner.bits_left:
            recipient, amount = inner.account(), inner.uint(96)
            lines.append(f"  {coins(amount)} to {show(recipient)}, payout {inner.uint(64)}")
        if not inner.refs_left:
            return "\n".join(lines)
        inner = Reader(inner.ref())


def _set_sale(reader: Reader) -> str:
    reader.uint(64)
    price, starts, ends, paused = (reader.uint(size) for size in (96, 32, 32, 1))
    per_buy, quota, supply = reader.uint(8), reader.uint(32), reader.uint(32)
    return (
        f"set the sale: price {coins(price)}, from {starts} to {ends}, "
        f"{'paused' if paused else 'open'}, {per_buy} a purchase, quota {quota}, supply {supply}"
    )


def _set_roles(reader: Reader) -> str:
    reader.uint(64)
    minter, minter_until = reader.address(), reader.uint(32)
    payer, payer_until = reader.address(), reader.uint(32)
    return (
        f"set roles: minter {show(minter)} until {minter_until}, "
        f"payer {show(payer)} until {payer_until}"
    )


def _set_limits(reader: Reader) -> str:
    reader.uint(64)
    minter_cap = reader.uint(32)
    return f"set limits: {minter_cap} editions a day, {coins(reader.uint(96))} coins a day"


def _withdraw(reader: Reader) -> str:
    reader.uint(64)
    amount = reader.coins()
    return f"withdraw {coins(amount) if amount else 'everything above the reserve'} to the treasury"


def _with_address(sentence: str) -> Callable[[Reader], str]:
    def read(reader: Reader) -> str:
        reader.uint(64)
        return f"{sentence} {show(reader.address())}"

    return read


def _plain(sentence: str) -> Callable[[Reader], str]:
    return lambda _reader: sentence


def _gift(reader: Reader) -> str:
    reader.uint(64)
    count = reader.uint(16)
    return f"mint {count} artist's cop(ies) for {len(read_recipient_list(reader.ref()))} recipients"


def _refused(reader: Reader) -> str:
    return f"refused: {explain(reader.uint(32))}"


_OPERATIONS: Final[dict[int, Callable[[Reader], str]]] = {
    opcodes.BUY: _buy,
    opcodes.SETTLE: _settle,
    opcodes.PAY_OUT: _pay_out,
    opcodes.SET_SALE: _set_sale,
    opcodes.SET_ROLES: _set_roles,
    opcodes.SET_LIMITS: _set_limits,
    opcodes.WITHDRAW: _withdraw,
    opcodes.GIFT: _gift,
    opcodes.REFUSED: _refused,
    opcodes.CHANGE_OWNER: _with_address("give the collection to"),
    opcodes.SET_PAYOUT: _with_address("pay sales and royalties to"),
    opcodes.SET_TREASURY: _with_address("set the treasury to"),
    opcodes.PROPOSE_ADMIN: _with_address("propose as admin"),
    opcodes.PROPOSE_HUB: _with_address("announce a new hub (seven days):"),
    opcodes.RELEASE_QUOTA: _plain("give unused quota back to public sale"),
    opcodes.DEPLOY: _plain("deploy the collection"),
    opcodes.ACCEPT_ADMIN: _plain("accept the admin's role"),
    opcodes.SET_CONTENT: _plain("replace the content"),
    opcodes.LOCK_CONTENT: _plain("lock the content for good"),
    opcodes.WITHDRAW_SURPLUS: _plain("withdraw the collection's surplus to its owner"),
    opcodes.DISTRIBUTE: _plain("share out what the splitter holds above its reserve"),
    opcodes.TOP_UP: _plain("add to the storage reserve"),
    opcodes.MOVE_COLLECTIONS: _plain("hand collections over to the announced hub"),
}


def describe_body(body: Cell | Slice) -> str:
    """Return what a body asks for. Raises MalformedCell when it is broken."""
    reader = Reader(body)
    if reader.bits_left < 32:
        return "a payment without words"
    op = reader.uint(32)
    if op == 0:
        return "a payment with a text"
    if op == 0xFFFFFFFF:
        return "a message that bounced"
    transfer = item.parse_transfer(body)
    if transfer is not None:
        return f"give the item to {show(transfer.new_owner)}"
    receipt = receipts.parse_sale_receipt(body)
    if receipt is not None:
        return f"receipt: {receipt.quantity} sold to {show(receipt.buyer)}"
    known = _OPERATIONS.get(op)
    if known is not None:
        return known(reader)
    name = opcodes.NAMES.get(op)
    return name if name is not None else f"unknown operation {op:08x}"


def _state_init(reader: Reader) -> str:
    if reader.flag():
        reader.uint(5)
    if reader.flag():
        reader.uint(2)
    code = reader.maybe_ref()
    data = reader.maybe_ref()
    reader.maybe_ref()
    name = name_of(code) if code is not None else None
    if name == "splitter" and data is not None:
        return "\n".join(["deploys our splitter", *_payees(data)])
    return f"deploys our {name}" if name else "deploys a contract that is not ours"


def _payees(data: Cell) -> Iterator[str]:
    reader = Reader(data)
    threshold, count = reader.uint(96), reader.uint(8)
    yield f"  shares out from {coins(threshold)} on, among {count}"
    for index, entry in sorted(reader.ref().begin_parse().load_hashmap(8).items()):
        payee = Reader(entry)
        address, bps = payee.address(), payee.uint(16)
        yield f"  payee {index}: {bps // 100}.{bps % 100:02d} % to {show(address)}"


def describe_internal(reader: Reader) -> str:
    """Describe an internal message whose first bit (0) was read already."""
    reader.uint(3)
    reader.maybe_address()
    dest, amount = reader.address(), reader.coins()
    reader.maybe_ref()
    reader.coins()
    reader.coins()
    reader.uint(96)
    init = ""
    if reader.flag():
        init = _state_init(Reader(reader.ref()) if reader.flag() else reader) + "; "
    body = reader.ref() if reader.flag() else reader.rest()
    return f"send {coins(amount)} to {show(dest)}: {init}{describe_body(body)}"


def _message_cell(cell: Cell) -> str:
    reader = Reader(cell)
    if reader.flag():
        raise MalformedCell("an internal message was expected")
    return describe_internal(reader)


def _wallet_messages(body: Slice | Cell) -> Iterator[Cell]:
    reader = Reader(body)
    if reader.bits_left >= 32 and Reader(body).uint(32) == _W5_SIGNED_EXTERNAL:
        reader.uint(32 + 32 + 32 + 32)
        actions = reader.maybe_ref()
        found: list[Cell] = []
        while actions is not None and actions.refs:
            action = Reader(actions)
            actions = action.ref()
            if action.uint(32) == _W5_SEND:
                action.uint(8)
                found.append(action.ref())
        yield from reversed(found)
        return
    if reader.bits_left >= _V4_BODY_BITS:
        reader.uint(_V4_BODY_BITS - 8)
        reader.uint(8)
        while reader.refs_left:
            reader.uint(8)
            yield reader.ref()


def _external(reader: Reader) -> str:
    reader.uint(1)
    reader.maybe_address()
    wallet = reader.address()
    reader.coins()
    init = ""
    if reader.flag():
        init = f" ({_state_init(Reader(reader.ref()) if reader.flag() else reader)})"
    body = reader.ref() if reader.flag() else reader.rest()
    lines = [f"wallet {show(wallet)}{init} signs:"]
    lines += [f"  {_message_cell(message)}" for message in _wallet_messages(body)]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  nothing that is known here"])


def describe(root: Cell) -> str:
    """Describe a message, a StateInit or a body. Raises MalformedCell."""
    if len(root.bits) == 5 and len(root.refs) == 2:
        return _state_init(Reader(root))
    reader = Reader(root)
    if reader.bits_left >= 32 and Reader(root).uint(32) in opcodes.NAMES:
        return describe_body(root)
    if reader.bits_left >= _EXTERNAL_BITS and Reader(root).uint(2) == 2:
        reader.uint(1)
        return _external(reader)
    if reader.bits_left >= _INTERNAL_BITS and not Reader(root).flag():
        return _message_cell(root)
    return describe_body(root)


def main(arguments: list[str] | None = None) -> int:
    """Print the description; returns 2 for what cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m contracts.decode", description=__doc__)
    parser.add_argument("boc", help="a bag of cells as base64 or hex")
    try:
        print(describe(load_boc(parser.parse_args(arguments).boc)))
    except MalformedCell as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
