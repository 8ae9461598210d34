"""The one door through which bytes become assets."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import IO, Any, Final

from django.core.files.base import File
from django.core.files.storage import default_storage

from catalog.media.cipher import nonce_of, stream
from catalog.media.models import AccessKey, Asset
from catalog.media.services.keys import key_secret
from core.errors import ApplicationError
from core.ipfs.cid import CHUNK, CidBuilder

CONTENT_TYPES: Final = {
    Asset.Kind.MASTER: frozenset({"audio/flac", "audio/wav", "audio/aiff", "audio/mpeg"}),
    Asset.Kind.STREAM: frozenset({"audio/mp4", "audio/ogg"}),
    Asset.Kind.PREVIEW: frozenset({"audio/mpeg", "audio/mp4"}),
    Asset.Kind.CLIP: frozenset({"video/mp4"}),
    Asset.Kind.COVER: frozenset({"image/jpeg"}),
    Asset.Kind.PICTURE: frozenset({"image/jpeg", "image/webp", "image/avif"}),
    Asset.Kind.METADATA: frozenset({"application/json"}),
}


def asset_store(
    *,
    kind: Asset.Kind,
    data: IO[bytes],
    content_type: str,
    key: AccessKey | None = None,
    width: int | None = None,
    height: int | None = None,
) -> Asset:
    """Store a seekable file; the asset of the same CID when its bytes are known already.

    With `key` it is for holders only, and what is stored is encrypted. The row is written after
    the bytes, so an asset never lacks them. Errors: content_type_refused (415),
    asset_access_conflict (409: the same bytes are already public, or only for holders).
    """
    if content_type not in CONTENT_TYPES[kind]:
        raise ApplicationError(
            "content_type_refused", detail=f"{content_type} cannot be a {kind}.", status=415
        )
    sha256 = _digest(data)
    access = Asset.Access.HOLDERS if key else Asset.Access.OPEN
    if Asset.objects.filter(sha256=sha256).exclude(access=access).exists():
        raise ApplicationError(
            "asset_access_conflict",
            detail="These bytes are already stored under another access.",
            status=409,
        )
    nonce = nonce_of(secret := key_secret(key), bytes.fromhex(sha256)) if key else None
    with _as_stored(data, secret, nonce) if nonce else nullcontext(data) as stored:
        return _store(
            stored,
            kind=kind,
            access=access,
            key=key,
            nonce=nonce,
            sha256=sha256,
            content_type=content_type,
            width=width,
            height=height,
        )


def _store(data: IO[bytes], **fields: Any) -> Asset:
    tree = CidBuilder()
    for piece in _pieces(data):
        tree.update(piece)
    cid = str(tree.cid())
    if known := Asset.objects.filter(cid=cid).first():
        return known
    data.seek(0)
    name = default_storage.save(f"assets/{cid[-2:]}/{cid}", File(data))
    described = {**fields, "size": tree.size, "leaves": tree.leaves, "storage_name": name}
    asset, created = Asset.objects.get_or_create(cid=cid, defaults=described)
    if not created:  # another process stored the same bytes meanwhile
        default_storage.delete(name)
    return asset


def _digest(data: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(data):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(data: IO[bytes]) -> Iterator[bytes]:
    data.seek(0)
    while piece := data.read(CHUNK):
        yield piece


@contextmanager
def _as_stored(data: IO[bytes], secret: bytes, nonce: bytes) -> Iterator[IO[bytes]]:
    """The encrypted bytes as a file on disk."""
    with tempfile.TemporaryFile() as file:
        cipher = stream(secret, nonce)
        for piece in _pieces(data):
            file.write(cipher.update(piece))
        yield file
