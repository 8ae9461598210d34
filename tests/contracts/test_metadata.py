"""TEP-64: what wallets and indexers will read."""

from __future__ import annotations

import hashlib

import pytest
from pytoniq_core import Cell, Slice

from contracts import metadata
from contracts.cells import read_recipient_list, recipient_list
from contracts.errors import MalformedCell, code_of, explain
from deploy.local.ton.sandbox import START
from tests.contracts.world import CONTENT, Shop, crowd


def walk(cell: Cell, length: int, path: str = "") -> dict[str, Slice]:
    """Read a HashmapE's tree bit by bit: independent of the wrappers and of pytoniq's parser."""
    bits = cell.bits.to01()
    if bits[0] == "0":
        size = bits.index("0", 1) - 1
        label, rest = bits[2 + size : 2 + 2 * size], bits[2 + 2 * size :]
    else:
        width = length.bit_length()
        long = bits[1] == "0"
        start = 2 if long else 3
        size = int(bits[start : start + width] or "0", 2)
        label = bits[start + width :][:size] if long else bits[2] * size
        rest = bits[start + width + (size if long else 0) :]
    path += label
    left = length - size
    if left == 0:
        value = cell.begin_parse()
        value.skip_bits(len(bits) - len(rest))
        return {path: value}
    found = walk(cell.refs[0], left - 1, path + "0")
    return found | walk(cell.refs[1], left - 1, path + "1")


def text_of(value: Slice) -> str:
    data = b""
    cell: Cell | None = value.load_ref()
    while cell is not None:
        data += cell.bits.tobytes()
        cell = cell.refs[0] if cell.refs else None
    assert data[0] == 0
    return data[1:].decode()


def content_of(shop: Shop, index: int) -> Cell:
    found = shop.sandbox.get(shop.collection, "get_nft_content", index, Cell.empty())[0]
    assert isinstance(found, Cell)
    return found


def test_an_independent_parser_reads_the_same_keys(shop: Shop) -> None:
    cell = content_of(shop, 11)
    assert cell.bits.to01() == "00000000" + "1"
    table = {int(path, 2): text_of(value) for path, value in walk(cell.refs[0], 256).items()}
    names = ("uri", "name", "image", "description", "master_sha256", "master_cid")
    keys = {int(hashlib.sha256(name.encode()).hexdigest(), 16): name for name in names}
    assert {keys[key]: text for key, text in table.items()} == metadata.parse(cell).values
    assert table[metadata.key_of("name")] == "Midnight Bus #12 of 500"


@pytest.mark.parametrize("index", [0, 8, 9, 99, 4_294_967_290])
def test_an_edition_is_named_by_its_number(shop: Shop, index: int) -> None:
    name = metadata.parse(content_of(shop, index)).values["name"]
    assert name == f"Midnight Bus #{index + 1} of 500"


def test_an_open_edition_names_no_total() -> None:
    shop = Shop(max_supply=0, hub_quota=0, ends_at=START + 9)
    assert metadata.parse(content_of(shop, 11)).values["name"] == "Midnight Bus #12"


def test_a_collection_describes_itself_off_chain(shop: Shop) -> None:
    cell = shop.sandbox.get(shop.collection, "get_collection_data")[1]
    assert metadata.parse(cell).uri.startswith("ipfs://")
    assert cell == CONTENT.refs[0]


def test_the_longest_title_still_gives_a_name() -> None:
    edition = metadata.EditionContent("t" * metadata.MAX_TITLE_BYTES, "ipfs://r", "ipfs://i")
    shop = Shop(content=metadata.release_content("ipfs://c", edition))
    name = metadata.parse(content_of(shop, 4_294_967_290)).values["name"]
    assert name == "t" * 100 + " #4294967291 of 500"


def test_a_title_too_long_or_missing_is_refused() -> None:
    for title in ("", "t" * 101, "ü" * 51):
        with pytest.raises(ValueError, match="title"):
            metadata.EditionContent(title, "ipfs://r", "ipfs://i").validate()
    with pytest.raises(ValueError, match="uri"):
        metadata.EditionContent("t", "", "ipfs://i").validate()


@pytest.mark.parametrize("length", [0, 1, 126, 127, 128, 1000])
def test_texts_of_any_length_come_back(length: int) -> None:
    data = bytes(range(256)) * 4
    assert metadata.read_snake(metadata.snake(data[:length])) == data[:length]


def test_unknown_layouts_are_malformed() -> None:
    for broken in (Cell.empty(), metadata.snake(b"\x07what"), metadata.snake(b"\x00")):
        with pytest.raises(MalformedCell):
            metadata.parse(broken)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_a_list_of_recipients_comes_back(count: int) -> None:
    assert read_recipient_list(recipient_list(crowd(count))) == crowd(count)


def test_every_error_has_a_sentence() -> None:
    assert (
        explain(450) == "the value does not cover price and fees: attach what get_mint_cost returns"
    )
    assert explain(13).startswith("out of gas")
    assert explain(12_345) == "unknown code 12345"
    assert code_of("paused") == 460
    with pytest.raises(KeyError):
        code_of("no such error")
