"""The whole local network: three stores that know each other, and what stands before them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.ipfs.blocks import Blocks
from deploy.local.ipfs.face import Face
from deploy.local.ipfs.gateway import GatewayFace
from deploy.local.ipfs.rpc import NodeFace
from deploy.local.ipfs.services import PinataFace, PinningFace


class Network:
    """Use as a context manager. A port of 0 is any free one. token: of both pinning services."""

    def __init__(
        self,
        folder: Path,
        *,
        token: str,
        api: int = 0,
        pinning: int = 0,
        pinata: int | None = None,
        gateways: tuple[int, int, int] = (0, 0, 0),
    ) -> None:
        own, backup, extra = (Blocks(folder / name) for name in ("own", "backup", "extra"))
        self.stores = (own, backup, extra)
        own.peers, backup.peers, extra.peers = (backup, extra), (own, extra), (own, backup)
        self.node = NodeFace(own, port=api)
        self.pinning = PinningFace(backup, token=token, port=pinning)
        self.pinata = PinataFace(extra, token=token, port=pinata) if pinata is not None else None
        self.own = GatewayFace(own, port=gateways[0])
        self.backup = GatewayFace(backup, port=gateways[1])
        self.legacy = GatewayFace(extra, port=gateways[2], trustless=False)
        self._open = ExitStack()

    @property
    def faces(self) -> list[Face]:
        found = [self.node, self.pinning, self.pinata, self.own, self.backup, self.legacy]
        return [face for face in found if face is not None]

    def __enter__(self) -> Self:
        for face in self.faces:
            self._open.enter_context(face)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()
        for store in self.stores:
            store.close()
