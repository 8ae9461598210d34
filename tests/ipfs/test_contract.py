"""What we rely on at a node: the same for our local one, js-ipfs and Kubo (`make test-ipfs`)."""

from __future__ import annotations

import io
import json
import random
import uuid
from collections.abc import Iterator

import httpx2
import pytest

from core.ipfs import car
from core.ipfs.cid import CHUNK, CLASSIC, CidBuilder, parse_any
from core.ipfs.dag import Layout, resolve, verify
from core.ipfs.pinning import Content, State
from tests.ipfs.conftest import WIRE, Node

TWO_LEVELS = 174 * CHUNK + 1


def made(size: int) -> tuple[bytes, Layout]:
    """Bytes that no node has seen, and their tree."""
    seed = uuid.uuid4().int
    data = random.Random(seed).randbytes(min(size, 3_000_000))
    data = (data * (size // max(1, len(data)) + 1))[:size]
    builder = CidBuilder()
    builder.update(data)
    builder.cid()
    return data, Layout(size, builder.leaves)


def content(data: bytes, layout: Layout) -> Content:
    return Content(layout.root, len(data), CLASSIC, "a file", lambda: io.BytesIO(data))


def call(node: Node, command: str, **options: object) -> httpx2.Response:
    params = {name: str(value) for name, value in options.items()}
    return WIRE.post(f"{node.kubo.url}/api/v0/{command}", params=params, timeout=20)


@pytest.mark.parametrize("size", [0, 1, 100, CHUNK, CHUNK + 1, 5_000_000, TWO_LEVELS])
def test_the_node_gives_a_file_the_name_that_we_give_it(node: Node, size: int) -> None:
    data, layout = made(size)
    assert node.kubo.add(content(data, layout)).state is State.PINNED
    assert node.kubo.state(layout.root, "").state is State.PINNED
    assert node.kubo.holds(layout.root)


def test_adding_twice_and_removing_twice_are_no_errors(node: Node) -> None:
    data, layout = made(1000)
    for _ in range(2):
        assert node.kubo.add(content(data, layout)).state is State.PINNED
    for _ in range(2):
        node.kubo.remove(layout.root, "")
        assert node.kubo.state(layout.root, "").state is State.ABSENT
    assert not node.kubo.holds(layout.root)


def test_a_file_is_proved_block_by_block_from_its_name_alone(node: Node) -> None:
    data, layout = made(3 * CHUNK + 7)
    node.kubo.add(content(data, layout))
    found = resolve(layout.root, node.kubo.block)
    assert (found.size, found.leaves) == (len(data), layout.leaves)
    for number in found.covering(CHUNK, 2 * CHUNK):
        verify(found.leaf(number), node.kubo.block(found.leaf(number)))


def test_an_exported_file_is_the_car_that_we_would_write(node: Node) -> None:
    data, layout = made(2 * CHUNK + 1)
    node.kubo.add(content(data, layout))
    response = call(node, "dag/export", arg=layout.root)
    blocks = dict(car.read([response.content], layout.root))
    assert b"".join(blocks[layout.leaf(n)] for n in range(layout.count)) == data


def test_the_node_takes_a_car_of_ours(node: Node) -> None:
    data, layout = made(2 * CHUNK + 1)
    stream = b"".join(car.write(layout, lambda: io.BytesIO(data)))
    response = WIRE.post(
        f"{node.kubo.url}/api/v0/dag/import",
        params={"pin-roots": "true"},
        files={"file": ("one.car", stream, "application/octet-stream")},
        timeout=20,
    )
    assert response.status_code == 200, response.text
    line = next(one for one in response.text.splitlines() if "Root" in one)
    assert parse_any(json.loads(line)["Root"]["Cid"]["/"]) == layout.root
    assert node.kubo.holds(layout.root)


def test_the_node_says_its_version_and_how_full_it_is(node: Node) -> None:
    assert node.kubo.version()
    assert int(call(node, "repo/stat").json()["RepoSize"]) >= 0
    data, layout = made(500)
    node.kubo.add(content(data, layout))
    found = call(node, "block/stat", arg=layout.root).json()
    assert (parse_any(found["Key"]), found["Size"]) == (layout.root, 500)


@pytest.fixture
def gateway(node: Node) -> Iterator[httpx2.Client]:
    if not node.gateway:
        pytest.skip("CONTRACT_IPFS_GATEWAY names none")
    with httpx2.Client(base_url=node.gateway, timeout=20, trust_env=False) as client:
        yield client


def test_the_gateway_gives_the_file_and_any_part_of_it(node: Node, gateway: httpx2.Client) -> None:
    data, layout = made(2 * CHUNK + 9)
    node.kubo.add(content(data, layout))
    path = f"/ipfs/{layout.root}"
    whole = gateway.get(path)
    assert (whole.status_code, whole.content) == (200, data)
    assert str(layout.root) in whole.headers["Etag"]
    assert "immutable" in whole.headers["Cache-Control"]
    part = gateway.get(path, headers={"Range": f"bytes={CHUNK - 5}-{CHUNK + 5}"})
    assert (part.status_code, part.content) == (206, data[CHUNK - 5 : CHUNK + 6])
    assert part.headers["Content-Range"] == f"bytes {CHUNK - 5}-{CHUNK + 5}/{len(data)}"
    tail = gateway.get(path, headers={"Range": "bytes=-3"})
    assert tail.content == data[-3:]
