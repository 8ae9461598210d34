"""Blocks and states with just enough in them to prove one account down from the masterchain.

Layouts: block.tlb (block#11ef55aa, shard_state#9023afe2, masterchain_state_extra#cc26).
"""

from __future__ import annotations

from dataclasses import dataclass

from pytoniq_core import BlockIdExt
from pytoniq_core.boc.builder import Builder
from pytoniq_core.boc.cell import Cell

from core.ton import addresses

SHARD = -(2**63)
MERKLE_PROOF, MERKLE_UPDATE, PRUNED = 3, 4, 1


def exotic(kind: int, builder: Builder, *refs: Cell) -> Cell:
    return Cell(builder.end_cell().bits, list(refs), kind)


def pruned(cell: Cell) -> Cell:
    bits = Builder().store_uint(PRUNED, 8).store_uint(1, 8).store_bytes(cell.hash)
    return exotic(PRUNED, bits.store_uint(cell.get_depth(0), 16))


def proof(cell: Cell) -> Cell:
    bits = Builder().store_uint(MERKLE_PROOF, 8).store_bytes(cell.get_hash(0))
    return exotic(MERKLE_PROOF, bits.store_uint(cell.get_depth(0), 16), cell)


def coins(builder: Builder, amount: int = 0) -> Builder:
    builder.store_coins(amount).store_bit_int(0)
    return builder


def account(address: str, balance: int, last_lt: int, code: Cell, data: Cell) -> Cell:
    made = Builder().store_bit_int(1).store_address(addresses.address(address))
    made.store_var_uint(1, 3).store_var_uint(1, 3).store_uint(0, 3).store_uint(0, 32)
    made.store_bit_int(0).store_uint(last_lt, 64)
    coins(made, balance).store_bit_int(1).store_bits("00110")
    cell: Cell = made.store_ref(code).store_ref(data).end_cell()
    return cell


def shard_accounts(address: str, state: Cell, last: tuple[int, bytes]) -> Cell:
    """HashmapAugE 256 ShardAccount DepthBalanceInfo with one account in it."""
    leaf = Builder().store_bits("10").store_uint(256, 9).store_bytes(bytes.fromhex(address[2:]))
    coins(leaf.store_uint(0, 5)).store_ref(state).store_bytes(last[1]).store_uint(last[0], 64)
    root = Builder().store_bit_int(1).store_ref(leaf.end_cell())
    cell: Cell = coins(root.store_uint(0, 5)).end_cell()
    return cell


def state(workchain: int, seqno: int, accounts: Cell, custom: Cell | None) -> Cell:
    made = Builder().store_uint(0x9023AFE2, 32).store_int(-3, 32)
    made.store_bits("00").store_uint(0, 6).store_int(workchain, 32).store_uint(0, 64)
    made.store_uint(seqno, 32).store_uint(0, 32).store_uint(0, 32).store_uint(0, 64)
    made.store_uint(0, 32).store_ref(Builder().end_cell()).store_bit_int(0).store_ref(accounts)
    totals = coins(coins(Builder().store_uint(0, 128))).store_bits("00").end_cell()
    made.store_ref(totals)
    if custom is None:
        cell: Cell = made.store_bit_int(0).end_cell()
    else:
        cell = made.store_bit_int(1).store_ref(custom).end_cell()
    return cell


def block(workchain: int, seqno: int, after: Cell) -> Cell:
    """The header is whole, the state update names the state after the block, the rest is empty."""
    info = Builder().store_uint(0x9BC7A987, 32).store_uint(0, 32).store_uint(0, 16)
    info.store_uint(seqno, 32).store_uint(0, 32)
    info.store_bits("00").store_uint(0, 6).store_int(workchain, 32).store_uint(0, 64)
    info.store_uint(0, 32).store_uint(0, 128).store_uint(0, 128)
    previous = Builder().store_uint(0, 64).store_uint(seqno - 1, 32).store_bytes(bytes(64))
    info.store_ref(previous.end_cell())
    four = coins(coins(coins(coins(Builder())))).end_cell()
    flow = coins(Builder().store_uint(0xB8E48DFB, 32).store_ref(four)).store_ref(four)
    before = Builder().end_cell()
    update = Builder().store_uint(MERKLE_UPDATE, 8).store_bytes(before.hash)
    update.store_bytes(after.hash).store_uint(0, 16).store_uint(after.get_depth(0), 16)
    made = Builder().store_uint(0x11EF55AA, 32).store_int(-3, 32)
    made.store_ref(info.end_cell()).store_ref(flow.end_cell())
    made.store_ref(exotic(MERKLE_UPDATE, update, pruned(before), pruned(after)))
    cell: Cell = made.store_ref(pruned(Builder().store_uint(0x4A33F6FD, 32).end_cell())).end_cell()
    return cell


def shard_hashes(seqno: int, root_hash: bytes) -> Cell:
    """HashmapE 32 ^(BinTree ShardDescr): workchain 0 is one shard."""
    descr = Builder().store_bit_int(0).store_uint(0xB, 4).store_uint(seqno, 32)
    descr.store_uint(0, 32).store_uint(0, 128).store_bytes(root_hash).store_bytes(root_hash)
    descr.store_bits("00000" + "000").store_uint(0, 32).store_uint(2**63, 64)
    descr.store_uint(0, 64).store_bit_int(0)
    tree = coins(coins(descr)).end_cell()
    leaf = Builder().store_bits("110").store_uint(32, 6).store_ref(tree).end_cell()
    cell: Cell = Builder().store_bit_int(1).store_ref(leaf).end_cell()
    return cell


def masterchain_extra(hashes: Cell) -> Cell:
    parameter = Builder().store_bits("110").store_uint(32, 6).store_ref(Builder().end_cell())
    more = Builder().store_uint(0, 16).store_uint(0, 65).store_bit_int(0).store_bit_int(0)
    made = Builder().store_uint(0xCC26, 16).store_cell(hashes).store_bytes(bytes(32))
    made.store_ref(parameter.end_cell()).store_ref(more.store_uint(0, 66).end_cell())
    cell: Cell = coins(made).end_cell()
    return cell


@dataclass
class World:
    """One masterchain block, the shard block in it and an account in that."""

    master: BlockIdExt
    shard: BlockIdExt
    hashes: Cell
    account: Cell
    account_proof: list[Cell]
    shard_proof: list[Cell]


def world(address: str, seqno: int, balance: int, last: tuple[int, bytes], code: Cell) -> World:
    held = account(address, balance, last[0], code, code)
    shard_state = state(0, seqno, shard_accounts(address, held, last), None)
    shard_block = block(0, seqno, shard_state)
    hashes = shard_hashes(seqno, shard_block.get_hash(0))
    empty = coins(Builder().store_bit_int(0).store_uint(0, 5)).end_cell()
    master_state = state(-1, seqno, empty, masterchain_extra(hashes))
    master_block = block(-1, seqno, master_state)
    return World(
        master=BlockIdExt(-1, SHARD, seqno, master_block.get_hash(0), bytes(32)),
        shard=BlockIdExt(0, SHARD, seqno, shard_block.get_hash(0), bytes(32)),
        hashes=hashes,
        account=held,
        account_proof=[proof(shard_block), proof(shard_state)],
        shard_proof=[proof(master_block), proof(master_state)],
    )
