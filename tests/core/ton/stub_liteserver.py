"""A liteserver on a real ADNL socket, over a scripted chain.

ADNL over TCP: the client sends the server's key id, its own Ed25519 key, and 160 random bytes
under a key agreed by X25519; two AES-CTR streams made of those bytes carry everything after.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from nacl.signing import SigningKey, VerifyKey
from pytoniq_core.boc.slice import Slice
from pytoniq_core.crypto.ciphers import create_aes_ctr_cipher, get_random, get_shared_key
from pytoniq_core.tl.generator import TlGenerator
from pytoniq_core.tlb.vm_stack import VmStack

from core.ton import codec
from core.ton.client import StackValue
from tests.core.ton import stub_cells
from tests.core.ton.scripted import COIN, Chain, body_of

SCHEMAS = TlGenerator.with_default_schemas().generate()
KEY_ID_MAGIC = b"\xc6\xb4\x13\x48"
LOOPBACK = 0x7F000001
CODE = body_of(0xC0DE)


class Fault(Exception):
    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class StubLiteserver:
    """`fault` is applied to every query of a client: a Fault, "hang" or "disconnect"."""

    def __init__(self, chain: Chain, seed: bytes = b"\x01" * 32) -> None:
        self.chain = chain
        self.key = SigningKey(seed)
        self.port = 0
        self.fault: Fault | str | None = None
        self.sparing = {"getMasterchainInfo", "getAllShardsInfo", "waitMasterchainSeqno"}
        self.stack: list[StackValue] = []
        self.exit_code = 0
        self.asked: list[str] = []
        self.sent: list[bytes] = []
        self.forge = False

    @property
    def entry(self) -> dict[str, Any]:
        """Its line in a global config."""
        key = base64.b64encode(bytes(self.key.verify_key)).decode()
        return {"ip": LOOPBACK, "port": self.port, "id": {"@type": "pub.ed25519", "key": key}}

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    # --- ADNL ---------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            session = await self._handshake(reader, writer)
            tasks = set()
            while True:
                packet = await session.receive()
                task = asyncio.create_task(self._packet(session, packet))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client left, or the test ends
        finally:
            writer.close()

    async def _handshake(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Session:
        hello = await reader.readexactly(256)
        key_id, client, checksum = hello[:32], hello[32:64], hello[64:96]
        own = hashlib.sha256(KEY_ID_MAGIC + bytes(self.key.verify_key)).digest()
        if key_id != own:
            raise ConnectionError("a client of another server")
        shared = get_shared_key(
            bytes(self.key.to_curve25519_private_key()),
            bytes(VerifyKey(client).to_curve25519_public_key()),
        )
        cipher = create_aes_ctr_cipher(shared[:16] + checksum[16:32], checksum[:4] + shared[20:32])
        secret = cipher.decrypt(hello[96:])
        if hashlib.sha256(secret).digest() != checksum:
            raise ConnectionError("a broken handshake")
        session = Session(reader, writer, secret)
        await session.send(b"")
        return session

    async def _packet(self, session: Session, packet: bytes) -> None:
        message = SCHEMAS.deserialize(packet, boxed=True)[0]
        if message["@type"] == "tcp.ping":
            await session.send(SCHEMAS.get_by_name("tcp.pong").little_id() + packet[4:12])
            return
        query = message["query"]["data"]
        asked = query if isinstance(query, list) else [query]
        names = [item["@type"].removeprefix("liteServer.") for item in asked]
        self.asked += names
        if self.fault == "disconnect" and not self.sparing & set(names):
            session.writer.close()
            return
        if self.fault == "hang" and not self.sparing & set(names):
            return
        answer = await self._answer(asked, names)
        reply = {"query_id": message["query_id"], "answer": answer}
        with suppress(ConnectionError):
            await session.send(SCHEMAS.serialize("adnl.message.answer", reply))

    async def _answer(self, asked: list[dict[str, Any]], names: list[str]) -> bytes:
        try:
            if isinstance(self.fault, Fault) and not self.sparing & set(names):
                raise self.fault
            if names[0] == "waitMasterchainSeqno":
                await self._wait(asked[0]["seqno"])
            handler = getattr(self, f"_{names[-1]}", None)
            if handler is None:
                raise Fault(403, f"no {names[-1]} here")
            made: bytes = handler(asked[-1])
        except Fault as fault:
            made = error(fault)
        return made

    async def _wait(self, seqno: int) -> None:
        for _ in range(100):
            if self.chain.seqno >= seqno:
                return
            await asyncio.sleep(0.02)

    # --- liteServer ---------------------------------------------------------------------------

    def _world(self) -> stub_cells.World:
        last = self.chain.transactions[-1]
        return stub_cells.world(
            self.chain.account, self.chain.seqno, COIN, (last.lt, last.hash), CODE
        )

    def _getMasterchainInfo(self, _query: dict[str, Any]) -> bytes:  # noqa: N802
        info = {"last": self._world().master.to_dict(), "state_root_hash": "00" * 32}
        return serialize("masterchainInfo", info | {"init": zero_state()})

    def _getMasterchainInfoExt(self, _query: dict[str, Any]) -> bytes:  # noqa: N802
        now = int(time.time())
        info: dict[str, Any] = {
            "mode": 0,
            "version": 257,
            "capabilities": 0,
            "last_utime": now,
            "now": now,
        }
        info |= {"last": self._world().master.to_dict(), "state_root_hash": "00" * 32}
        return serialize("masterchainInfoExt", info | {"init": zero_state()})

    def _getAllShardsInfo(self, query: dict[str, Any]) -> bytes:  # noqa: N802
        world = self._world_of(query)
        proof = codec.to_boc(*world.shard_proof)
        data = codec.to_boc(world.hashes)
        return serialize("allShardsInfo", {"id": query["id"], "proof": proof, "data": data})

    def _world_of(self, query: dict[str, Any]) -> stub_cells.World:
        """Only the newest block has not been pruned here; real ones give 651 for the others."""
        world = self._world()
        if query["id"]["root_hash"] != world.master.root_hash.hex():
            raise Fault(651, "block is not applied")
        return world

    def _getAccountState(self, query: dict[str, Any]) -> bytes:  # noqa: N802
        world = self._world_of(query)
        state = world.account
        if self.forge:
            last = self.chain.transactions[-1]
            state = stub_cells.account(self.chain.account, 10**18, last.lt, CODE, CODE)
        return serialize(
            "accountState",
            {
                "id": query["id"],
                "shardblk": world.shard.to_dict(),
                "shard_proof": codec.to_boc(*world.shard_proof),
                "proof": codec.to_boc(*world.account_proof),
                "state": codec.to_boc(state),
            },
        )

    def _getTransactions(self, query: dict[str, Any]) -> bytes:  # noqa: N802
        if query["count"] > 16:
            raise Fault(400, "too many transactions")
        found = [item for item in self.chain.transactions if item.lt <= query["lt"]]
        if not found or found[-1].hash.hex() != query["hash"]:
            raise Fault(651, "cannot locate transaction")
        page = list(reversed(found))[: query["count"]]
        block = self._world().shard.to_dict()
        cells = [codec.one_cell(item.boc) for item in page]
        if self.forge:
            other = self.chain.fork(len(self.chain.transactions) - 1)
            cells[0] = codec.one_cell(other.sale(666).boc)
        return serialize(
            "transactionList",
            {"ids": [block] * len(page), "transactions": codec.to_boc(*cells)},
        )

    def _runSmcMethod(self, query: dict[str, Any]) -> bytes:  # noqa: N802
        world = self._world_of(query)
        self.arguments = VmStack.deserialize(Slice.one_from_boc(query["params"]))
        result = VmStack.serialize(list(self.stack))
        return serialize(
            "runMethodResult",
            {
                "mode": 7,
                "id": query["id"],
                "shardblk": world.shard.to_dict(),
                "shard_proof": codec.to_boc(*world.shard_proof),
                "proof": codec.to_boc(*world.account_proof),
                "state_proof": codec.to_boc(*world.account_proof),
                "exit_code": self.exit_code,
                "result": codec.to_boc(result),
            },
        )

    def _sendMessage(self, query: dict[str, Any]) -> bytes:  # noqa: N802
        self.sent.append(query["body"])
        return serialize("sendMsgStatus", {"status": 1})


class Session:
    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: bytes
    ) -> None:
        self.reader, self.writer = reader, writer
        self._out = create_aes_ctr_cipher(secret[0:32], secret[64:80])
        self._in = create_aes_ctr_cipher(secret[32:64], secret[80:96])

    async def receive(self) -> bytes:
        length = int.from_bytes(self._in.decrypt(await self.reader.readexactly(4)), "little")
        packet: bytes = self._in.decrypt(await self.reader.readexactly(length))
        if hashlib.sha256(packet[:-32]).digest() != packet[-32:]:
            raise ConnectionError("a wrong checksum")
        return packet[32:-32]

    async def send(self, payload: bytes) -> None:
        packet = get_random(32) + payload
        packet += hashlib.sha256(packet).digest()
        data = len(packet).to_bytes(4, "little") + packet
        self.writer.write(self._out.encrypt(data))
        await self.writer.drain()


def serialize(name: str, data: dict[str, Any]) -> bytes:
    made: bytes = SCHEMAS.serialize(f"liteServer.{name}", data)
    return made


def error(fault: Fault) -> bytes:
    """liteServer.error code:int message:string"""
    text = fault.message.encode()
    tail = bytes([len(text)]) + text
    tail += b"\0" * (-len(tail) % 4)
    head: bytes = SCHEMAS.get_by_name("liteServer.error").little_id()
    return head + fault.code.to_bytes(4, "little", signed=True) + tail


def zero_state() -> dict[str, Any]:
    return {"workchain": -1, "root_hash": "00" * 32, "file_hash": "00" * 32}


@contextmanager
def listening(*servers: StubLiteserver) -> Iterator[dict[str, Any]]:
    """Serve on free loopback ports; gives the global config that names them."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        for server in servers:
            asyncio.run_coroutine_threadsafe(server.start(), loop).result(5)
        yield {"liteservers": [server.entry for server in servers]}
    finally:
        asyncio.run_coroutine_threadsafe(cancel_all(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def cancel_all() -> None:
    """Connections and answers under way end before their loop does."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
