"""The body of a request as it arrives: by length or in chunks, and the parts of a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

PIECE: Final = 65_536
HEADERS_MOST: Final = 16_384


class BodyInvalid(ValueError):
    """It is cut short, too long, or no form."""


@dataclass
class Part:
    """One field of a form. pieces: its bytes; they have to be used before the next part."""

    name: str
    filename: str | None
    pieces: Iterator[bytes]

    def text(self, most: int = 10_000) -> str:
        found = b"".join(self.pieces)
        if len(found) > most:
            raise BodyInvalid(f"{self.name} is too long")
        return found.decode()


class Body:
    """source: the connection's reader, at the first byte of the body."""

    def __init__(self, source: Any, headers: Mapping[str, str]) -> None:
        self._source = source
        self._kind = headers.get("Content-Type") or ""
        self._chunked = "chunked" in (headers.get("Transfer-Encoding") or "").lower()
        self._pieces = self._chunks() if self._chunked else self._counted(headers)
        self._ended = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            raise StopIteration
        return piece

    def all(self, most: int) -> bytes:
        found = bytearray()
        for piece in self:
            found += piece
            if len(found) > most:
                raise BodyInvalid("too long")
        return bytes(found)

    def drain(self, most: int = 1 << 20) -> bool:
        """Read what is left of it; False when that is too much to wait for."""
        read = 0
        for piece in self:
            read += len(piece)
            if read > most:
                return False
        return True

    def _counted(self, headers: Mapping[str, str]) -> Iterator[bytes]:
        left = int(headers.get("Content-Length") or 0)
        while left:
            piece = self._source.read(min(PIECE, left))
            if not piece:
                raise BodyInvalid("cut short")
            left -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while length := int(self._source.readline(100).split(b";")[0] or b"0", 16):
            piece = self._source.read(length)
            if len(piece) != length:
                raise BodyInvalid("cut short")
            self._source.readline(10)
            yield piece
        while self._source.readline(1000).strip():
            pass

    def parts(self) -> Iterator[Part]:
        """The parts of multipart/form-data. Raises BodyInvalid."""
        found = re.search(r'multipart/form-data;.*boundary="?([^";]+)', self._kind)
        if not found:
            raise BodyInvalid("no form")
        form = _Form(self, found[1].encode())
        while form.next_part():
            yield form.part()


class _Form:
    """RFC 7578, read as it comes: never more than a piece is held."""

    def __init__(self, pieces: Iterator[bytes], boundary: bytes) -> None:
        self._source = pieces
        self._held = bytearray(b"\r\n")
        self._edge = b"\r\n--" + boundary

    def next_part(self) -> bool:
        """Go to the next part; False at the end of the form."""
        for _ in self._until_edge():
            pass
        while len(self._held) < len(self._edge) + 2:
            self._more()
        mark = bytes(self._held[len(self._edge) : len(self._edge) + 2])
        del self._held[: len(self._edge) + 2]
        if mark not in {b"\r\n", b"--"}:
            raise BodyInvalid("no edge of a part")
        return mark == b"\r\n"

    def part(self) -> Part:
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            if len(self._held) > HEADERS_MOST:
                raise BodyInvalid("a part's headers are too long")
            self._more()
        headers = self._held[:end].decode("utf-8", "replace")
        del self._held[: end + 4]
        name = re.search(r'[; ]name="([^"]*)"', headers)
        file = re.search(r'filename="([^"]*)"', headers)
        if not name:
            raise BodyInvalid("a part without a name")
        return Part(name[1], file[1] if file else None, self._until_edge())

    def _until_edge(self) -> Iterator[bytes]:
        while (at := self._held.find(self._edge)) < 0:
            safe = len(self._held) - len(self._edge)
            if safe > 0:
                yield bytes(self._held[:safe])
                del self._held[:safe]
            self._more()
        if at:
            yield bytes(self._held[:at])
            del self._held[:at]

    def _more(self) -> None:
        piece = next(self._source, None)
        if piece is None:
            raise BodyInvalid("a form that does not end")
        self._held += piece
