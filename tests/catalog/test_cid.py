"""Content identifiers equal those of Kubo, js-ipfs and ipfs-unixfs-importer."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ipfs.cid import CHUNK, WIDTH, CidBuilder, CidInvalid, cid_of, parse

# Files of one generator, in this order, drawn in pieces of at most 1 MiB.
VECTORS = {
    0: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    100: "bafkreich4o5se2au5wnkm23rkzj5kkseh33yk3d2aw36i4yasfbt2itr3m",
    262_144: "bafkreic5d2h72dlx34qz4hkrsxkj47n5ukrj6oj4m5ttarv6ji2udbg56e",
    262_145: "bafybeih5s2lzad3vvlqwtfcox5zrzjx3jmwu3i4opaeymycnesoebeqg5e",
    5_000_000: "bafybeighwnlejourhm4s7tvq3cgqc5qiuh7qfx27issarqxsnhdkeiscba",
    60_000_000: "bafybeigfmfeq6mrb5fw6phcq6lz6pqgfmna4i6lwfa6s3xzrjrxwj7vi6q",
}


def _pieces(source: random.Random, size: int) -> Iterator[bytes]:
    while size:
        piece = min(size, 1 << 20)
        yield source.randbytes(piece)
        size -= piece


def test_vectors_of_every_tree_depth_match() -> None:
    source = random.Random(42)
    assert {size: str(cid_of(_pieces(source, size))) for size in VECTORS} == VECTORS


@given(st.lists(st.binary(max_size=70_000), max_size=12))
def test_identifier_does_not_depend_on_how_the_bytes_arrive(pieces: list[bytes]) -> None:
    assert cid_of(pieces) == cid_of([b"".join(pieces)])


def test_a_full_node_of_links_is_not_wrapped_once_more() -> None:
    builder = CidBuilder()
    for _ in range(WIDTH):
        builder.update(bytes(CHUNK))
    full = builder.cid()
    taller = CidBuilder()
    for _ in range(WIDTH):
        taller.update(bytes(CHUNK))
    taller.update(b"x")
    assert len(builder._levels) == 2
    assert full != taller.cid()
    assert len(taller._levels) == 3


@pytest.mark.parametrize("text", list(VECTORS.values()))
def test_text_form_reads_back(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bafkqaaa",  # identity hash
        "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",  # CIDv0
        VECTORS[100].upper(),
        VECTORS[100][:-1],
        VECTORS[100][:-1] + "n",  # the same bits, another spelling
        VECTORS[100][:-1] + "1",
        "../../etc/passwd",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(CidInvalid):
        parse(text)
