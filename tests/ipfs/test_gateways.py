"""The local gateways: what the specification says, and every way in which they can be broken."""

from __future__ import annotations

import io
import time

import httpx2
import pytest

from core.ipfs import car
from core.ipfs.cid import CHUNK, Cid, cid_of
from core.ipfs.dag import Layout, resolve
from deploy.local.ipfs.face import Face
from deploy.local.ipfs.network import Network
from tests.ipfs.conftest import WIRE
from tests.ipfs.test_contract import made


@pytest.fixture
def file(network: Network) -> tuple[bytes, Layout]:
    data, layout = made(5 * CHUNK + 11)
    network.node.blocks.add([data])
    return data, layout


def get(face: Face, cid: object, query: str = "", **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WIRE.get(f"{face.url}/ipfs/{cid}{query}", headers=named, timeout=5)


def test_single_blocks_prove_themselves(network: Network, file: tuple[bytes, Layout]) -> None:
    data, layout = file

    def block(cid: Cid) -> bytes:
        answer = get(network.own, cid, "?format=raw", Accept="application/vnd.ipld.raw")
        assert answer.headers["Content-Type"] == "application/vnd.ipld.raw"
        return answer.content

    found = resolve(layout.root, block)
    assert b"".join(block(found.leaf(n)) for n in range(found.count)) == data
    accepted = get(network.own, layout.leaf(0), Accept="application/vnd.ipld.raw")
    assert accepted.content == data[:CHUNK]


def test_a_car_holds_all_or_just_what_proves_a_range(
    network: Network, file: tuple[bytes, Layout]
) -> None:
    data, layout = file
    whole = get(network.backup, layout.root, "?format=car")
    assert whole.headers["Content-Type"].startswith(car.CONTENT_TYPE)
    blocks = dict(car.read([whole.content], layout.root))
    assert b"".join(blocks[layout.leaf(n)] for n in range(layout.count)) == data
    part = get(network.backup, layout.root, f"?format=car&entity-bytes={CHUNK}:{CHUNK + 1}")
    cids = [cid for cid, _ in car.read([part.content], layout.root, whole=False)]
    assert cids == [layout.root, layout.leaf(1)]


def test_probe_unknown_and_uncached(network: Network) -> None:
    absent = cid_of([b"nobody has this"])
    for face in (network.own, network.backup, network.legacy):
        probe = get(face, "bafkqaaa", "?format=raw")
        assert (probe.status_code, probe.content) == (200, b"")
        assert get(face, absent).status_code == 404
        assert get(face, "bafy").status_code == 400
    answer = get(network.own, absent, "?format=raw", Cache_Control="only-if-cached")
    assert answer.status_code == 412


def test_the_old_gateway_gives_the_file_whatever_format_is_asked_for(
    network: Network, file: tuple[bytes, Layout]
) -> None:
    data, layout = file
    answer = get(network.legacy, layout.root, "?format=raw", Accept="application/vnd.ipld.raw")
    assert (answer.content, answer.headers["Content-Type"]) == (data, "application/octet-stream")


def test_ranges_of_a_file(network: Network, file: tuple[bytes, Layout]) -> None:
    data, layout = file
    size = len(data)
    for asked, expected in {
        "bytes=0-1": data[:2],
        f"bytes={CHUNK - 1}-{CHUNK}": data[CHUNK - 1 : CHUNK + 1],
        f"bytes={size - 2}-{size + 9}": data[-2:],
        "bytes=-4": data[-4:],
    }.items():
        answer = get(network.own, layout.root, Range=asked)
        assert (answer.status_code, answer.content) == (206, expected)
    beyond = get(network.own, layout.root, Range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    etag = get(network.own, layout.root).headers["Etag"]
    assert get(network.own, layout.root, If_None_Match=etag).status_code == 304


@pytest.mark.parametrize(
    ("fault", "status"), [("too_many", 429), ("unavailable", 503), ("missing", 404)]
)
def test_a_fault_happens_as_often_as_was_said(
    network: Network, file: tuple[bytes, Layout], fault: str, status: int
) -> None:
    _data, layout = file
    WIRE.post(f"{network.own.url}/_sandbox/faults", json={fault: 1})
    assert get(network.own, layout.leaf(0), "?format=raw").status_code == status
    assert get(network.own, layout.leaf(0), "?format=raw").status_code == 200
    assert get(network.backup, layout.leaf(0), "?format=raw").status_code == 200


def test_spoilt_bytes_are_noticed(network: Network, file: tuple[bytes, Layout]) -> None:
    _data, layout = file
    for fault in ("flip", "truncate"):
        WIRE.post(f"{network.own.url}/_sandbox/faults", json={fault: True})
        with pytest.raises(car.CarInvalid):
            list(car.read([get(network.own, layout.root, "?format=car").content], layout.root))
        block = get(network.own, layout.leaf(0), "?format=raw").content
        assert cid_of([block]) != layout.leaf(0)
    network.own.faults = type(network.own.faults)(wrong_type=1)
    assert get(network.own, layout.leaf(0), "?format=raw").headers["Content-Type"] == "text/html"


def test_a_gateway_that_hangs_is_slow_or_refuses(
    network: Network, file: tuple[bytes, Layout]
) -> None:
    _data, layout = file
    faults = f"{network.own.url}/_sandbox/faults"
    WIRE.post(faults, json={"hang": 1, "hang_seconds": 3})
    with pytest.raises(httpx2.TimeoutException):
        WIRE.get(f"{network.own.url}/ipfs/{layout.leaf(0)}", timeout=0.2)
    WIRE.post(faults, json={"slow": 1, "slow_seconds": 0.3})
    began = time.monotonic()
    assert get(network.own, layout.leaf(0)).status_code == 200
    assert time.monotonic() - began >= 0.3
    WIRE.post(faults, json={"refuse": 1})
    with pytest.raises(httpx2.TransportError):
        get(network.own, layout.leaf(0))
    assert WIRE.post(faults, json={"no such": 1}).status_code == 400


def test_garbage_collection_takes_only_what_nobody_pins(network: Network) -> None:
    kept, loose = made(CHUNK + 1)[0], made(CHUNK + 2)[0]
    store = network.node.blocks
    for root in list(store.pins()):
        store.unpin(root)
    store.pin(root := store.add([kept]))
    other = store.add([loose])
    WIRE.post(f"{network.node.url}/api/v0/repo/gc")
    assert store.has(root)
    assert not store.has(other)
    assert b"".join(store.bytes_of(root, 0, len(kept) - 1)) == io.BytesIO(kept).read()
