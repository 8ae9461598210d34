"""The proof of storage: what is stored is what its name says, and whoever should keep it does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from django.core.files.storage import default_storage

from catalog.media.cipher import stream
from catalog.media.models import Asset, Pin
from catalog.media.pinned import GIVEN_UP
from catalog.media.services.keys import key_secret
from core.errors import ApplicationError
from core.ipfs import pinning
from core.ipfs.cid import PROFILES, CidBuilder, parse
from core.ipfs.pinning import PinError

PIECE: Final = 1 << 20


@dataclass(slots=True)
class Proof:
    """bytes: "right", or what is wrong with them. pins: how each stands. lost: pins not there."""

    asset: Asset
    bytes: str
    pins: dict[str, str] = field(default_factory=dict)
    lost: list[tuple[Pin, str]] = field(default_factory=list)
    failed: bool = False


def prove(asset: Asset) -> Proof:
    """Read the stored bytes once, and ask every service that says it pins them."""
    proof = Proof(asset, _bytes(asset))
    proof.failed = proof.bytes != "right"
    services = pinning.services()
    for pin in asset.pins.exclude(state__in=GIVEN_UP).order_by("service"):
        service = services.get(pin.service)
        if service is None:
            proof.pins[pin.service] = "not configured"
            continue
        if pin.state != Pin.State.PINNED:
            proof.pins[pin.service] = pin.state
            proof.failed = True
            continue
        try:
            there = service.holds(parse(asset.cid))
        except PinError as error:
            proof.pins[pin.service] = f"no answer: {error.code}"
            proof.failed = True
            continue
        proof.pins[pin.service] = "pinned" if there else "LOST"
        if not there:
            proof.lost.append((pin, "not there when it was proved"))
            proof.failed = True
    return proof


def _bytes(asset: Asset) -> str:
    """CID, leaves, size, and the sha256 of the plain bytes, all from what is stored."""
    tree, plain = CidBuilder(PROFILES[asset.profile]), hashlib.sha256()
    try:
        cipher = stream(key_secret(asset.key), bytes(asset.nonce or b"")) if asset.key else None
        for piece in _pieces(asset.storage_name):
            tree.update(piece)
            plain.update(cipher.update(piece) if cipher else piece)
    except OSError as error:
        return f"unreadable: {type(error).__name__}"
    except ApplicationError as error:
        return f"undecipherable: {error.code}"
    found = {
        "CID": str(tree.cid()) == asset.cid,
        "leaves": tree.leaves == bytes(asset.leaves),
        "size": tree.size == asset.size,
        "sha256": plain.hexdigest() == asset.sha256,
    }
    wrong = [name for name, right in found.items() if not right]
    return f"wrong: {', '.join(wrong)}" if wrong else "right"


def _pieces(name: str) -> Iterator[bytes]:
    with default_storage.open(name) as file:
        while piece := file.read(PIECE):
            yield piece
